// The queue of instants at which something happens without a packet: a binary heap in typed arrays. Timers that no longer apply are skipped when due.

import { END_OF_TIME, type Instant } from '#model';
import type { Sessions } from './sessions.ts';

/** What kinds of timers run first at the same instant. */
export const RANK = { ruleEnd: 0, session: 1, floor: 2 } as const;
/** Numbers of one timer: instant, rank, four keys that order equals, one payload. */
const WIDTH = 7;
const FIRST_SIZE = 256;

/** Holds a few timers for each live session and one for each floor, which are bounded themselves: it grows only after those of ended sessions are dropped. */
export class Timers {
  readonly #sessions: Sessions;
  /** The timer taken last. */
  readonly taken = new Float64Array(WIDTH);
  #cells = new Float64Array(FIRST_SIZE * WIDTH);
  #length = 0;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** Instant of the next timer, `END_OF_TIME` when there is none. */
  get next(): Instant {
    return this.#length === 0 ? END_OF_TIME : (this.#cells[0] ?? END_OF_TIME);
  }

  /** `keys`: up to four numbers in the order that decides between equals; `payload` travels along. */
  push(due: { at: Instant; rank: number }, keys: readonly number[], payload: number): void {
    if (due.at >= END_OF_TIME) return;
    if ((this.#length + 1) * WIDTH > this.#cells.length) this.#makeRoom();
    const at = this.#length++ * WIDTH;
    this.#cells[at] = due.at;
    this.#cells[at + 1] = due.rank;
    for (let key = 0; key < 4; key++) this.#cells[at + 2 + key] = keys[key] ?? 0;
    this.#cells[at + 6] = payload;
    this.#rise(this.#length - 1);
  }

  /** Moves the first timer into `taken`. */
  take(): void {
    if (this.#length === 0) return;
    this.taken.set(this.#cells.subarray(0, WIDTH));
    this.#length--;
    this.#cells.copyWithin(0, this.#length * WIDTH, (this.#length + 1) * WIDTH);
    this.#sink(0);
  }

  /** Drops the timers of sessions that ended; doubles the heap where that frees less than half. */
  #makeRoom(): void {
    let kept = 0;
    for (let at = 0; at < this.#length; at++) {
      if (!this.#isWanted(at)) continue;
      if (kept < at) this.#cells.copyWithin(kept * WIDTH, at * WIDTH, (at + 1) * WIDTH);
      kept++;
    }
    const isHeap = kept === this.#length;
    this.#length = kept;
    for (let parent = isHeap ? -1 : (kept >> 1) - 1; parent >= 0; parent--) this.#sink(parent);
    if (kept * 2 * WIDTH < this.#cells.length) return;
    const larger = new Float64Array(this.#cells.length * 2);
    larger.set(this.#cells);
    this.#cells = larger;
  }

  /** A session's timer is for one serial and one epoch of its record. */
  #isWanted(at: number): boolean {
    const cell = at * WIDTH;
    if (this.#cells[cell + 1] !== RANK.session) return true;
    const { serial, epoch } = this.#sessions;
    const slot = this.#cells[cell + 6] ?? 0;
    return serial[slot] === this.#cells[cell + 2] && epoch[slot] === this.#cells[cell + 4];
  }

  #rise(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(from: number): void {
    let parent = from;
    for (;;) {
      const left = parent * 2 + 1;
      if (left >= this.#length) return;
      const right = left + 1;
      const child = right < this.#length && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    for (let at = 0; at < WIDTH; at++) {
      const left = this.#cells[one * WIDTH + at] ?? 0;
      const right = this.#cells[other * WIDTH + at] ?? 0;
      if (left !== right) return left < right;
    }
    return false;
  }

  #swap(one: number, other: number): void {
    for (let at = 0; at < WIDTH; at++) {
      const kept = this.#cells[one * WIDTH + at] ?? 0;
      this.#cells[one * WIDTH + at] = this.#cells[other * WIDTH + at] ?? 0;
      this.#cells[other * WIDTH + at] = kept;
    }
  }
}
