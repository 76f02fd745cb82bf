// What limits count on: one record of 16 bytes per (limit, pair or rule), and 16 more where there are floors. Arithmetic only; who is charged is decided elsewhere.

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
/** Records in a cache line. */
const PER_LINE = 4;
export const NO_BLOCK = -1;
/** Doubles of a record. `used`: bytes of the window, live or admitted connections, or the theoretical arrival time of a rate. */
export const BUDGET_WIDTH = 2;
export const BUDGET = {
  used: 0,
  /** End of the window, negative while the budget is shut for the rest of it; of a rolling one, the latest slot. */
  end: 1,
} as const;
/** Doubles of a floor beside it, at the same place: what was used, and the start of the window being filled, 0 until the budget is born. */
export const FLOOR = { used: 0, start: 1 } as const;
const NO_FLOORS = doubles(0);

export class Budgets {
  readonly #time: Time;
  cells = doubles(FIRST_SIZE * BUDGET_WIDTH);
  /** Empty until a floor is born, then as long as `cells`. */
  floors = NO_FLOORS;
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
    const first = this.#firstOf(size);
    if (first + size > this.#max) return NO_BLOCK;
    while (first + size > this.#size) if (!this.#grow()) return NO_BLOCK;
    this.#length = first + size;
    return first;
  }

  release(first: number, size: number): void {
    if (first < 0 || size === 0) return;
    this.cells.fill(0, first * BUDGET_WIDTH, (first + size) * BUDGET_WIDTH);
    this.floors.fill(0, first * BUDGET_WIDTH, (first + size) * BUDGET_WIDTH);
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
    return this.floors[id * BUDGET_WIDTH + FLOOR.start] ?? 0;
  }

  floorUsed(id: number): number {
    return this.floors[id * BUDGET_WIDTH + FLOOR.used] ?? 0;
  }

  /** Begins a floor's window. */
  startFloor(id: number, window: Span): void {
    if (this.floors.length < this.cells.length) this.floors = largerFloors(this.floors, this.cells.length);
    this.floors[id * BUDGET_WIDTH + FLOOR.used] = 0;
    this.floors[id * BUDGET_WIDTH + FLOOR.start] = window.start;
    this.floorEnds.set(id, window.end);
  }

  chargeFloor(id: number, bytes: number): void {
    const at = id * BUDGET_WIDTH + FLOOR.used;
    this.floors[at] = (this.floors[at] ?? 0) + bytes;
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

  /** Four records fill a cache line: none that fits into one straddles two. */
  #firstOf(size: number): number {
    const left = PER_LINE - (this.#length % PER_LINE);
    const isSplit = size > left && size > 1;
    return isSplit && this.#length + left + size <= this.#max ? this.#length + left : this.#length;
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

/** A floor that finds no memory would not be judged, which is a failure. */
function largerFloors(from: Float64Array, length: number): Float64Array {
  const grown = grownDoubles(from, length);
  if (grown === null) throw new RangeError('no memory for floors');
  return grown;
}

/** Time that `units` cost at a rate. */
export function costOf(units: number, perSecond: number): number {
  return (units * SECOND) / perSecond;
}
