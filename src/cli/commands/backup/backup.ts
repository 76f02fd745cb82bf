// `picket backup`: the state of a controller as one file. Not a copy that goes on by itself.

import { buildCommand } from '@stricli/core';
import { MILLISECOND } from '#model';
import type { BackupSummary } from '#store';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { bytesText, counted, safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS } from '../../remote/controller.ts';
import { begun } from '../controller/trouble.ts';
import { BACKUP_FILE, BACKUP_FLAGS, type BackupFlags, backedConfig } from './place.ts';

interface Flags extends BackupFlags {
  readonly on?: string;
}

export const backupCommand = buildCommand<Flags, [path: string], PicketContext>({
  func: command(backup),
  parameters: { flags: { ...BACKUP_FLAGS, on: REMOTE_FLAGS.on }, positional: BACKUP_FILE },
  docs: {
    brief: 'Back up a controller into one file',
    fullDescription: description(
      'Database, ledger and keys, of one moment, with a checksum. With --on the controller makes it while it runs. Without, files of this machine are read: with SQLite while the controller is down, on PostgreSQL at any time. The file holds keys: keep it like them. It can be restored into either kind of database.',
      [
        { line: 'picket backup monday.picket', what: 'and back: picket restore monday.picket --data ./empty' },
        { line: 'picket backup monday.picket --on site', what: 'of a controller that runs, as its owner' },
      ],
    ),
  },
});

async function backup(desk: Desk, flags: Flags, path: string): Promise<Exit> {
  const { rows, bytes } = flags.on === undefined ? await offline(desk, flags, path) : await online(desk, flags, path);
  desk.say(`wrote ${safeText(path)}: ${counted(rows, 'row')}, ${bytesText(bytes)} of files. It holds keys.`);
  return EXIT.done;
}

async function offline(desk: Desk, flags: Flags, path: string): Promise<BackupSummary> {
  const config = await backedConfig(desk, flags);
  const { backUpController } = await import('#controller');
  const now = Math.floor(desk.io.now() / MILLISECOND);
  const file = desk.io.machine.absolute(path);
  return begun(() => backUpController(config, { path: file, now }));
}

async function online(desk: Desk, flags: Flags, path: string): Promise<BackupSummary> {
  const { client, routes } = await controllerOf(desk, flags);
  const { value } = await answeredBy(desk, client.call(routes.backup.make, {}));
  const { receiveBackup } = await import('#controller');
  return begun(() => receiveBackup(desk.io.machine.absolute(path), value.content));
}
