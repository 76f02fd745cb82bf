// Files of a folder that is named as an input: all captures and logs in it and below, in the order of their paths. Reads no file.

import { EXIT } from '../exits.ts';
import { Failure, fileFailure, nameOf, wrongUsage } from '../failure.ts';
import type { FileFacts, Io } from '../io.ts';

/** Folders in folders that are gone into; sensors keep a folder a day, some in one a month. */
const DEPTH_MAX = 4;
/** Files of one folder; two years of hourly logs of three kinds are 52,560. */
const FILES_MAX = 100_000;

/** The files of a folder, or null where the path is no folder. Names that begin with a dot are left out. */
export async function filesIn(io: Io, path: string): Promise<readonly string[] | null> {
  if ((await factsOf(io, path)).kind !== 'directory') return null;
  const files: string[] = [];
  await collect(io, path, { files, depth: 1, top: path });
  if (files.length === 0) throw noFiles(path);
  return files;
}

/** Whether one of the paths is a folder. What cannot be looked at is none: reading it says why. */
export async function hasFolder(io: Io, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const facts = await io.stat(path).catch(() => null);
    if (facts?.kind === 'directory') return true;
  }
  return false;
}

interface Collecting {
  readonly files: string[];
  readonly depth: number;
  readonly top: string;
}

async function collect(io: Io, path: string, { files, depth, top }: Collecting): Promise<void> {
  const names = (await listed(io, path)).filter((name) => !name.startsWith('.'));
  for (const name of [...names].sort()) {
    const inner = path.endsWith('/') ? `${path}${name}` : `${path}/${name}`;
    const { kind } = await factsOf(io, inner);
    if (kind === 'directory' && depth < DEPTH_MAX) await collect(io, inner, { files, depth: depth + 1, top });
    if (kind === 'file') files.push(inner);
    if (files.length > FILES_MAX)
      throw wrongUsage(
        `${nameOf(top)} holds more than ${FILES_MAX} files`,
        'name a folder in it, or the files themselves',
      );
  }
}

async function factsOf(io: Io, path: string): Promise<FileFacts> {
  try {
    return await io.stat(path);
  } catch (error) {
    throw fileFailure('read', path, error);
  }
}

async function listed(io: Io, path: string): Promise<readonly string[]> {
  try {
    return await io.list(path);
  } catch (error) {
    throw fileFailure('read', path, error);
  }
}

/** Also where files are there and none of them is read. */
export function noFiles(path: string): Failure {
  return new Failure({
    code: 'PICKET-I002',
    exit: EXIT.wrongUsage,
    message: `cannot read ${nameOf(path)}: it is a directory that holds no capture and no log that is known`,
    help: 'see "picket explain PICKET-I005" for the formats that are read',
  });
}
