// Holds facts of logs for a while, so that they leave in the order of time: logs are written as things end, and in several files at once.
// Bounded: beyond the bound the earliest leaves, whatever may still come. Not a reader.

import type { LogRecord } from '#capture';
import type { Instant, NameFact, Observation } from '#model';
import type { Taker } from './taker.ts';

/** Facts held at once, about 300 bytes each: some 80 MB. A sensor that writes 100 records a second is in order over 40 minutes. */
export const HELD_MAX = 262_144;

interface Held {
  readonly at: Instant;
  /** Names come before flows of the same instant; facts of one kind keep their order. */
  readonly order: number;
  readonly taker: Taker;
  readonly record: LogRecord;
  readonly name: NameFact | null;
  readonly observation: Observation | null;
}

/** Numbers of facts stay below it, so that it lifts every flow above every name. */
const FLOWS = 2 ** 52;

export class HeldFacts {
  readonly #most: number;
  /** A binary heap: no fact is earlier than the one at half its place. */
  readonly #heap: Held[] = [];
  #count = 0;
  #latest: Instant = Number.NEGATIVE_INFINITY;
  #late = 0;
  #lateBy = 0;

  constructor(most = HELD_MAX) {
    this.#most = most;
  }

  /** How many facts are held at most. */
  get most(): number {
    return this.#most;
  }

  get isFull(): boolean {
    return this.#heap.length >= this.#most;
  }

  /** The earliest instant held, or null. */
  get earliest(): Instant | null {
    return this.#heap[0]?.at ?? null;
  }

  /** Facts that came after later ones had left, and by how much at most. */
  get late(): { readonly count: number; readonly most: number } {
    return { count: this.#late, most: this.#lateBy };
  }

  /** The observation is copied: readers reuse theirs. */
  observation(taker: Taker, observation: Observation, record: LogRecord): void {
    const copy = { ...observation };
    this.#add({ at: copy.at, order: FLOWS + this.#count++, taker, record, name: null, observation: copy });
  }

  name(taker: Taker, name: NameFact, record: LogRecord): void {
    this.#add({ at: name.at, order: this.#count++, taker, record, name, observation: null });
  }

  /** Lets go of everything up to and including `at`. */
  releaseUpTo(at: Instant): void {
    for (let first = this.#heap[0]; first !== undefined && first.at <= at; first = this.#heap[0]) this.#release();
  }

  #add(held: Held): void {
    if (this.isFull) this.#release();
    this.#heap.push(held);
    this.#rise(this.#heap.length - 1);
  }

  #release(): void {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return;
    if (first !== last) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    this.#hand(first);
  }

  #hand({ at, taker, record, name, observation }: Held): void {
    if (at < this.#latest) {
      this.#late++;
      this.#lateBy = Math.max(this.#lateBy, this.#latest - at);
    } else this.#latest = at;
    if (name !== null) taker.name?.(name, { index: record.line });
    if (observation !== null) taker.record?.(observation, record);
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(from: number): void {
    let place = from;
    for (;;) {
      const left = place * 2 + 1;
      const right = left + 1;
      const least = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (left >= this.#heap.length || !this.#isBefore(least, place)) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const a = this.#heap[one];
    const b = this.#heap[other];
    if (a === undefined || b === undefined) return false;
    return a.at === b.at ? a.order < b.order : a.at < b.at;
  }

  #swap(one: number, other: number): void {
    const a = this.#heap[one];
    const b = this.#heap[other];
    if (a === undefined || b === undefined) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }
}
