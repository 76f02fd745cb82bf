// Reads a file of /proc up to a bound: such files have no size before they are read, and some grow with everything that is connected.

import { open } from 'node:fs/promises';

export interface CappedText {
  readonly text: string;
  readonly isCut: boolean;
}

const CHUNK_BYTES = 65_536;

/** The file's text up to `bytesMax`; empty where it cannot be read. */
export async function cappedText(path: string, bytesMax: number): Promise<CappedText> {
  try {
    const file = await open(path, 'r');
    try {
      return await readUpTo(file, bytesMax);
    } finally {
      await file.close();
    }
  } catch {
    // Not there, or not for this user: what it would have said is not known, and callers say so.
    return { text: '', isCut: false };
  }
}

interface Readable {
  read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
}

async function readUpTo(file: Readable, bytesMax: number): Promise<CappedText> {
  const pieces: string[] = [];
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let total = 0;
  while (total < bytesMax) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
    if (bytesRead === 0) return { text: pieces.join(''), isCut: false };
    pieces.push(buffer.toString('latin1', 0, bytesRead));
    total += bytesRead;
  }
  return { text: pieces.join(''), isCut: true };
}
