// Result files of a command: refused beforehand where they cannot be written, then written whole or not at all.

import type { Desk } from './context.ts';
import { fileFailure, nameOf, wrongUsage } from './failure.ts';
import type { FileFacts, Io } from './io.ts';

/** Refuses outputs that are bound to fail, that are one of the inputs, or one file twice; before any work is done. */
export async function checkOutputs(
  io: Io,
  outputs: readonly (string | undefined)[],
  inputs: readonly string[],
): Promise<void> {
  const taken = new Map<string, string>();
  for (const input of inputs) await take(io, taken, { path: input, as: 'an input' });
  for (const path of outputs) {
    if (path === undefined || path === '-') continue;
    try {
      await io.checkWritable(path);
    } catch (error) {
      throw fileFailure('write', path, error);
    }
    const before = await take(io, taken, { path, as: 'an output' });
    if (before !== undefined)
      throw wrongUsage(`cannot write ${nameOf(path)}: it is ${before} too; nothing was written`);
  }
}

/** Notes what a path is used as; returns what the same file is used as already. */
async function take(
  io: Io,
  taken: Map<string, string>,
  { path, as }: { readonly path: string; readonly as: string },
): Promise<string | undefined> {
  const facts = await factsOf(io, path);
  // Devices such as /dev/null serve any number of uses.
  const key = facts?.kind === 'stream' ? null : (facts?.identity ?? path);
  if (key === null) return undefined;
  const before = taken.get(key);
  taken.set(key, as);
  return before;
}

/** Null where nothing can be told: a missing input has its own failure, later. */
async function factsOf(io: Io, path: string): Promise<FileFacts | null> {
  try {
    return await io.stat(path);
  } catch {
    // Nothing is lost: whoever reads or writes the path meets the same trouble and tells it.
    return null;
  }
}

export async function writeOut({ io, paper }: Desk, path: string, text: string): Promise<void> {
  if (path === '-') {
    paper.exact(text);
    return;
  }
  try {
    await io.writeWhole(path, text);
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}

/** Pieces go to disk as they come. Where they break off, that is what is told, and no file is written. */
export async function writePieces({ io }: Desk, path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const broken: unknown[] = [];
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces;
    } catch (error) {
      broken.push(error);
      throw error;
    }
  }
  try {
    await io.writeWhole(path, watched());
  } catch (error) {
    const [why] = broken;
    throw why ?? fileFailure('write', path, error);
  }
}
