// The data folder: made with rights for its owner alone, and what stands where in it. Not what is in the files.

import { chmod, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ControllerError, reasonText } from './trouble.ts';

export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly ledger: string;
  readonly authority: string;
  readonly ledgerKey: string;
  /** What this controller is called among its peers. */
  readonly name: string;
  readonly events: string;
  /** Written when the controller is ready, removed at its end: process, ports, address. */
  readonly running: string;
  /** The link of a first start, for the owner of the folder alone. */
  readonly firstLink: string;
  /** What the agent of this machine joins by, where it was asked for. */
  readonly ownJoin: string;
}

const MODE = 0o700;
const OTHERS_BITS = 0o077;

export function dataFolder(path: string): DataFolder {
  return {
    path,
    database: join(path, 'picket.db'),
    ledger: join(path, 'ledger'),
    authority: join(path, 'authority'),
    ledgerKey: join(path, 'ledger-key.pem'),
    name: join(path, 'controller-name'),
    events: join(path, 'events'),
    running: join(path, 'running.json'),
    firstLink: join(path, 'first-link'),
    ownJoin: join(path, 'own-join.json'),
  };
}

/** Refuses a folder that others may look into: keys are in it. */
export async function makeDataFolder(folder: DataFolder): Promise<void> {
  try {
    await mkdir(folder.path, { recursive: true, mode: MODE });
    const { mode, uid } = await stat(folder.path);
    if ((mode & OTHERS_BITS) === 0) return;
    if (uid === process.getuid?.()) return await chmod(folder.path, MODE);
  } catch (error) {
    throw unusable(folder.path, reasonText(error), error);
  }
  throw unusable(folder.path, 'it belongs to somebody else, and others may look into it', null);
}

/** Forgets what a controller kept there, for good; the folder goes where nothing else is in it. Not for one that runs. */
export async function removeData(path: string): Promise<void> {
  const { database, ...rest } = dataFolder(path);
  const names = await readdir(path).catch(() => []);
  // SQLite's own files beside the database begin with its name.
  const paths = names.map((name) => join(path, name)).filter((one) => one.startsWith(database));
  for (const one of [...paths, ...Object.values(rest)])
    if (one !== path) await rm(one, { recursive: true, force: true });
  if (names.length > 0 && (await readdir(path)).length === 0) await rmdir(path);
}

function unusable(path: string, why: string, cause: unknown): ControllerError {
  return new ControllerError({
    code: 'PICKET-C803',
    message: `cannot use the data folder "${path}": ${why}; nothing was changed`,
    help: 'make it for the user that the controller runs as, or name another one with --data',
    cause,
  });
}
