// The queue of instants at which something happens without a packet: a binary heap in typed arrays, 16 bytes a timer.
// Timers that no longer apply are skipped when due.

import { END_OF_TIME, type Instant } from '#model';

/** What a timer stands for; at one instant they run in this order. */
export const TIMER = { ruleEnd: 0, idle: 1, removal: 2, logoff: 3, lifetime: 4, hours: 5, floor: 6 } as const;
/** Whether a timer of this kind is of one session, told by its slot. */
export function isOfSession(kind: number): boolean {
  return kind >= TIMER.idle && kind <= TIMER.lifetime;
}

const KIND_SHIFT = 8;
const GENERATION_MASK = 0xff;
const FIRST_SIZE = 256;

export interface Taken {
  at: Instant;
  kind: number;
  /** Rule, slot, hours or floor. */
  id: number;
  generation: number;
}

/** What the heap must know of those it wakes: whether a timer is still wanted, and which of two floors is judged first. */
export interface Sleepers {
  isWanted(kind: number, id: number, generation: number): boolean;
  isFloorBefore(one: number, other: number): boolean;
}

/** Grows only after the timers of ended sessions are dropped: it holds a few for each live session with such limits, one for each rule, hours and floor. */
export class Timers {
  /** The timer taken last. */
  readonly taken: Taken = { at: 0, kind: 0, id: 0, generation: 0 };
  readonly #sleepers: Sleepers;
  #at = new Float64Array(FIRST_SIZE);
  #code = new Int32Array(FIRST_SIZE);
  #id = new Int32Array(FIRST_SIZE);
  #length = 0;

  constructor(sleepers: Sleepers) {
    this.#sleepers = sleepers;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#at.byteLength + this.#code.byteLength + this.#id.byteLength;
  }

  /** Instant of the next timer, `END_OF_TIME` when there is none. */
  get next(): Instant {
    return this.#length === 0 ? END_OF_TIME : (this.#at[0] ?? END_OF_TIME);
  }

  /** Kind of the next timer, -1 when there is none. */
  get nextKind(): number {
    return this.#length === 0 ? -1 : (this.#code[0] ?? 0) >> KIND_SHIFT;
  }

  push(kind: number, id: number, due: { at: Instant; generation?: number }): void {
    if (due.at >= END_OF_TIME) return;
    if (this.#length >= this.#at.length) this.#makeRoom();
    const place = this.#length++;
    this.#at[place] = due.at;
    this.#code[place] = (kind << KIND_SHIFT) | (due.generation ?? 0);
    this.#id[place] = id;
    this.#rise(place);
  }

  /** Moves the first timer into `taken`. */
  take(): void {
    if (this.#length === 0) return;
    this.taken.at = this.#at[0] ?? 0;
    this.taken.kind = (this.#code[0] ?? 0) >> KIND_SHIFT;
    this.taken.generation = (this.#code[0] ?? 0) & GENERATION_MASK;
    this.taken.id = this.#id[0] ?? 0;
    this.#length--;
    this.#copy(this.#length, 0);
    this.#sink(0);
  }

  /** Drops the timers of rules' ends and floors. */
  dropRules(): void {
    this.#keep((kind) => kind !== TIMER.ruleEnd && kind !== TIMER.floor);
  }

  /** Drops timers that are not wanted any more; doubles the heap where that frees less than half. */
  #makeRoom(): void {
    const kept = this.#keep((kind, id, generation) => this.#sleepers.isWanted(kind, id, generation));
    if (kept * 2 < this.#at.length) return;
    const size = this.#at.length * 2;
    this.#at = grown(this.#at, new Float64Array(size));
    this.#code = grown(this.#code, new Int32Array(size));
    this.#id = grown(this.#id, new Int32Array(size));
  }

  /** Drops what is not to be kept; how many are left. */
  #keep(isKept: Sleepers['isWanted']): number {
    let kept = 0;
    for (let place = 0; place < this.#length; place++) {
      const code = this.#code[place] ?? 0;
      if (isKept(code >> KIND_SHIFT, this.#id[place] ?? 0, code & GENERATION_MASK)) this.#copy(place, kept++);
    }
    const isHeap = kept === this.#length;
    this.#length = kept;
    for (let parent = isHeap ? -1 : (kept >> 1) - 1; parent >= 0; parent--) this.#sink(parent);
    return kept;
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
    const at = this.#at[one] ?? 0;
    const otherAt = this.#at[other] ?? 0;
    if (at !== otherAt) return at < otherAt;
    const kind = (this.#code[one] ?? 0) >> KIND_SHIFT;
    const otherKind = (this.#code[other] ?? 0) >> KIND_SHIFT;
    if (kind !== otherKind) return kind < otherKind;
    const id = this.#id[one] ?? 0;
    const otherId = this.#id[other] ?? 0;
    return kind === TIMER.floor ? this.#sleepers.isFloorBefore(id, otherId) : id < otherId;
  }

  #swap(one: number, other: number): void {
    const at = this.#at[one] ?? 0;
    const code = this.#code[one] ?? 0;
    const id = this.#id[one] ?? 0;
    this.#copy(other, one);
    this.#at[other] = at;
    this.#code[other] = code;
    this.#id[other] = id;
  }

  #copy(from: number, to: number): void {
    this.#at[to] = this.#at[from] ?? 0;
    this.#code[to] = this.#code[from] ?? 0;
    this.#id[to] = this.#id[from] ?? 0;
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
