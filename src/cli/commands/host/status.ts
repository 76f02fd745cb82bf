// `picket status`: what the agent on this machine holds, sees and waits for; with a context, a domain at one look.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { agentOf, SOCKET_FLAG, STATE_FLAG, type StateFlags, stateOf } from '../../live/place.ts';
import { printStatus } from '../../live/status-print.ts';
import { changedAt } from '../../remote/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { statusAt } from '../../remote/status.ts';
import { printRunning } from '../controller/print.ts';
import { JSON_FLAG } from '../parameters.ts';
import { besideOrNull } from './beside.ts';

interface Flags extends StateFlags, RemoteFlags {
  readonly json?: boolean;
}

export const statusCommand = buildCommand<Flags, [], PicketContext>({
  func: command(status),
  parameters: { flags: { state: STATE_FLAG, socket: SOCKET_FLAG, ...REMOTE_FLAGS, json: JSON_FLAG } },
  docs: {
    brief: 'Say what the gateway, or a domain, holds, sees and waits for',
    fullDescription: description(
      'Prints what the agent on this machine does: policy in force and who put it there, what waits for confirmation, elements by mode, services with their programs and peers, denials by reason, and what could not be seen; and the controller that was started beside it. With a context, a domain at one look: how its controller is, the revision in force and what waits for confirmation until when, agents by state, open findings, quarantines and the inbox. Exit code 6 where nobody answers.',
      [
        { line: 'picket status', what: 'on one screen' },
        { line: 'picket status --on plant', what: 'the domain of a context' },
        { line: 'picket status --on local --json', what: 'the agent of this machine; everything, for programs' },
      ],
    ),
  },
});

async function status(desk: Desk, flags: Flags): Promise<Exit> {
  // A folder of an agent's state means that agent, as its socket does.
  const remote = await changedAt(desk, { ...flags, local: flags.state !== undefined });
  if (remote !== null) return statusAt(desk, flags, remote);
  const controller = await besideOrNull(desk, desk.io.machine.absolute(stateOf(flags)));
  const answer = await answered(desk, () => agentOf(desk, flags).ask('status', {})).catch((error: unknown) => {
    if (controller !== null) desk.say(`a controller runs at ${controller.url}, without its agent`);
    throw error;
  });
  if (flags.json === true)
    desk.paper.line(JSON.stringify({ ...answer, ...(controller === null ? {} : { controller }) }));
  else printStatus(desk, answer);
  if (controller !== null && flags.json !== true) {
    desk.paper.line('');
    printRunning(desk, controller);
  }
  return EXIT.done;
}
