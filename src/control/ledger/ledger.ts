// The open ledger: many callers append, one fsync answers them together; checkpoints are signed behind it. Never repairs and never forgets.

import { dirname, join } from 'node:path';
import { syncFolder } from '#store';
import { unwritable } from './acts.ts';
import { UNSIGNED_MAX } from './checkpoint.ts';
import type { Checkpoints } from './checkpoints.ts';
import { CLOSED, failed, full, refusalOf, type Trouble, unsignable } from './health.ts';
import { LINE_BYTES_MAX, nextLine } from './line.ts';
import type { Lock } from './lock.ts';
import { readRecords } from './read.ts';
import { segmentName } from './segments.ts';
import { Tail, TailError } from './tail.ts';
import { LedgerError, reasonText } from './trouble.ts';
import type { Checkpoint, Entry, Head, LedgerHealth, LedgerRecord } from './types.ts';

/** Entries that may wait for the disk. A disk that is so far behind is no disk to promise anything on. */
const QUEUE_MAX = 10_000;
/** Entries that one write and one fsync take: at most 32 MiB, usually 200 kB. */
const GROUP_MAX = 512;

interface Waiting {
  readonly entries: readonly Entry[];
  readonly resolve: (records: readonly LedgerRecord[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Written {
  readonly waiting: Waiting;
  readonly records: readonly LedgerRecord[];
}

/** What an opened folder gives to write with. */
export interface Writing {
  readonly head: Head;
  readonly tail: Tail;
  readonly checkpoints: Checkpoints;
}

/** The same while it goes on. */
interface Current {
  head: Head;
  tail: Tail;
  readonly checkpoints: Checkpoints;
}

export interface Pace {
  readonly segmentBytesMax: number;
  readonly checkpointEvery: number;
  readonly checkpointMs: number;
}

export interface LedgerParts {
  readonly folder: string;
  readonly now: () => number;
  readonly pace: Pace;
  readonly lock: Lock;
  /** How it may be written, or why not. */
  readonly writing: Writing | Trouble;
  /** What the chain has to tell of its opening before anything else, as soon as there is room. */
  readonly owed: readonly Entry[];
}

export class Ledger {
  readonly folder: string;
  readonly #now: () => number;
  readonly #pace: Pace;
  readonly #lock: Lock;
  readonly #writing: Current | null;
  readonly #listeners = new Set<(records: readonly LedgerRecord[]) => void>();
  #queue: Waiting[] = [];
  #queued = 0;
  #trouble: Trouble | null = null;
  #owed: readonly Entry[];
  #isWorking = false;
  #working: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isCheckpointDue = false;
  #isProbeDue = false;
  #signTrouble = '';

  constructor({ folder, now, pace, lock, writing, owed }: LedgerParts) {
    this.folder = folder;
    this.#now = now;
    this.#pace = pace;
    this.#lock = lock;
    this.#writing = 'state' in writing ? null : { ...writing };
    if ('state' in writing) this.#trouble = writing;
    this.#owed = owed;
  }

  health(): LedgerHealth {
    return this.#trouble ?? { state: 'ready' };
  }

  /** The newest record that is on the disk; null where the folder could not be opened for writing. */
  get head(): Head | null {
    return this.#writing?.head ?? null;
  }

  get newestCheckpoint(): Checkpoint | null {
    return this.#writing?.checkpoints.newest ?? null;
  }

  /** INVARIANT: resolves when the records are on the disk, all of them, in this order; rejects with a `LedgerError` when none is. */
  append(entries: readonly Entry[]): Promise<readonly LedgerRecord[]> {
    const trouble = this.#trouble;
    if (trouble !== null && trouble.state !== 'full') return Promise.reject(refusalOf(trouble));
    if (entries.length === 0) return Promise.resolve([]);
    if (entries.length > GROUP_MAX || this.#queued + entries.length > QUEUE_MAX) return Promise.reject(tooMany());
    return new Promise((resolve, reject) => {
      this.#queue.push({ entries, resolve, reject });
      this.#queued += entries.length;
      this.#begin();
    });
  }

  /** Tells of all records from now on, after they are on the disk. */
  onRecords(listener: (records: readonly LedgerRecord[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The records from one number to another, both included; only what is on the disk for sure. */
  read({
    from = 1,
    to = Number.MAX_SAFE_INTEGER,
  }: {
    readonly from?: number;
    readonly to?: number;
  } = {}): AsyncIterable<LedgerRecord> {
    return readRecords(this.folder, { from, to: Math.min(to, this.#writing?.head.sequence ?? to) });
  }

  /** Signs a checkpoint of the newest record now, and gives it; null where there is nothing to sign or it cannot be signed. */
  async checkpoint(): Promise<Checkpoint | null> {
    if (this.#trouble === null) {
      this.#isCheckpointDue = true;
      this.#begin();
      await this.#working;
    }
    const { head, newestCheckpoint } = this;
    return head !== null && newestCheckpoint?.sequence === head.sequence ? newestCheckpoint : null;
  }

  /** Where there was no room, looks whether there is now. */
  async tryAgain(): Promise<LedgerHealth> {
    if (this.#trouble?.state === 'full') {
      this.#isProbeDue = true;
      this.#begin();
      await this.#working;
    }
    return this.health();
  }

  /** Writes what waits, signs the end, and lets go of the folder. */
  async close(): Promise<void> {
    if (this.#trouble?.state === 'closed') return;
    if (this.#trouble === null) await this.checkpoint();
    await this.#working;
    this.#trouble = CLOSED;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#writing?.checkpoints.close();
    await this.#writing?.tail.close();
    this.#lock.release();
  }

  #begin(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#working = this.#work();
  }

  /** Nothing is awaited between the last look at what is due and the end, so nothing can be left. */
  async #work(): Promise<void> {
    for (let step = this.#nextStep(); step !== null; step = this.#nextStep()) await step();
    this.#isWorking = false;
  }

  #nextStep(): (() => Promise<void>) | null {
    if (this.#isProbeDue) return () => this.#probe();
    if (this.#queue.length > 0) return () => this.#writeGroup(this.#takeGroup());
    if (!this.#isCheckpointDue) return null;
    return this.#owed.length > 0 ? () => this.#writeGroup(this.#takeGroup()) : () => this.#sign();
  }

  async #probe(): Promise<void> {
    this.#isProbeDue = false;
    if (this.#trouble?.state !== 'full') return;
    if (this.#trouble.code === 'PICKET-C209') return this.#sign();
    try {
      await this.#writing?.tail.probe();
      this.#trouble = null;
    } catch (error) {
      this.#stop(error);
    }
  }

  #takeGroup(): readonly Waiting[] {
    let entries = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      entries += waiting.entries.length;
      if (entries > GROUP_MAX) break;
      count++;
    }
    const group = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    for (const waiting of group) this.#queued -= waiting.entries.length;
    return this.#owed.length === 0 ? group : [this.#owing(), ...group];
  }

  #owing(): Waiting {
    const settle = (): void => {
      this.#owed = [];
    };
    // Where it cannot be written it is still owed.
    return { entries: this.#owed, resolve: settle, reject: () => {} };
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const writing = this.#writing;
    const refusal = this.#refusal();
    if (writing === null || refusal !== null) {
      this.#isCheckpointDue = false;
      for (const { reject } of group) reject(refusal);
      return;
    }
    const { head, text, written } = linesOfGroup(writing.head, group);
    try {
      if (text !== '') await writing.tail.add(Buffer.from(text));
    } catch (error) {
      this.#stop(error);
      this.#isCheckpointDue = false;
      const why = this.#trouble ?? failed(reasonText(error));
      for (const { waiting } of written) waiting.reject(refusalOf(why));
      return;
    }
    writing.head = head;
    this.#trouble = null;
    for (const { waiting, records } of written) waiting.resolve(records);
    const records = written.flatMap((one) => one.records);
    for (const listener of this.#listeners) listener(records);
    await this.#afterGroup(writing);
  }

  /** Why nothing can be added now; null where it can be tried. */
  #refusal(): LedgerError | null {
    const trouble = this.#trouble;
    if (trouble !== null && trouble.state !== 'full') return refusalOf(trouble);
    const writing = this.#writing;
    if (writing === null || writing.checkpoints.unsigned(writing.head) < UNSIGNED_MAX - GROUP_MAX) return null;
    this.#trouble = unsignable(this.#signTrouble);
    return refusalOf(this.#trouble);
  }

  async #afterGroup(writing: Current): Promise<void> {
    const isFull = writing.tail.bytes >= this.#pace.segmentBytesMax;
    if (isFull || writing.checkpoints.unsigned(writing.head) >= this.#pace.checkpointEvery) await this.#sign();
    else this.#timer ??= setTimeout(() => this.#signLater(), this.#pace.checkpointMs).unref();
    if (isFull && writing.checkpoints.unsigned(writing.head) === 0 && this.#trouble === null)
      await this.#nextSegment(writing);
  }

  #signLater(): void {
    this.#timer = null;
    this.#isCheckpointDue = true;
    this.#begin();
  }

  /** A checkpoint that cannot be made does not stop the records: it is tried again with the next ones. */
  async #sign(): Promise<void> {
    this.#isCheckpointDue = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const writing = this.#writing;
    if (writing === null || this.#trouble?.state === 'broken') return;
    try {
      await writing.checkpoints.sign(writing.head, this.#now());
      if (this.#trouble?.code === 'PICKET-C209') this.#trouble = null;
    } catch (error) {
      this.#signTrouble = reasonText(error);
      if (error instanceof TailError && !error.isFull) this.#stop(error);
    }
  }

  async #nextSegment(writing: Current): Promise<void> {
    const old = writing.tail;
    try {
      writing.tail = await Tail.open(join(dirname(old.path), segmentName(writing.head.sequence + 1)), 0);
      await syncFolder(this.folder);
      await old.close();
    } catch (error) {
      // Without room for a new file the old one goes on growing.
      if (!(error instanceof TailError && error.isFull)) this.#stop(error);
    }
  }

  #stop(error: unknown): void {
    const isFull = error instanceof TailError && error.isFull;
    this.#trouble = isFull ? full(reasonText(error)) : failed(reasonText(error));
  }
}

interface GroupLines {
  readonly head: Head;
  readonly text: string;
  readonly written: readonly Written[];
}

/** The lines of a group behind a head. Whoever brings an act that cannot be written is told so, and the others go on. */
function linesOfGroup(start: Head, group: readonly Waiting[]): GroupLines {
  let head = start;
  let text = '';
  const written: Written[] = [];
  for (const waiting of group) {
    const lines = linesOfEntries(head, waiting.entries);
    if (lines instanceof LedgerError) {
      waiting.reject(lines);
      continue;
    }
    written.push({ waiting, records: lines.records });
    text += lines.text;
    head = lines.head;
  }
  return { head, text, written };
}

function linesOfEntries(
  start: Head,
  entries: readonly Entry[],
): { readonly head: Head; readonly text: string; readonly records: readonly LedgerRecord[] } | LedgerError {
  let head = start;
  let text = '';
  const records: LedgerRecord[] = [];
  for (const entry of entries) {
    try {
      const { record, line } = nextLine(head, entry);
      if (Buffer.byteLength(line) > LINE_BYTES_MAX) return unwritable(entry.act, 'it is too long');
      records.push(record);
      text += line;
      head = { chain: record.chain, sequence: record.sequence, hash: record.hash };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return unwritable(entry.act, error.message);
    }
  }
  return { head, text, records };
}

function tooMany(): LedgerError {
  return new LedgerError({
    code: 'PICKET-C211',
    message: 'too many acts wait for the disk of the ledger; nothing was recorded',
    help: 'ask again in a moment; if it stays so, the disk is too slow or hangs',
  });
}
