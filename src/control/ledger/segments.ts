// The files of a chain in their folder: names, order, lines as they stream by. Knows no record.

import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './trouble.ts';

/** Signed checkpoints of the chain, one a line. */
export const CHECKPOINTS_FILE = 'checkpoints.jsonl';
export const LOCK_FILE = 'lock';

const DIGITS = 12;
const SEGMENT_NAME = /^(\d{12})\.jsonl$/;
const LINE_END = 0x0a;
/** Large enough to keep the hash busy, small enough to hold nothing in memory. */
const CHUNK_BYTES = 256 * 1_024;
/** Read from the end of a file for its last line: twice the longest. */
const TAIL_BYTES = 128 * 1_024;

/** A file of records; its name is the number of its first one. */
export interface Segment {
  readonly path: string;
  readonly name: string;
  readonly first: number;
}

export function segmentName(first: number): string {
  return `${String(first).padStart(DIGITS, '0')}.jsonl`;
}

/** The segments of a folder in the order of their records; null where there is no such folder. */
export async function listSegments(folder: string): Promise<readonly Segment[] | null> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (names === null) return null;
  return names
    .filter((name) => SEGMENT_NAME.test(name))
    .sort()
    .map((name) => ({ path: join(folder, name), name, first: Number.parseInt(name, 10) }));
}

export interface Line {
  /** Without its end. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
  /** Byte of the file that it begins at. */
  readonly at: number;
  /** False for what stands behind the last line end. */
  readonly isEnded: boolean;
}

/** The bytes of the files of a chain as they stand, one file behind the other. */
export async function* chainBytes(folder: string): AsyncGenerator<Uint8Array> {
  for (const { path } of (await listSegments(folder)) ?? [])
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES });
}

/** The lines of a file, as `linesIn` gives them. */
export function linesOf(path: string, bytesMax: number): AsyncGenerator<readonly Line[]> {
  return linesIn(createReadStream(path, { highWaterMark: CHUNK_BYTES }), bytesMax);
}

/** The lines of bytes that stream by, a chunk's at a time. A line longer than `bytesMax` is given once, cut, and nothing after it. */
export async function* linesIn(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<readonly Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 1;
  let at = 0;
  for await (const read of chunks) {
    const chunk =
      rest.length === 0 ? Buffer.from(read.buffer, read.byteOffset, read.length) : Buffer.concat([rest, read]);
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, from)) {
      lines.push({ bytes: chunk.subarray(from, end), number: number++, at: at + from, isEnded: true });
      from = end + 1;
    }
    rest = chunk.subarray(from);
    at += from;
    if (lines.length > 0) yield lines;
    if (rest.length > bytesMax) break;
  }
  if (rest.length > 0) yield [{ bytes: rest.subarray(0, bytesMax + 1), number, at, isEnded: rest.length > bytesMax }];
}

export interface FileEnd {
  readonly bytes: number;
  /** Whole lines at the end, oldest first: as many as fit into what is read. */
  readonly lines: readonly Buffer[];
  /** What stands behind the last line end: a line that a crash cut off. */
  readonly torn: Buffer;
}

/** The end of a file; null where it is not there. */
export async function endOf(path: string): Promise<FileEnd | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const tail = buffer.subarray(0, bytesRead);
    const lines = splitLines(tail);
    const torn = tail.subarray(tail.lastIndexOf(LINE_END) + 1);
    // The first piece of a longer file may begin in the middle of a line.
    return { bytes: size, lines: size > length ? lines.slice(1) : lines, torn };
  } finally {
    await file.close();
  }
}

function splitLines(tail: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = tail.indexOf(LINE_END); end !== -1; end = tail.indexOf(LINE_END, from)) {
    lines.push(tail.subarray(from, end));
    from = end + 1;
  }
  return lines;
}
