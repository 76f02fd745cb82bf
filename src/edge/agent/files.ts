// Small files that must survive a power cut: written whole or not at all, read up to a bound. Not a database.

import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { keepWhole, makeOwnFolder } from '#link';
import { AgentError } from './trouble.ts';

/** A policy of 4 MiB, written as JSON with escapes, and room. */
const FILE_BYTES_MAX = 32 * 1_024 * 1_024;

/** Makes the folder and its parents where they are missing. */
export function makeFolder(path: string): void {
  tried('make', path, () => makeOwnFolder(path));
}

/** INVARIANT: after this returns the new text is on the disk; before, the old one is. */
export function writeWhole(path: string, text: string): void {
  tried('write', path, () => keepWhole(path, text));
}

/** The text of a file, or null where there is none. */
export function readWhole(path: string): string | null {
  return tried('read', path, () => {
    try {
      const text = readFileSync(path, 'utf8');
      if (text.length > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`);
      return text;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  });
}

export function removeFile(path: string): void {
  tried('remove', path, () => rmSync(path, { force: true }));
}

/** The first bytes of a file of the kernel's, or null where it cannot be read (its process is gone, or is somebody else's). */
export function peek(path: string, bytesMax: number): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const buffer = Buffer.alloc(bytesMax);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytesMax; length += read)
      read = readSync(file, buffer, length, bytesMax - length, null);
    return buffer.toString('utf8', 0, length);
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

function tried<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^[A-Z]+: /, '') : String(error);
    throw new AgentError({
      code: 'PICKET-G032',
      message: `cannot ${action} "${path}": ${why}`,
      help: 'the state directory must be on a disk with room that root may write to',
    });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
