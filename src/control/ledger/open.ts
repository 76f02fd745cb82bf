// Opening a ledger: lock, look, and either a ledger that takes records or one that says why it does not. Repairs nothing.

import { join } from 'node:path';
import { syncFolder } from '#store';
import { UNSIGNED_MAX } from './checkpoint.ts';
import { Checkpoints } from './checkpoints.ts';
import { damaged, type Trouble } from './health.ts';
import type { Json } from './json.ts';
import { Ledger, type Pace, type Writing } from './ledger.ts';
import { emptyHead } from './line.ts';
import { type Lock, takeLock } from './lock.ts';
import { inspectFolder, type Opened } from './opening.ts';
import { CHECKPOINTS_FILE, LOCK_FILE, segmentName } from './segments.ts';
import { type CheckpointSigner, keyName } from './signer.ts';
import { makeFolder, Tail } from './tail.ts';
import { LedgerError, reasonText } from './trouble.ts';
import type { Doer, Entry } from './types.ts';

/** A segment is read whole when the ledger is opened: some 15,000 records, a tenth of a second. */
const SEGMENT_BYTES_MAX = 8 * 1_024 * 1_024;
const CHECKPOINT_EVERY = 256;
/** Records may be this long without a checkpoint. */
const CHECKPOINT_MS = 10_000;

const SYSTEM: Doer = { kind: 'system', id: 'ledger', name: 'ledger' };

export interface LedgerOptions {
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A text that was never given before; names chains and records. */
  readonly newId: () => string;
  readonly signer: CheckpointSigner;
  readonly segmentBytesMax?: number;
  /** Records after which a checkpoint is signed. */
  readonly checkpointEvery?: number;
  /** Time after the first record without one, at which a checkpoint is signed. */
  readonly checkpointMs?: number;
}

/**
 * Opens the ledger of a folder, or begins one. Rejects where another process has it or the folder cannot be used.
 * Where the chain was damaged the ledger opens for reading, and `health()` says so.
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { folder } = options;
  await makeFolder(folder).catch((error: unknown) => {
    throw unusable(folder, error);
  });
  const lock = takeLock(join(folder, LOCK_FILE));
  try {
    const opened = await inspectFolder(folder);
    if (opened !== null && 'damage' in opened)
      return ledgerOf(options, { lock, writing: damaged(folder, opened.damage), owed: [] });
    const writing = await beginWriting(options, opened);
    const ledger = ledgerOf(options, { lock, writing, owed: openingEntries(options, opened) });
    await ledger.checkpoint();
    return ledger;
  } catch (error) {
    lock.release();
    throw error instanceof LedgerError ? error : unusable(folder, error);
  }
}

function ledgerOf(
  options: LedgerOptions,
  rest: { readonly lock: Lock; readonly writing: Writing | Trouble; readonly owed: readonly Entry[] },
): Ledger {
  const pace: Pace = {
    segmentBytesMax: options.segmentBytesMax ?? SEGMENT_BYTES_MAX,
    checkpointEvery: Math.min(options.checkpointEvery ?? CHECKPOINT_EVERY, UNSIGNED_MAX / 2),
    checkpointMs: options.checkpointMs ?? CHECKPOINT_MS,
  };
  return new Ledger({ folder: options.folder, now: options.now, pace, ...rest });
}

async function beginWriting({ folder, newId, signer }: LedgerOptions, opened: Opened | null): Promise<Writing> {
  const segment = opened?.segment ?? { path: join(folder, segmentName(1)), bytes: 0 };
  const signed = opened?.checkpoints ?? { path: join(folder, CHECKPOINTS_FILE), bytes: 0, newest: null };
  const tail = await Tail.open(segment.path, segment.bytes);
  const checkpointTail = await Tail.open(signed.path, signed.bytes);
  await syncFolder(folder);
  return {
    head: opened?.head ?? emptyHead(newId()),
    tail,
    checkpoints: new Checkpoints({ tail: checkpointTail, newest: signed.newest, signer }),
  };
}

/** What the chain itself tells of its opening: its beginning, a line that was cut off, another key. */
function openingEntries({ now, newId, signer }: LedgerOptions, opened: Opened | null): readonly Entry[] {
  const key = keyName(signer.publicKey);
  const at = now();
  const entry = (action: string, detail: Json): Entry => ({
    id: newId(),
    at,
    actor: SYSTEM,
    act: { action, subject: 'ledger', domain: '', detail },
  });
  if (opened === null) return [entry('ledger.begin', { format: 1, key })];
  const cut = opened.torn.map(({ file, bytes, hash }) => entry('ledger.cut', { file, bytes, hash }));
  const signedBy = opened.checkpoints.newest?.key;
  const before = signedBy === undefined ? key : keyName(Buffer.from(signedBy, 'base64'));
  return before === key ? cut : [...cut, entry('ledger.key', { from: before, to: key })];
}

function unusable(folder: string, error: unknown): LedgerError {
  return new LedgerError({
    code: 'PICKET-C202',
    message: `cannot use the ledger in "${folder}": ${reasonText(error)}`,
    help: 'the folder must be on a local disk with room that the controller may read and write',
    cause: error,
  });
}
