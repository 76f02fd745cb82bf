// The checkpoints of a folder, one after another, each held against the one before it and its key. Bounded memory.

import { beforeFirst, CHECKPOINT_BYTES_MAX, checkpointHash, readCheckpoint, signatureTrouble } from './checkpoint.ts';
import { type Line, linesOf } from './segments.ts';
import { keyName, type LedgerKey } from './signer.ts';
import { systemCode } from './trouble.ts';
import type { Checkpoint } from './types.ts';

/** Keys that are named in the answer. A chain that had more was signed by somebody who makes keys for fun. */
const KEYS_MAX = 100;

export interface WrongCheckpoint {
  readonly line: number;
  readonly why: string;
}

export class CheckpointReader {
  readonly #lines: AsyncIterator<readonly Line[]>;
  readonly #trusted: readonly LedgerKey[] | null;
  readonly #keys = new Set<string>();
  #batch: readonly Line[] = [];
  #next = 0;
  #before: Checkpoint | null = null;
  #current: Checkpoint | null = null;
  #line = 0;
  #wrong: WrongCheckpoint | null = null;
  #unfinishedBytes = 0;

  private constructor(lines: AsyncIterator<readonly Line[]>, trusted: readonly LedgerKey[] | null) {
    this.#lines = lines;
    this.#trusted = trusted;
  }

  /** Stands at the first checkpoint; a file that is not there holds none. */
  static async open(path: string, trusted: readonly LedgerKey[] | null): Promise<CheckpointReader> {
    const reader = new CheckpointReader(linesOf(path, CHECKPOINT_BYTES_MAX)[Symbol.asyncIterator](), trusted);
    await reader.advance();
    return reader;
  }

  /** Null behind the last one, and where one is wrong. */
  get current(): Checkpoint | null {
    return this.#current;
  }

  get line(): number {
    return this.#line;
  }

  get wrong(): WrongCheckpoint | null {
    return this.#wrong;
  }

  get keys(): readonly string[] {
    return [...this.#keys];
  }

  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  async advance(): Promise<void> {
    const before = this.#current ?? this.#before;
    this.#current = null;
    const line = await this.#nextLine();
    if (line === null) return;
    this.#line = line.number;
    if (!line.isEnded) {
      this.#unfinishedBytes = line.bytes.length;
      return;
    }
    const checkpoint = readCheckpoint(line.bytes.toString('utf8'));
    const why = typeof checkpoint === 'string' ? checkpoint : this.#trouble(checkpoint, before);
    if (typeof checkpoint === 'string' || why !== null) {
      this.#wrong = { line: line.number, why: why ?? '' };
      return;
    }
    this.#before = checkpoint;
    this.#current = checkpoint;
    if (this.#keys.size < KEYS_MAX) this.#keys.add(keyName(Buffer.from(checkpoint.key, 'base64')));
  }

  #trouble(checkpoint: Checkpoint, before: Checkpoint | null): string | null {
    const previous = before === null ? beforeFirst(checkpoint.chain) : checkpointHash(before);
    if (checkpoint.previous !== previous) return 'it does not follow the checkpoint before it: their hashes differ';
    if (before !== null && checkpoint.sequence <= before.sequence)
      return 'it is of an earlier record than the one before';
    return signatureTrouble(checkpoint, this.#trusted);
  }

  async #nextLine(): Promise<Line | null> {
    while (this.#next >= this.#batch.length) {
      const batch = await this.#lines.next().catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return { done: true, value: undefined } as const;
        throw error;
      });
      if (batch.done === true) return null;
      this.#batch = batch.value;
      this.#next = 0;
    }
    const line = this.#batch[this.#next++];
    return line ?? null;
  }

  async close(): Promise<void> {
    await this.#lines.return?.();
  }
}
