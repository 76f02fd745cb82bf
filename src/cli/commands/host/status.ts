// `picket status`: what the agent on this machine holds, sees and waits for.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG } from '../../live/place.ts';
import { printStatus } from '../../live/status-print.ts';
import { JSON_FLAG } from '../parameters.ts';

interface Flags extends PlaceFlags {
  readonly json?: boolean;
}

export const statusCommand = buildCommand<Flags, [], PicketContext>({
  func: command(status),
  parameters: { flags: { socket: SOCKET_FLAG, json: JSON_FLAG } },
  docs: {
    brief: 'Say what the gateway holds, sees and waits for',
    fullDescription: description(
      'Prints what the agent on this machine does: policy in force and who put it there, what waits for confirmation, elements by mode, services with their programs and peers, denials by reason, and what could not be seen. Exit code 6 where no agent runs.',
      [
        { line: 'picket status', what: 'on one screen' },
        { line: 'picket status --json', what: 'everything, for programs' },
      ],
    ),
  },
});

async function status(desk: Desk, flags: Flags): Promise<Exit> {
  const answer = await answered(desk, () => agentOf(desk, flags).ask('status', {}));
  if (flags.json === true) desk.paper.line(JSON.stringify(answer));
  else printStatus(desk, answer);
  return EXIT.done;
}
