// Writes a result file for a command: whole or not at all, and never as if nothing had gone wrong.

import { fileFailure } from './failure.ts';
import type { Io } from './io.ts';

export async function writeOut(io: Io, path: string, text: string): Promise<void> {
  if (path === '-') {
    io.stdout.write(text);
    return;
  }
  try {
    await io.writeWhole(path, text);
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}
