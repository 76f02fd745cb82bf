// Reading records by their numbers, a file at a time. Checks the form and hash of each; whether they follow each other is the verification's.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LINE_BYTES_MAX, parseLine } from './line.ts';
import { type Line, linesIn, linesOf, listSegments, type Segment } from './segments.ts';
import { LedgerError, nothingThere, unreadable } from './trouble.ts';
import type { LedgerRecord } from './types.ts';

export interface ReadOptions {
  /** Number of the first record. */
  readonly from: number;
  /** Number of the last record. */
  readonly to: number;
}

/** The records of a ledger's folder, or of an exported file, from one number to another. Throws a `LedgerError` at a line that is none. */
export async function* readRecords(path: string, { from, to }: ReadOptions): AsyncGenerator<LedgerRecord> {
  for (const segment of await segmentsOf(path, { from, to })) yield* segmentRecords(segment, { from, to });
}

export interface LatestOptions extends ReadOptions {
  readonly isWanted: (record: LedgerRecord) => boolean;
  /** How many at most. */
  readonly count: number;
}

/** The newest records that are wanted, oldest first; reads no further back than it has to. */
export async function latestRecords(
  path: string,
  { isWanted, count, ...range }: LatestOptions,
): Promise<{ readonly records: readonly LedgerRecord[]; readonly isCut: boolean }> {
  let latest: LedgerRecord[] = [];
  for (const segment of (await segmentsOf(path, range)).toReversed()) {
    const found: LedgerRecord[] = [];
    for await (const record of segmentRecords(segment, range)) {
      if (isWanted(record)) found.push(record);
      // An exported file may be one long segment.
      if (found.length > 2 * count) found.splice(0, found.length - count - 1);
    }
    latest = [...found, ...latest];
    if (latest.length > count) break;
  }
  return { records: latest.slice(-count), isCut: latest.length > count };
}

async function segmentsOf(path: string, { from, to }: ReadOptions): Promise<readonly Segment[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ path, name: basename(path), first: 1 }];
    const segments = (await listSegments(path)) ?? [];
    if (segments.length === 0) throw nothingThere(path);
    return segments.filter(({ first }, index) => first <= to && (segments[index + 1]?.first ?? to + 1) > from);
  } catch (error) {
    throw error instanceof LedgerError ? error : unreadable(path, error);
  }
}

async function* segmentRecords({ path, name }: Segment, { from, to }: ReadOptions): AsyncGenerator<LedgerRecord> {
  for await (const record of recordsOf(linesOf(path, LINE_BYTES_MAX), name)) {
    if (record.sequence > to) return;
    if (record.sequence >= from) yield record;
  }
}

/** The records of bytes that stream by, as an export sends them. Throws a `LedgerError` at a line that is none; `name` is told with it. */
export function recordsIn(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<LedgerRecord> {
  return recordsOf(linesIn(pieces, LINE_BYTES_MAX), name);
}

async function* recordsOf(batches: AsyncIterable<readonly Line[]>, name: string): AsyncGenerator<LedgerRecord> {
  for await (const lines of batches) {
    for (const { bytes, number, isEnded } of lines) {
      // What stands behind the last line end is being written, or was cut off by a crash.
      if (!isEnded) return;
      const record = parseLine(bytes);
      if (typeof record === 'string') throw damagedLine(name, number, record);
      yield record;
    }
  }
}

function damagedLine(name: string, line: number, why: string): LedgerError {
  return new LedgerError({
    code: 'PICKET-C203',
    message: `the ledger was changed from outside: ${name}, line ${line}: ${why}`,
    help: 'keep the folder as it is and look: picket audit verify FOLDER',
  });
}
