// `picket backup`: the state of a controller as one file. Not a copy that goes on by itself.

import { buildCommand } from '@stricli/core';
import { MILLISECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { bytesText, counted, safeText } from '../../output/text.ts';
import { begun } from '../controller/trouble.ts';
import { BACKUP_FILE, BACKUP_FLAGS, type BackupFlags, backedConfig } from './place.ts';

export const backupCommand = buildCommand<BackupFlags, [path: string], PicketContext>({
  func: command(backup),
  parameters: { flags: BACKUP_FLAGS, positional: BACKUP_FILE },
  docs: {
    brief: 'Back up a controller into one file',
    fullDescription: description(
      'Database, ledger and keys, of one moment, with a checksum. On PostgreSQL at any time; with SQLite while the controller is down. The file holds keys: keep it like them. It can be restored into either kind of database.',
      [{ line: 'picket backup monday.picket', what: 'and back: picket restore monday.picket --data ./empty' }],
    ),
  },
});

async function backup(desk: Desk, flags: BackupFlags, path: string): Promise<Exit> {
  const config = await backedConfig(desk, flags);
  const { backUpController } = await import('#controller');
  const now = Math.floor(desk.io.now() / MILLISECOND);
  const file = desk.io.machine.absolute(path);
  const { rows, bytes } = await begun(() => backUpController(config, { path: file, now }));
  desk.say(`wrote ${safeText(path)}: ${counted(rows, 'row')}, ${bytesText(bytes)} of files. It holds keys.`);
  return EXIT.done;
}
