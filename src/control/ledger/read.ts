// Reading records by their numbers, a file at a time. Checks the form and hash of each; whether they follow each other is the verification's.

import { LINE_BYTES_MAX, parseLine } from './line.ts';
import { linesOf, listSegments, type Segment } from './segments.ts';
import { LedgerError } from './trouble.ts';
import type { LedgerRecord } from './types.ts';

export interface ReadOptions {
  /** Number of the first record. */
  readonly from: number;
  /** Number of the last record. */
  readonly to: number;
}

/** The records from one number to another. Throws a `LedgerError` at a line that is none. */
export async function* readRecords(folder: string, { from, to }: ReadOptions): AsyncGenerator<LedgerRecord> {
  const segments = (await listSegments(folder)) ?? [];
  for (const [index, segment] of segments.entries()) {
    const isOver = (segments[index + 1]?.first ?? Number.POSITIVE_INFINITY) <= from;
    if (isOver || segment.first > to) continue;
    yield* segmentRecords(segment, { from, to });
  }
}

async function* segmentRecords(segment: Segment, { from, to }: ReadOptions): AsyncGenerator<LedgerRecord> {
  for await (const lines of linesOf(segment.path, LINE_BYTES_MAX)) {
    for (const { bytes, number, isEnded } of lines) {
      // What stands behind the last line end is being written, or was cut off by a crash.
      const sequence = segment.first + number - 1;
      if (!isEnded || sequence > to) return;
      if (sequence < from) continue;
      const record = parseLine(bytes);
      if (typeof record === 'string') throw damagedLine(segment, number, record);
      yield record;
    }
  }
}

function damagedLine(segment: Segment, line: number, why: string): LedgerError {
  return new LedgerError({
    code: 'PICKET-C203',
    message: `the ledger was changed from outside: ${segment.name}, line ${line}: ${why}`,
    help: 'keep the folder as it is and look: picket audit verify FOLDER',
  });
}
