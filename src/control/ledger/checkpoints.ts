// The file of signed checkpoints while it grows. Does not decide when one is due.

import { beforeFirst, checkpointHash, checkpointText, signCheckpoint } from './checkpoint.ts';
import type { CheckpointSigner } from './signer.ts';
import type { Tail } from './tail.ts';
import type { Checkpoint, Head } from './types.ts';

export interface CheckpointsParts {
  readonly tail: Tail;
  readonly newest: Checkpoint | null;
  readonly signer: CheckpointSigner;
}

export class Checkpoints {
  readonly #tail: Tail;
  readonly #signer: CheckpointSigner;
  #newest: Checkpoint | null;

  constructor({ tail, newest, signer }: CheckpointsParts) {
    this.#tail = tail;
    this.#newest = newest;
    this.#signer = signer;
  }

  get newest(): Checkpoint | null {
    return this.#newest;
  }

  /** Records of the chain that no checkpoint vouches for. */
  unsigned(head: Head): number {
    return head.sequence - (this.#newest?.sequence ?? 0);
  }

  /** Signs the head and puts it on the disk; nothing where the newest checkpoint is of this head. */
  async sign(head: Head, at: number): Promise<void> {
    if (this.unsigned(head) === 0) return;
    const previous = this.#newest === null ? beforeFirst(head.chain) : checkpointHash(this.#newest);
    const checkpoint = await signCheckpoint({ head, at, previous, signer: this.#signer });
    await this.#tail.add(Buffer.from(`${checkpointText(checkpoint)}\n`));
    this.#newest = checkpoint;
  }

  async close(): Promise<void> {
    await this.#tail.close();
  }
}
