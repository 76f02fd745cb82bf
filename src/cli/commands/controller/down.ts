// `picket controller down`: the controller of this machine is ended. Agents enforce what they have.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { endRunning } from './ending.ts';
import { DATA_FLAG, type PlaceFlags, runningOrFail } from './place.ts';

export const downCommand = buildCommand<PlaceFlags, [], PicketContext>({
  func: command(down),
  parameters: { flags: { data: DATA_FLAG } },
  docs: {
    brief: 'End the controller of this machine',
    fullDescription: description(
      'Ends it when everything that was acknowledged is on the disk. Agents go to another controller, or enforce what they have until one is back. Nothing is removed.',
      [{ line: 'picket controller down', what: 'and "picket controller up" goes on where it was' }],
    ),
  },
});

async function down(desk: Desk, flags: PlaceFlags): Promise<Exit> {
  const { pid } = await runningOrFail(desk, flags);
  await endRunning(desk, pid);
  desk.paper.line('Ended. Agents enforce what they have. Start it again: picket controller up');
  return EXIT.done;
}
