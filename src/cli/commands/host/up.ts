// `picket up`: the agent on this machine is started, and what it sees first is shown. Blocks nothing that was not blocked before.

import { buildCommand } from '@stricli/core';
import type { StatusAnswer } from '#agent';
import { MILLISECOND, type Micros, SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { beginAgent, logOf, refuseUnfit, statusOrNull } from '../../live/begin.ts';
import { placeWords, SOCKET_FLAG, STATE_FLAG, type StateFlags, stateOf } from '../../live/place.ts';
import { fact, headline, printServices, proposalsText } from '../../live/status-print.ts';
import { counted, countText, shellWord } from '../../output/text.ts';
import { JSON_FLAG } from '../parameters.ts';
import { runHere } from './agent-run.ts';
import { surroundingsOf } from './doctor.ts';

interface Flags extends StateFlags {
  readonly foreground?: boolean;
  readonly json?: boolean;
}

export const upCommand = buildCommand<Flags, [], PicketContext>({
  func: command(up),
  parameters: {
    flags: {
      foreground: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Hold the gateway in this process, until Ctrl-C',
      },
      state: STATE_FLAG,
      socket: SOCKET_FLAG,
      json: JSON_FLAG,
    },
  },
  docs: {
    brief: 'Start watching this machine; nothing is blocked',
    fullDescription: description(
      'Starts the agent on this machine and shows what it sees: services, their peers, who else is there. On a first start it only observes: nothing is blocked until you say so. A later start puts the confirmed policy in force again. Where an agent runs already nothing happens but the showing.',
      [
        { line: 'picket up', what: 'then: picket protect ssh' },
        { line: 'picket up --state ./lab/state --socket ./lab/agent.sock', what: 'one more, beside the usual one' },
      ],
    ),
  },
});

/** The first look lasts until this long after the start, so that the whole is done in five seconds; connections that are open are seen at once. */
const SHOWN_AFTER_MILLIS = 4_000;
const LOOK_MILLIS_MIN = 300;
const LOOK_MILLIS_MAX = 1_500;

async function up(desk: Desk, flags: Flags): Promise<Exit> {
  const began = desk.io.now();
  const surroundings = surroundingsOf(desk.io, flags);
  // Who may not ask may not begin either, and the checks say that better.
  const running = await statusOrNull(desk, surroundings.socket, ['PICKET-G021']);
  if (running === null) await refuseUnfit(desk, surroundings);
  if (running === null && flags.foreground === true) return runHere(desk, surroundings);
  if (running === null) {
    await beginAgent(desk, surroundings);
    await desk.io.machine.wait(lookMillis(desk.io.now() - began));
  }
  const status = (await statusOrNull(desk, surroundings.socket)) ?? running;
  if (status === null) return EXIT.unreachable;
  if (flags.json === true) desk.paper.line(JSON.stringify(status));
  else printUp(desk, { flags, status, wasRunning: running !== null, took: desk.io.now() - began });
  return EXIT.done;
}

function lookMillis(took: Micros): number {
  const left = SHOWN_AFTER_MILLIS - took / MILLISECOND;
  return Math.min(LOOK_MILLIS_MAX, Math.max(LOOK_MILLIS_MIN, left));
}

interface Begun {
  readonly flags: StateFlags;
  readonly status: StatusAnswer;
  readonly wasRunning: boolean;
  readonly took: Micros;
}

function printUp(desk: Desk, { flags, status, wasRunning, took }: Begun): void {
  const { paper } = desk;
  const ready = wasRunning ? 'Running already.' : `Ready in ${(took / SECOND).toFixed(1)} s.`;
  const peers = new Set(status.services.flatMap(({ peers }) => peers.map(({ address }) => address))).size;
  const here = status.services.filter(({ isHere }) => isHere).length;
  paper.line(`${ready} ${headline(status)}`);
  fact(
    desk,
    'sees',
    `${counted(here, 'service')} of this host, ${counted(peers, 'peer')}, ${counted(status.flows.seen, 'flow')} so far`,
  );
  if (status.inboxCount > 0)
    fact(desk, 'new', `${countText(status.inboxCount)} who are no element: picket elements ls --new`);
  fact(desk, 'proposals', proposalsText(status));
  for (const { code, message } of status.health) fact(desk, 'ATTENTION', `${message} [${code}]`);
  printServices(desk, status.services);
  paper.line('');
  for (const [what, line] of nextSteps(status, flags)) paper.line(`${what.padEnd(STEP_WIDTH)}${line}`);
}

const STEP_WIDTH = 18;

function nextSteps(status: StatusAnswer, flags: StateFlags): readonly (readonly [string, string])[] {
  const place = placeWords(flags);
  const critical = criticalService(status);
  return [
    ['look further', `picket flows -f${place}`],
    ...(critical === null ? [] : [['the first door', `picket protect ${critical}${place}`] as const]),
    ['stop, as before', `picket down${place}${flags.state === undefined ? '' : ` --state ${shellWord(flags.state)}`}`],
    ['log', logOf(stateOf(flags))],
  ];
}

/** The door that matters most: a shell, else the service with the most peers that is not held yet. */
function criticalService({ services }: StatusAnswer): string | null {
  const open = services.filter(({ isHere, isEnforced }) => isHere && !isEnforced);
  const shell = open.find(({ port, protocol }) => port === 22 && protocol === 'tcp');
  if (shell !== undefined) return shell.service ?? 'ssh';
  const [most] = [...open].sort((one, other) => other.peerCount - one.peerCount);
  return most === undefined ? null : (most.service ?? `${most.port}/${most.protocol}`);
}
