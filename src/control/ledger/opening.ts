// What stands at the end of a chain's folder, looked at before anything is written. Repairs nothing but a line that a crash cut off.

import { join } from 'node:path';
import { beforeFirst, CHECKPOINT_BYTES_MAX, checkpointHash, readCheckpoint, signatureTrouble } from './checkpoint.ts';
import { firstRecord, hashOf, LINE_BYTES_MAX, parseLine, readLine } from './line.ts';
import { CHECKPOINTS_FILE, endOf, linesOf, listSegments, type Segment } from './segments.ts';
import type { Checkpoint, Head, LedgerRecord } from './types.ts';

/** A piece of a line behind the last whole one: it was never acknowledged. */
export interface TornLine {
  readonly file: string;
  readonly bytes: number;
  /** Hash of what is cut off, so that whoever kept a copy can tell that it is the same. */
  readonly hash: string;
}

/** Where a file ends once a torn line is off. */
interface FileState {
  readonly path: string;
  readonly bytes: number;
}

export interface Opened {
  readonly head: Head;
  readonly segment: FileState;
  readonly checkpoints: FileState & { readonly newest: Checkpoint | null; readonly previous: string };
  readonly torn: readonly TornLine[];
}

/** What is wrong, with its place. Nothing is written to such a folder. */
export interface Damage {
  readonly damage: string;
}

/** The state of a folder's chain; null where there is none yet. */
export async function inspectFolder(folder: string): Promise<Opened | Damage | null> {
  const segments = (await listSegments(folder)) ?? [];
  const signed = await checkpointsEnd(folder);
  if ('damage' in signed) return signed;
  const end = await segmentsEnd(segments);
  if (end === null) {
    if (signed.newest === null) return null;
    return { damage: `${CHECKPOINTS_FILE} speaks of record ${signed.newest.sequence}, and there are no records` };
  }
  if ('damage' in end) return end;
  const trouble = againstCheckpoint(end, signed.newest);
  if (trouble !== null) return { damage: trouble };
  const previous = signed.newest === null ? beforeFirst(end.head.chain) : checkpointHash(signed.newest);
  const torn = [...end.torn, ...signed.torn];
  return {
    head: end.head,
    segment: end.segment,
    checkpoints: { path: signed.path, bytes: signed.bytes, newest: signed.newest, previous },
    torn,
  };
}

interface SegmentsEnd {
  readonly head: Head;
  readonly segment: FileState;
  readonly torn: readonly TornLine[];
  readonly isFirst: boolean;
  /** Hashes from the last record before the last segment on: what the newest checkpoint may speak of. */
  readonly hashAt: (sequence: number) => string | null;
}

/** Reads the last segment whole, and the last line of the one before it. */
async function segmentsEnd(segments: readonly Segment[]): Promise<SegmentsEnd | Damage | null> {
  const last = segments.at(-1);
  if (last === undefined) return null;
  const before = segments.at(-2);
  const start = before === undefined ? null : await lastRecord(before);
  if (start !== null && 'damage' in start) return start;
  if (start === null && last.first !== 1)
    return { damage: `${last.name}: the records before number ${last.first} are missing` };
  if (start !== null && start.sequence !== last.first - 1)
    return {
      damage: `${last.name}: record ${last.first} has to come first, and ${before?.name} ends with ${start.sequence}`,
    };
  return readSegment(last, start);
}

async function lastRecord(segment: Segment): Promise<LedgerRecord | Damage> {
  const end = await endOf(segment.path);
  if (end === null || end.torn.length > 0) return { damage: `${segment.name}: its last line is cut off` };
  const line = end.lines.at(-1);
  const record = line === undefined ? 'it holds no records' : parseLine(line);
  return typeof record === 'string' ? { damage: `${segment.name}: its last line: ${record}` } : record;
}

async function readSegment(segment: Segment, before: LedgerRecord | null): Promise<SegmentsEnd | Damage | null> {
  let head: Head | null = before;
  let bytes = 0;
  let torn: TornLine | null = null;
  const hashes = new Map<number, string>(before === null ? [] : [[before.sequence, before.hash]]);
  for await (const lines of linesOf(segment.path, LINE_BYTES_MAX)) {
    for (const line of lines) {
      if (!line.isEnded) {
        torn = { file: segment.name, bytes: line.bytes.length, hash: hashOf('', line.bytes) };
        continue;
      }
      const record: LedgerRecord | string = head === null ? firstRecord(line.bytes) : readLine(line.bytes, head);
      if (typeof record === 'string') return { damage: `${segment.name}, line ${line.number}: ${record}` };
      head = record;
      hashes.set(record.sequence, record.hash);
      bytes = line.at + line.bytes.length + 1;
    }
  }
  // A folder whose first segment has no record yet: the crash came before anything was acknowledged.
  if (head === null) return null;
  const { chain, sequence, hash } = head;
  return {
    head: { chain, sequence, hash },
    segment: { path: segment.path, bytes },
    torn: torn === null ? [] : [torn],
    isFirst: before === null,
    hashAt: (at) => hashes.get(at) ?? null,
  };
}

interface CheckpointsEnd extends FileState {
  readonly newest: Checkpoint | null;
  readonly torn: readonly TornLine[];
}

async function checkpointsEnd(folder: string): Promise<CheckpointsEnd | Damage> {
  const path = join(folder, CHECKPOINTS_FILE);
  const end = await endOf(path);
  if (end === null) return { path, bytes: 0, newest: null, torn: [] };
  const bytes = end.bytes - end.torn.length;
  if (end.torn.length > CHECKPOINT_BYTES_MAX) return { damage: `${CHECKPOINTS_FILE}: its last line is too long` };
  const torn =
    end.torn.length === 0 ? [] : [{ file: CHECKPOINTS_FILE, bytes: end.torn.length, hash: hashOf('', end.torn) }];
  const line = end.lines.at(-1);
  if (line === undefined) return { path, bytes, newest: null, torn };
  const newest = readCheckpoint(line.toString('utf8'));
  if (typeof newest === 'string') return { damage: `${CHECKPOINTS_FILE}, last line: ${newest}` };
  const trouble = signatureTrouble(newest, null);
  return trouble === null ? { path, bytes, newest, torn } : { damage: `${CHECKPOINTS_FILE}, last line: ${trouble}` };
}

/** Why the records do not reach, or do not agree with, the newest checkpoint; null where they do. */
function againstCheckpoint({ head, hashAt, isFirst }: SegmentsEnd, newest: Checkpoint | null): string | null {
  // INVARIANT: a segment is left only after a checkpoint at its last record.
  if (newest === null) return isFirst ? null : `${CHECKPOINTS_FILE} is missing or empty`;
  if (newest.chain !== head.chain) return 'the newest checkpoint is of another chain';
  if (newest.sequence > head.sequence)
    return `the records end with number ${head.sequence}, and a checkpoint was signed at ${newest.sequence}: the end was cut off`;
  const hash = hashAt(newest.sequence);
  if (hash === null) return `${CHECKPOINTS_FILE} ends with number ${newest.sequence}: later checkpoints were cut off`;
  return hash === newest.hash ? null : `record ${newest.sequence} is not the one that a checkpoint was signed for`;
}
