// `picket down`: the table and every setting are taken back, and the machine is as it was before `picket up`.

import { dirname } from 'node:path';
import { buildCommand } from '@stricli/core';
import { type DoneAnswer, takeDown } from '#agent';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { description } from '../../help.ts';
import { logOf, statusOrNull, untilGone } from '../../live/begin.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf, STATE_FLAG, type StateFlags } from '../../live/place.ts';
import { besideOrNull, endBeside, isBeside } from './beside.ts';
import { surroundingsOf } from './doctor.ts';

interface Flags extends StateFlags, AskFlags {
  readonly purge?: boolean;
}

export const downCommand = buildCommand<Flags, [], PicketContext>({
  func: command(down),
  parameters: {
    flags: {
      ...ASK_FLAGS,
      purge: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Also forget policy, history and used quotas',
      },
      state: STATE_FLAG,
    },
  },
  docs: {
    brief: 'Take everything back: this machine is as it was before',
    fullDescription: description(
      'Takes the table out of the kernel, puts every setting back that "picket up" changed, and ends the agent. From then on nothing is held. The policy and its history stay on disk for the next start, unless you say --purge. Works as well where the agent was killed and left its table. (To end the agent and keep what is denied denied: picket agent stop.)',
      [
        { line: 'picket down', what: 'the rules and settings of this machine are byte for byte as before' },
        { line: 'picket down --purge --yes', what: 'and nothing is remembered' },
      ],
    ),
  },
});

async function down(desk: Desk, flags: Flags): Promise<Exit> {
  const surroundings = surroundingsOf(desk.io, flags);
  const running = await statusOrNull(desk, surroundings.socket);
  const isWithController =
    flags.purge === true
      ? await isBeside(desk, surroundings.stateFolder)
      : (await besideOrNull(desk, surroundings.stateFolder)) !== null;
  if (running === null && !isWithController && !(await isLeft(desk, surroundings.stateFolder, flags.purge === true))) {
    if (flags.json === true)
      desk.paper.line(JSON.stringify({ schema: 'picket.done/v1', message: 'nothing is up', undo: null }));
    else desk.paper.line('Nothing is up: no agent runs and no table of Picket is in the kernel.');
    return EXIT.done;
  }
  const forgets =
    flags.purge === true ? `; policy, history and used quotas in ${surroundings.stateFolder} are deleted` : '';
  return doDeed(desk, flags, {
    plan: `the table and every changed setting are taken back, so nothing is held any more${forgets}${isWithController ? controllerPlan(flags) : ''}`,
    ask: async () => {
      const done = await (running === null ? takeAway(desk, flags) : end(desk, flags));
      const more = await endBeside(desk, surroundings.stateFolder, flags.purge === true);
      return more === null ? done : { ...done, message: `${done.message}; ${more}`, undo: 'picket up --controller' };
    },
  });
}

function controllerPlan({ purge }: Flags): string {
  return purge === true
    ? '; its controller ends, and its domain with people, policy, ledger and keys is deleted for good'
    : '; its controller ends, and keeps what it knows';
}

async function end(desk: Desk, flags: Flags): Promise<DoneAnswer> {
  const { stateFolder, socket } = surroundingsOf(desk.io, flags);
  const isPurge = flags.purge === true;
  const done = await agentOf(desk, flags).ask('down', isPurge ? { isPurge } : {});
  if (!(await untilGone(desk, socket))) throw stillThere();
  await desk.io.machine.forget(isPurge ? [...logs(stateFolder), stateFolder, dirname(socket)] : [dirname(socket)]);
  return done;
}

/** What an agent that was killed, or stopped, left is taken back by its notes. */
async function takeAway(desk: Desk, flags: Flags): Promise<DoneAnswer> {
  const { stateFolder } = surroundingsOf(desk.io, flags);
  const isPurge = flags.purge === true;
  await takeDown({ stateDirectory: stateFolder, now: () => desk.io.now(), log: desk.say, isPurge });
  if (isPurge) await desk.io.machine.forget([...logs(stateFolder), stateFolder]);
  return { schema: 'picket.done/v1', message: 'everything that was left is taken back', undo: 'picket up' };
}

function logs(stateFolder: string): readonly string[] {
  return [logOf(stateFolder), `${logOf(stateFolder)}.1`];
}

async function isLeft({ io: { machine } }: Desk, stateFolder: string, isPurge: boolean): Promise<boolean> {
  const tables = await machine.run(['nft', 'list', 'tables']);
  if (/^table inet picket$/m.test(tables.stdout)) return true;
  return isPurge && (await machine.names(stateFolder)).length > 0;
}

function stillThere(): Failure {
  return new Failure({
    code: 'PICKET-A007',
    exit: EXIT.partlyDone,
    message: 'everything was taken back, but the agent still answers',
    help: 'see: picket status',
  });
}
