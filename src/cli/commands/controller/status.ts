// `picket controller status`: how the controller of this machine is. Asks its own folder, so that it answers where nobody can log on.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { JSON_FLAG } from '../parameters.ts';
import { DATA_FLAG, type PlaceFlags, runningOrFail } from './place.ts';
import { printRunning } from './print.ts';

interface Flags extends PlaceFlags {
  readonly json?: boolean;
}

export const statusCommand = buildCommand<Flags, [], PicketContext>({
  func: command(status),
  parameters: { flags: { data: DATA_FLAG, json: JSON_FLAG } },
  docs: {
    brief: 'Show how the controller of this machine is',
    fullDescription: description(
      'Shows address, domains and what is not well, each with a code and the way out. Exit code 1 where no change can be made, 6 where none runs.',
      [{ line: 'picket controller status', what: 'picket explain CODE says more' }],
    ),
  },
});

async function status(desk: Desk, flags: Flags): Promise<Exit> {
  const running = await runningOrFail(desk, flags);
  if (flags.json === true) desk.paper.line(JSON.stringify({ ...running, schema: 'picket.controller/v1' }));
  else printRunning(desk, running);
  return running.health === 'failed' ? EXIT.failed : EXIT.done;
}
