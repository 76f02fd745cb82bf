// What limits count on: one record of 32 bytes per (limit, pair or rule). Arithmetic only; who is charged is decided elsewhere.

import { type Instant, SECOND, type Window } from '#model';
import { doubles, grownDoubles, nextSize } from './memory.ts';
import type { Time } from './time.ts';
import { type Span, windowAt } from './window.ts';

/** Records at once. When full an opening that needs new ones is denied with `too-many-connections`. */
const BUDGETS_MAX = 16_777_216;
const FIRST_SIZE = 64;
/** A rolling window is judged over the running sixtieth and the sixty before it. */
const SLOTS = 61;
const PARTS = 60;
export const NO_BLOCK = -1;
/** Doubles of a record. `used`: bytes of the window, live or admitted connections, or the theoretical arrival time of a rate. */
export const BUDGET_WIDTH = 4;
export const BUDGET = {
  used: 0,
  /** End of the window, negative while the budget is shut for the rest of it; of a rolling one, the latest slot. */
  end: 1,
  floorUsed: 2,
  /** Start of the floor's window being filled; 0 until the budget is born. */
  floorStart: 3,
} as const;

export class Budgets {
  readonly #time: Time;
  cells = doubles(FIRST_SIZE * BUDGET_WIDTH);
  /** Ring of each rolling budget. */
  readonly #rings = new Map<number, Float64Array>();
  /** End of the window being filled of each floor. */
  readonly floorEnds = new Map<number, Instant>();
  readonly #free = new Map<number, number[]>();
  readonly #max: number;
  #size = FIRST_SIZE;
  #length = 0;

  constructor(time: Time, max = BUDGETS_MAX) {
    this.#time = time;
    this.#max = Math.min(max, BUDGETS_MAX);
  }

  /** First of `size` fresh records in a row, or `NO_BLOCK` when there is no room. */
  allocate(size: number): number {
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) return reused;
    // Two records fill a cache line, and begin one where there are two or more.
    const first = size > 1 && this.#length + size < this.#max ? (this.#length + 1) & ~1 : this.#length;
    if (first + size > this.#max) return NO_BLOCK;
    while (first + size > this.#size) if (!this.#grow()) return NO_BLOCK;
    this.#length = first + size;
    return first;
  }

  release(first: number, size: number): void {
    if (first < 0 || size === 0) return;
    this.cells.fill(0, first * BUDGET_WIDTH, (first + size) * BUDGET_WIDTH);
    for (let id = first; id < first + size; id++) {
      this.#rings.delete(id);
      this.floorEnds.delete(id);
    }
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [first]);
    else list.push(first);
  }

  used(id: number): number {
    return this.cells[id * BUDGET_WIDTH] ?? 0;
  }

  setUsed(id: number, used: number): void {
    this.cells[id * BUDGET_WIDTH] = used;
  }

  isShut(id: number): boolean {
    return (this.cells[id * BUDGET_WIDTH + BUDGET.end] ?? 0) < 0;
  }

  /** Denies every further packet until the window ends. The budget is already brought to `now`. */
  shut(id: number): void {
    this.cells[id * BUDGET_WIDTH + BUDGET.end] = -this.#end(id);
  }

  /** Start of the floor's window being filled, 0 until the budget is born. */
  floorStart(id: number): Instant {
    return this.cells[id * BUDGET_WIDTH + BUDGET.floorStart] ?? 0;
  }

  floorUsed(id: number): number {
    return this.cells[id * BUDGET_WIDTH + BUDGET.floorUsed] ?? 0;
  }

  /** Begins a floor's window. */
  startFloor(id: number, window: Span): void {
    this.cells[id * BUDGET_WIDTH + BUDGET.floorUsed] = 0;
    this.cells[id * BUDGET_WIDTH + BUDGET.floorStart] = window.start;
    this.floorEnds.set(id, window.end);
  }

  chargeFloor(id: number, bytes: number): void {
    const at = id * BUDGET_WIDTH + BUDGET.floorUsed;
    this.cells[at] = (this.cells[at] ?? 0) + bytes;
  }

  /** Brings a budget to the window that holds `now`; `used` then tells what is used in it. */
  bring(id: number, window: Window): void {
    if (window.kind === 'rolling') this.#roll(id, window.length);
    else if (this.#time.now >= this.#end(id)) {
      this.setUsed(id, 0);
      this.#setEnd(id, windowAt(window, this.#time.now).end);
    }
  }

  /** Adds to a budget already brought to `now`. */
  charge(id: number, window: Window, amount: number): void {
    this.setUsed(id, this.used(id) + amount);
    if (window.kind !== 'rolling') return;
    const ring = this.#rings.get(id);
    if (ring === undefined) return;
    const slot = this.#end(id) % SLOTS;
    ring[slot] = (ring[slot] ?? 0) + amount;
  }

  #end(id: number): number {
    return Math.abs(this.cells[id * BUDGET_WIDTH + BUDGET.end] ?? 0);
  }

  #setEnd(id: number, end: number): void {
    this.cells[id * BUDGET_WIDTH + BUDGET.end] = end;
  }

  #roll(id: number, length: number): void {
    const slot = Math.floor(this.#time.now / (length / PARTS));
    const ring = this.#ringOf(id, slot);
    const latest = this.#end(id);
    const passed = Math.min(slot - latest, SLOTS);
    for (let step = 1; step <= passed; step++) {
      const at = (slot - passed + step) % SLOTS;
      this.setUsed(id, this.used(id) - (ring[at] ?? 0));
      ring[at] = 0;
    }
    if (passed > 0) this.#setEnd(id, slot);
  }

  #ringOf(id: number, slot: number): Float64Array {
    const known = this.#rings.get(id);
    if (known !== undefined) return known;
    const ring = new Float64Array(SLOTS);
    this.#rings.set(id, ring);
    this.#setEnd(id, slot);
    return ring;
  }

  #grow(): boolean {
    const size = nextSize(this.#size, Math.max(this.#max, FIRST_SIZE));
    const larger = size > this.#size ? grownDoubles(this.cells, size * BUDGET_WIDTH) : null;
    if (larger === null) return false;
    this.cells = larger;
    this.#size = size;
    return true;
  }
}

/** Time that `units` cost at a rate. */
export function costOf(units: number, perSecond: number): number {
  return (units * SECOND) / perSecond;
}
