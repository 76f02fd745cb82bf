// The verification: every record and checkpoint of a folder or file in one pass, in bounded memory, offline. Says the first that is wrong, changes nothing.

import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UNSIGNED_MAX } from './checkpoint.ts';
import { CheckpointReader } from './checkpoint-reader.ts';
import { LINE_BYTES_MAX } from './line.ts';
import { CHECKPOINTS_FILE, type Line, linesIn, linesOf, listSegments, type Segment } from './segments.ts';
import { keyName, type LedgerKey } from './signer.ts';
import { LedgerError, nothingThere, unreadable } from './trouble.ts';
import type { Checkpoint, WrongPlace } from './types.ts';
import { Walk } from './walk.ts';

export interface VerifyOptions {
  /** A ledger's folder, or a file of records as the export writes it. */
  readonly path: string;
  /** Keys that checkpoints have to be signed by; null takes the key that each names, and says so. */
  readonly keys: readonly LedgerKey[] | null;
  /** A checkpoint that was kept elsewhere: the chain has to reach it and agree with it. */
  readonly kept: Checkpoint | null;
  /** Called now and then with the records read so far. */
  readonly onProgress?: (records: number) => void;
}

export interface Verified {
  readonly wrong: WrongPlace | null;
  readonly chain: string | null;
  /** Numbers of the first and last record that were read and stand; 0 where there is none. */
  readonly first: number;
  readonly last: number;
  readonly records: number;
  readonly lastHash: string | null;
  readonly checkpoints: number;
  readonly newestCheckpoint: Checkpoint | null;
  /** Records behind the newest checkpoint: their end could be cut off unseen. */
  readonly unsigned: number;
  /** Names of the keys that signed. */
  readonly keys: readonly string[];
  /** Whether the keys were given by the asker, and not taken from the folder itself. */
  readonly isKeyGiven: boolean;
  /** Whether a checkpoint kept elsewhere was compared. */
  readonly isComparedWithKept: boolean;
  /** Bytes of a last line that has no end: it is being written now, or a crash cut it off. It was never acknowledged. */
  readonly unfinishedBytes: number;
}

/** Verifies a folder or a file. Rejects only where it cannot be read. */
export async function verifyLedger(options: VerifyOptions): Promise<Verified> {
  const { path } = options;
  try {
    const isFolder = (await stat(path)).isDirectory();
    return isFolder ? await verifyFolder(options) : await verifyFile(options);
  } catch (error) {
    throw error instanceof LedgerError ? error : unreadable(path, error);
  }
}

async function verifyFolder(options: VerifyOptions): Promise<Verified> {
  const segments = (await listSegments(options.path)) ?? [];
  const reader = await CheckpointReader.open(join(options.path, CHECKPOINTS_FILE), options.keys);
  try {
    const walk = new Walk({ ...options, checkpoints: reader });
    if (segments.length === 0 && reader.current === null && reader.wrong === null) throw nothingThere(options.path);
    for (const [index, segment] of segments.entries()) {
      walk.beginFile({ name: segment.name, isLast: index === segments.length - 1, first: segment.first });
      if (!(await walkFile(walk, segment, options))) break;
    }
    return verified(walk, { ...options, signed: reader.keys });
  } finally {
    await reader.close();
  }
}

async function verifyFile(options: VerifyOptions): Promise<Verified> {
  const walk = new Walk({ ...options, checkpoints: null });
  const name = basename(options.path);
  walk.beginFile({ name, isLast: true, first: null });
  await walkFile(walk, { path: options.path }, options);
  if (walk.records === 0 && walk.wrong === null) throw nothingThere(options.path);
  return verified(walk, { ...options, signed: [] });
}

export interface ChainOptions extends Pick<VerifyOptions, 'keys' | 'kept' | 'onProgress'> {
  /** What the bytes are called where something is wrong. */
  readonly name: string;
  /** The newest checkpoint as whoever sends the chain gives it; null: none was signed yet. */
  readonly newest: Checkpoint | null;
}

/** Verifies a whole chain from its bytes, which may come from whoever is doubted: only what is read here counts. Rejects only where they break off. */
export async function verifyChain(chain: AsyncIterable<Uint8Array>, options: ChainOptions): Promise<Verified> {
  const { name, newest, keys } = options;
  const walk = new Walk({ ...options, checkpoints: null, newest });
  walk.beginFile({ name, isLast: true, first: 1 });
  if (walk.wrong === null) await walkLinesOf(walk, linesIn(chain, LINE_BYTES_MAX), options);
  const signed = newest === null ? [] : [keyName(Buffer.from(newest.key, 'base64'))];
  const answer = verified(walk, { path: name, kept: options.kept, keys, signed });
  if (answer.wrong !== null) return answer;
  if (answer.records === 0) throw nothingThere(name);
  if (newest !== null || answer.records <= UNSIGNED_MAX) return answer;
  const why = `no checkpoint was given, and ${answer.records} records are never left unsigned`;
  return { ...answer, wrong: { file: name, line: null, sequence: null, why } };
}

function walkFile(walk: Walk, { path }: Pick<Segment, 'path'>, options: VerifyOptions): Promise<boolean> {
  return walkLinesOf(walk, linesOf(path, LINE_BYTES_MAX), options);
}

/** False where something is wrong. */
async function walkLinesOf(
  walk: Walk,
  batches: AsyncIterable<readonly Line[]>,
  { onProgress }: Pick<VerifyOptions, 'onProgress'>,
): Promise<boolean> {
  for await (const lines of batches) {
    if (!(await walkLines(walk, lines))) return false;
    onProgress?.(walk.records);
  }
  return true;
}

async function walkLines(walk: Walk, lines: readonly Line[]): Promise<boolean> {
  for (const line of lines) {
    walk.take(line);
    // Waiting for each line would make the pass three times as long.
    if (walk.isAtCheckpoint) await walk.compareCheckpoint();
    if (walk.wrong !== null) return false;
  }
  return true;
}

function verified(walk: Walk, { keys, signed }: VerifyOptions & { readonly signed: readonly string[] }): Verified {
  const wrong = walk.end();
  const { head, first, records, newestCheckpoint } = walk;
  return {
    wrong,
    chain: head?.chain ?? null,
    first,
    last: head?.sequence ?? 0,
    records,
    lastHash: records === 0 ? null : (head?.hash ?? null),
    checkpoints: walk.checkpoints,
    newestCheckpoint,
    unsigned: (head?.sequence ?? 0) - (newestCheckpoint?.sequence ?? Math.max(0, first - 1)),
    keys: signed,
    isKeyGiven: keys !== null,
    isComparedWithKept: walk.isComparedWithKept,
    unfinishedBytes: walk.unfinishedBytes,
  };
}
