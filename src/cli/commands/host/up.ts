// `picket up`: the agent on this machine is started, and what it sees first is shown. Blocks nothing that was not blocked before.

import { buildCommand } from '@stricli/core';
import type { StatusAnswer } from '#agent';
import { MILLISECOND, type Micros, SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Surroundings } from '../../doctor/checked.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { beginAgent, logOf, refuseUnfit, statusOrNull } from '../../live/begin.ts';
import { placeWords, SOCKET_FLAG, STATE_FLAG, type StateFlags, stateOf } from '../../live/place.ts';
import { domainFacts, fact, headline, printServices, proposalsText } from '../../live/status-print.ts';
import { counted, countText, safeText, shellWord } from '../../output/text.ts';
import { CONTROLLER_FLAGS, type ControllerFlags } from '../controller/config.ts';
import { printRunning } from '../controller/print.ts';
import { JSON_FLAG } from '../parameters.ts';
import { runHere } from './agent-run.ts';
import { beginBoth } from './beside.ts';
import { surroundingsOf } from './doctor.ts';

interface Flags extends StateFlags, Omit<ControllerFlags, 'config' | 'data'> {
  readonly controller?: boolean;
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
      controller: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Also start a controller on this machine, and let the agent join it',
      },
      domain: CONTROLLER_FLAGS.domain,
      name: CONTROLLER_FLAGS.name,
      listen: CONTROLLER_FLAGS.listen,
      agents: CONTROLLER_FLAGS.agents,
      state: STATE_FLAG,
      socket: SOCKET_FLAG,
      json: JSON_FLAG,
    },
  },
  docs: {
    brief: 'Start watching this machine; nothing is blocked',
    fullDescription: description(
      'Starts the agent on this machine and shows what it sees: services, their peers, who else is there. On a first start it only observes: nothing is blocked until you say so. A later start puts the confirmed policy in force again. Where an agent runs already nothing happens but the showing. With --controller a controller of this machine begins beside it, with a domain of its own that the agent belongs to; --domain, --name, --listen and --agents are for it, and are remembered.',
      [
        { line: 'picket up', what: 'then: picket protect ssh' },
        { line: 'picket up --controller', what: 'a console, people and roles as well' },
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
  refuseMixed(flags);
  const running = await statusOrNull(desk, surroundings.socket, ['PICKET-G021']);
  if (running === null) await refuseUnfit(desk, surroundings);
  if (flags.controller === true) return upWithController(desk, { flags, surroundings, running, began });
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

/** Flags that go together only with a controller, or only without one. */
function refuseMixed({ controller, foreground, domain, name, listen, agents }: Flags): void {
  const isAlone = controller !== true;
  if (isAlone && [domain, name, listen, agents].some((value) => value !== undefined))
    throw wrongUsage('--domain, --name, --listen and --agents are for a controller', 'add --controller');
  if (!isAlone && foreground === true)
    throw wrongUsage('--foreground holds the gateway alone', 'leave --foreground or --controller out');
}

interface Going {
  readonly flags: Flags;
  readonly surroundings: Surroundings;
  readonly running: StatusAnswer | null;
  readonly began: Micros;
}

async function upWithController(desk: Desk, { flags, surroundings, running, began }: Going): Promise<Exit> {
  const { domain, name, listen, agents } = flags;
  const given = Object.entries({ domain, name, listen, agents }).filter(([, value]) => value !== undefined);
  const both = await answered(desk, () => beginBoth(desk, { surroundings, running, flags: Object.fromEntries(given) }));
  const { controller, status, firstLink, wasRunning } = both;
  if (flags.json === true) {
    const running = { ...controller, schema: 'picket.controller/v1' };
    desk.paper.line(JSON.stringify({ schema: 'picket.up/v1', agent: status, controller: running, firstLink }));
    return EXIT.done;
  }
  printUp(desk, { flags, status, wasRunning, took: desk.io.now() - began });
  desk.paper.line('');
  for (const [what, text] of domainFacts(status)) fact(desk, what, text);
  printRunning(desk, controller);
  if (firstLink !== null) desk.paper.line(`\nLog on as the first owner, within ten minutes:\n  ${safeText(firstLink)}`);
  return EXIT.done;
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
