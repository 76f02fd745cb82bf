// `picket status`: what the agent on this machine holds, sees and waits for.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { agentOf, SOCKET_FLAG, STATE_FLAG, type StateFlags, stateOf } from '../../live/place.ts';
import { printStatus } from '../../live/status-print.ts';
import { printRunning } from '../controller/print.ts';
import { JSON_FLAG } from '../parameters.ts';
import { besideOrNull } from './beside.ts';

interface Flags extends StateFlags {
  readonly json?: boolean;
}

export const statusCommand = buildCommand<Flags, [], PicketContext>({
  func: command(status),
  parameters: { flags: { state: STATE_FLAG, socket: SOCKET_FLAG, json: JSON_FLAG } },
  docs: {
    brief: 'Say what the gateway holds, sees and waits for',
    fullDescription: description(
      'Prints what the agent on this machine does: policy in force and who put it there, what waits for confirmation, elements by mode, services with their programs and peers, denials by reason, and what could not be seen; and the controller that was started beside it. Exit code 6 where no agent runs.',
      [
        { line: 'picket status', what: 'on one screen' },
        { line: 'picket status --json', what: 'everything, for programs' },
      ],
    ),
  },
});

async function status(desk: Desk, flags: Flags): Promise<Exit> {
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
