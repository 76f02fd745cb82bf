// The link's own folder: small files that are on the disk, whole, before anything rests on them; readable by root alone. Not the agent's state.

import { readFileSync, rmSync, statSync } from 'node:fs';
import { keepWhole, makeOwnFolder } from './disk.ts';
import { LinkError } from './trouble.ts';

/** The longest policy as entries, and room. */
const FILE_BYTES_MAX = 32 * 1_024 * 1_024;

export function makeFolder(path: string): void {
  tried('make', path, () => makeOwnFolder(path));
}

/** INVARIANT: after this returns the new text is on the disk; before, the old one is. */
export function writeWhole(path: string, text: string): void {
  tried('write', path, () => keepWhole(path, text));
}

/** The value in a JSON file, null where there is no file; a file that is damaged or too long is an error. */
export function readJson(path: string): unknown {
  return tried('read', path, () => {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return null;
    if (size > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`);
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return value;
  });
}

export function removeFolder(path: string): void {
  tried('remove', path, () => rmSync(path, { recursive: true, force: true }));
}

function tried<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    // What JSON.parse says quotes the text, and the text may hold a key.
    const why = error instanceof SyntaxError ? 'it is no JSON' : error instanceof Error ? error.message : 'unknown';
    throw new LinkError({
      code: 'PICKET-C663',
      message: `cannot ${action} "${path}": ${why.replace(/^[A-Z]+: /, '')}`,
      help: 'the state directory must be on a disk with room that root may write to; a damaged folder is given up with: picket leave',
    });
  }
}
