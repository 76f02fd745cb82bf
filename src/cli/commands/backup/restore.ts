// `picket restore`: a backup becomes a controller's state, in an empty place. Never into one that holds something.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { bytesText, counted, safeText } from '../../output/text.ts';
import { begun } from '../controller/trouble.ts';
import { BACKUP_FILE, BACKUP_FLAGS, type BackupFlags, backedConfig } from './place.ts';

interface Flags extends BackupFlags {
  readonly check?: boolean;
}

export const restoreCommand = buildCommand<Flags, [path: string], PicketContext>({
  func: command(restore),
  parameters: {
    flags: {
      ...BACKUP_FLAGS,
      check: { kind: 'boolean', optional: true, withNegated: false, brief: 'Only say whether the backup is whole' },
    },
    positional: BACKUP_FILE,
  },
  docs: {
    brief: 'Restore a controller from a backup, into an empty place',
    fullDescription: description(
      'The data folder and the database of the configuration have to be empty or not there. The backup is read whole first: one that is damaged or newer is refused, and nothing is left half done.',
      [
        { line: 'picket restore monday.picket --check', what: 'is it whole?' },
        { line: 'picket restore monday.picket --data ./empty', what: 'then: picket controller up --data ./empty' },
      ],
    ),
  },
});

async function restore(desk: Desk, flags: Flags, path: string): Promise<Exit> {
  const { checkController, restoreController } = await import('#controller');
  const file = desk.io.machine.absolute(path);
  if (flags.check === true) {
    const { rows, bytes } = await begun(() => checkController(file));
    desk.paper.line(`${safeText(path)} is whole: ${counted(rows, 'row')}, ${bytesText(bytes)} of files`);
    return EXIT.done;
  }
  const config = await backedConfig(desk, flags);
  const { rows, bytes } = await begun(() => restoreController(config, file));
  desk.paper.line(`Restored ${counted(rows, 'row')} and ${bytesText(bytes)} of files. Start it: picket controller up`);
  return EXIT.done;
}
