// `picket agent run`, `wait` and `stop`: the process that holds a gateway, for service managers and for `picket up`.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { runAgent, SOCKET_NAME } from '#agent';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Surroundings } from '../../doctor/checked.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { refuseUnfit, untilReady } from '../../live/begin.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG, STATE_FLAG, type StateFlags, socketOf } from '../../live/place.ts';
import { surroundingsOf } from './doctor.ts';

const runCommand = buildCommand<StateFlags, [], PicketContext>({
  func: command(run),
  parameters: { flags: { state: STATE_FLAG, socket: SOCKET_FLAG } },
  docs: {
    brief: 'Hold the gateway in this process, until told to end',
    fullDescription: description(
      'What "picket up" starts and what a service manager runs. Facts go to stderr, one line each. SIGTERM ends it and leaves the table: grants run out, denials stay.',
      [{ line: 'picket agent run', what: 'see packaging/systemd/picket.service' }],
    ),
  },
});

const waitCommand = buildCommand<PlaceFlags, [], PicketContext>({
  func: command(wait),
  parameters: { flags: { socket: SOCKET_FLAG } },
  docs: {
    brief: 'Wait until the agent holds its table',
    fullDescription: description('Ends with 0 when the table is up, and with 6 when it is not after a minute.', [
      { line: 'picket agent wait', what: 'in a script, after the service was started' },
    ]),
  },
});

const stopCommand = buildCommand<AskFlags, [], PicketContext>({
  func: command(stop),
  parameters: { flags: ASK_FLAGS },
  docs: {
    brief: 'End the agent and leave its table in the kernel',
    fullDescription: description(
      'What is denied stays denied, what was granted runs out, nothing is watched. The next "picket up" takes the table over. To take everything back: picket down.',
      [{ line: 'picket agent stop', what: 'for an update: then picket up' }],
    ),
  },
});

export const agentRoutes = buildRouteMap({
  routes: { run: runCommand, wait: waitCommand, stop: stopCommand },
  docs: { brief: 'Run, await or end the process that holds the gateway' },
});

async function run(desk: Desk, flags: StateFlags): Promise<Exit> {
  const surroundings = surroundingsOf(desk.io, flags);
  await refuseUnfit(desk, surroundings);
  return runHere(desk, surroundings);
}

/** Holds the gateway in this process until it is told to end, or the agent ends by itself. */
export async function runHere(desk: Desk, { stateFolder, socket }: Surroundings): Promise<Exit> {
  const { io } = desk;
  await answered(desk, () =>
    runAgent({
      stateDirectory: stateFolder,
      runDirectory: runFolderOf(socket),
      version: io.version,
      now: () => io.now(),
      elapsed: () => io.machine.elapsed(),
      timezone: io.machine.timezone,
      log: desk.say,
      untilTold: io.machine.untilTold(),
    }),
  );
  return EXIT.done;
}

/** An agent names its socket itself: what can be chosen is the folder. */
function runFolderOf(socket: string): string {
  const end = `/${SOCKET_NAME}`;
  if (socket.endsWith(end) && socket !== end) return socket.slice(0, -end.length);
  throw wrongUsage(`an agent cannot listen at "${socket}"`, `name a path that ends in ${end}`);
}

async function wait(desk: Desk, flags: PlaceFlags): Promise<Exit> {
  if ((await untilReady(desk, socketOf(flags), null)) !== null) return EXIT.done;
  throw new Failure({
    code: 'PICKET-A006',
    exit: EXIT.unreachable,
    message: 'the agent did not hold its table within a minute',
    help: 'see its log, and: picket doctor',
  });
}

function stop(desk: Desk, flags: AskFlags): Promise<Exit> {
  return doDeed(desk, flags, {
    plan: 'the agent ends; its table stays: denials hold, grants run out, nothing is watched',
    ask: () => agentOf(desk, flags).ask('stop', {}),
  });
}
