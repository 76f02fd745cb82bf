// A controller's state as one file, and back: its database with what lies beside it. Without asking the controller: for SQLite it has to be down. Not the form of the file.

import {
  type BackupPart,
  type BackupSummary,
  backupTo,
  checkBackup,
  keepBackup,
  openStore,
  restoreBackup,
} from '#store';
import type { Config } from './config.ts';
import { type DataFolder, dataFolder } from './folder.ts';
import { databaseUrl } from './settled.ts';

/** Of the data folder; logs of events are not state, and what says that a controller runs would be a lie. */
const FILES = ['ledger', 'authority', 'ledger-key.pem', 'controller-name'];
const PART = 'folder';

export function backupParts({ path }: DataFolder): readonly BackupPart[] {
  return [{ name: PART, folder: path, only: FILES }];
}

export async function backUpController(
  config: Config,
  { path, now }: { readonly path: string; readonly now: number },
): Promise<BackupSummary> {
  const folder = dataFolder(config.data);
  const store = await openStore({ file: folder.database, url: await databaseUrl(config), isAsFound: true });
  try {
    return await backupTo(path, { store, parts: backupParts(folder), now });
  } finally {
    await store.close();
  }
}

/** Into a data folder that is empty or not there, and a database that is empty. */
export async function restoreController(config: Config, path: string): Promise<BackupSummary> {
  const folder = dataFolder(config.data);
  const url = await databaseUrl(config);
  return restoreBackup({ path, store: { file: folder.database, url }, parts: { [PART]: folder.path } });
}

/** Only reads it. */
export function checkController(path: string): Promise<BackupSummary> {
  return checkBackup(path);
}

/** Keeps what a controller sends. */
export function receiveBackup(path: string, content: AsyncIterable<Uint8Array>): Promise<BackupSummary> {
  return keepBackup(path, content);
}
