// `picket agent run`, `wait` and `stop`: the process that holds a gateway is run, awaited, or ended.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { description } from '../../help.ts';
import { untilReady } from '../../live/begin.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG, socketOf } from '../../live/place.ts';
import { runCommand } from './agent-run.ts';

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
