// What was read of one direction of a TCP conversation: the last messages, their bytes, and what they asked for. So that bytes sent again are told
// from bytes that differ. Bounded; what it no longer holds is not known, which its caller must take for the worst.

import { NO_OPERATIONS } from './operations.ts';

/** Messages remembered; a retransmission is nearly always of the last few. */
const MESSAGES_MAX = 32;
/** Bytes of messages that were looked at; bodies that were passed over are not kept. */
export const HISTORY_BYTES_MAX = 65_536;
const FIRST_BYTES = 64;

/** A message of which `data[from]` up to `data[to]` was looked at. Its owner may reuse it: what is remembered is copied. */
export interface Message {
  sequence: number;
  /** Length of the whole message, which may reach beyond the bytes looked at. */
  length: number;
  operations: readonly string[];
  data: Uint8Array;
  from: number;
  to: number;
}

export class History {
  // Plain lists, as most conversations are over after a message or two: four typed arrays cost each of them a microsecond.
  readonly #sequences: number[] = [];
  readonly #lengths: number[] = [];
  /** Bytes looked at of each message, and where they stand in `#bytes`. */
  readonly #looked: number[] = [];
  readonly #places: number[] = [];
  readonly #operations: (readonly string[])[] = [];
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;
  /** Messages so far; the last `MESSAGES_MAX` of them are remembered. */
  #count = 0;

  /** Memory taken by the bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  add(message: Message): void {
    const { data, from, to } = message;
    if (to - from > HISTORY_BYTES_MAX || to < from) {
      this.#count = 0;
      return;
    }
    const at = this.#count % MESSAGES_MAX;
    this.#operations[at] = NO_OPERATIONS;
    this.#looked[at] = 0;
    this.#makeRoom(to - from);
    this.#bytes.set(data.subarray(from, to), this.#used);
    this.#sequences[at] = message.sequence;
    this.#lengths[at] = message.length;
    this.#looked[at] = to - from;
    this.#places[at] = this.#used;
    this.#operations[at] = message.operations;
    this.#used += to - from;
    this.#count++;
  }

  /**
   * Bytes from `sequence` on that are the same as those remembered there, or that stand in a message where nothing was looked at: how many, from the first on.
   * 0 when they differ or nothing is remembered. `take` is given what the messages ask for that they are part of.
   */
  match(sequence: number, bytes: Uint8Array, take: (operations: readonly string[]) => void): number {
    let matched = 0;
    for (let step = 0; step <= MESSAGES_MAX && matched < bytes.length; step++) {
      const at = this.#find((sequence + matched) >>> 0);
      if (at < 0) return matched;
      const within = (sequence + matched - (this.#sequences[at] ?? 0)) >>> 0;
      const looked = this.#looked[at] ?? 0;
      const rest = Math.min((this.#lengths[at] ?? 0) - within, bytes.length - matched);
      const compared = Math.max(0, Math.min(rest, looked - within));
      if (!this.#isSame((this.#places[at] ?? 0) + within, bytes, { from: matched, count: compared })) return 0;
      take(this.#operations[at] ?? NO_OPERATIONS);
      matched += rest;
    }
    return matched;
  }

  /** The newest message that the byte at `sequence` is part of, or -1. */
  #find(sequence: number): number {
    const oldest = Math.max(0, this.#count - MESSAGES_MAX);
    for (let message = this.#count - 1; message >= oldest; message--) {
      const at = message % MESSAGES_MAX;
      if ((sequence - (this.#sequences[at] ?? 0)) >>> 0 < (this.#lengths[at] ?? 0)) return at;
    }
    return -1;
  }

  #isSame(place: number, bytes: Uint8Array, { from, count }: { from: number; count: number }): boolean {
    for (let at = 0; at < count; at++) if (this.#bytes[place + at] !== bytes[from + at]) return false;
    return true;
  }

  /** Room for `more` bytes: bytes of forgotten messages go first, then memory grows up to its bound, then the oldest messages are forgotten. */
  #makeRoom(more: number): void {
    if (this.#used + more <= this.#bytes.length) return;
    let oldest = Math.max(0, this.#count - MESSAGES_MAX + 1);
    let begin = this.#placeOf(oldest);
    while (oldest < this.#count && this.#used - begin + more > HISTORY_BYTES_MAX) begin = this.#placeOf(++oldest);
    const kept = this.#used - begin;
    const size = kept + more;
    const target = size > this.#bytes.length / 2 ? Math.min(HISTORY_BYTES_MAX, size * 2) : this.#bytes.length;
    const bytes = target > this.#bytes.length ? new Uint8Array(target) : this.#bytes;
    bytes.set(this.#bytes.subarray(begin, this.#used));
    this.#bytes = bytes;
    this.#used = kept;
    this.#forgetBefore(oldest, begin);
  }

  /** Where the bytes of a message begin; behind all for one that is not there yet. */
  #placeOf(message: number): number {
    return message < this.#count ? (this.#places[message % MESSAGES_MAX] ?? 0) : this.#used;
  }

  #forgetBefore(oldest: number, begin: number): void {
    for (let message = Math.max(0, this.#count - MESSAGES_MAX); message < this.#count; message++) {
      const at = message % MESSAGES_MAX;
      if (message < oldest) this.#lengths[at] = 0;
      else this.#places[at] = (this.#places[at] ?? 0) - begin;
    }
  }
}
