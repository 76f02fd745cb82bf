// `picket controller down`: the controller of this machine is ended. Agents enforce what they have.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { description } from '../../help.ts';
import { DATA_FLAG, folderOf, type PlaceFlags, runningAt, runningOrFail } from './place.ts';

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

/** Requests under way are given five seconds, agents two. */
const GONE_MILLIS_MAX = 30_000;
const LOOK_MILLIS = 100;

async function down(desk: Desk, flags: PlaceFlags): Promise<Exit> {
  const { machine } = desk.io;
  const { pid } = await runningOrFail(desk, flags);
  const { status } = await machine.run(['kill', '-TERM', String(pid)]);
  if (status !== 0)
    throw new Failure({
      code: 'PICKET-C808',
      exit: EXIT.notAllowed,
      message: `process ${pid} cannot be told to end; nothing was changed`,
      help: 'it belongs to another user: ask as that one, or as root',
    });
  for (let waited = 0; waited < GONE_MILLIS_MAX; waited += LOOK_MILLIS) {
    if ((await runningAt(desk, folderOf(desk, flags))) === null) {
      desk.paper.line('Ended. Agents enforce what they have. Start it again: picket controller up');
      return EXIT.done;
    }
    await machine.wait(LOOK_MILLIS);
  }
  throw new Failure({
    code: 'PICKET-C808',
    exit: EXIT.failed,
    message: `process ${pid} was told to end and has not yet`,
    help: 'see its log',
  });
}
