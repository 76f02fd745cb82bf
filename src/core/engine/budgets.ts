// What limits count on: one record per (limit, pair or rule) in typed arrays. Arithmetic only; who is charged is decided elsewhere.

import { SECOND, type Window } from '#model';
import type { Time } from './time.ts';
import { windowAt } from './window.ts';

/** Records at once. When full an opening that needs new ones is denied with `too-many-connections`. */
const BUDGETS_MAX = 1_048_576;
const FIRST_SIZE = 64;
/** A rolling window is judged over the running sixtieth and the sixty before it. */
const SLOTS = 61;
const PARTS = 60;
export const NO_BLOCK = -1;

export class Budgets {
  readonly #time: Time;
  /** Bytes of the window, live or admitted connections, or the theoretical arrival time of a rate. */
  used = new Float64Array(FIRST_SIZE);
  isShut = new Uint8Array(FIRST_SIZE);
  floorUsed = new Float64Array(FIRST_SIZE);
  /** The floor's window being filled; start is 0 until the budget is born. */
  floorStart = new Float64Array(FIRST_SIZE);
  floorEnd = new Float64Array(FIRST_SIZE);
  /** End of the window; of a rolling one, the latest slot. */
  #end = new Float64Array(FIRST_SIZE);
  /** One more than the index of a rolling budget's ring, 0 for none. */
  #ring = new Int32Array(FIRST_SIZE);
  #rings: Float64Array[] = [];
  #freeRings: number[] = [];
  readonly #free = new Map<number, number[]>();
  readonly #max: number;
  #length = 0;

  constructor(time: Time, max = BUDGETS_MAX) {
    this.#time = time;
    this.#max = Math.min(max, BUDGETS_MAX);
  }

  /** First of `size` fresh records in a row, or `NO_BLOCK` when there is no room. */
  allocate(size: number): number {
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) return reused;
    if (this.#length + size > this.#max) return NO_BLOCK;
    const first = this.#length;
    this.#length += size;
    while (this.#length > this.used.length) this.#grow();
    return first;
  }

  release(first: number, size: number): void {
    if (first < 0 || size === 0) return;
    for (let id = first; id < first + size; id++) {
      const ring = this.#ring[id] ?? 0;
      if (ring > 0) {
        this.#rings[ring - 1]?.fill(0);
        this.#freeRings.push(ring);
      }
      this.used[id] = 0;
      this.isShut[id] = 0;
      this.floorUsed[id] = 0;
      this.floorStart[id] = 0;
      this.floorEnd[id] = 0;
      this.#end[id] = 0;
      this.#ring[id] = 0;
    }
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [first]);
    else list.push(first);
  }

  /** Brings a budget to the window that holds `now`; `used` then tells what is used in it. */
  bring(id: number, window: Window): void {
    if (window.kind === 'rolling') this.#roll(id, window.length);
    else if (this.#time.now >= (this.#end[id] ?? 0)) {
      this.used[id] = 0;
      this.isShut[id] = 0;
      this.#end[id] = windowAt(window, this.#time.now).end;
    }
  }

  /** Adds to a budget already brought to `now`. */
  charge(id: number, window: Window, amount: number): void {
    this.used[id] = (this.used[id] ?? 0) + amount;
    if (window.kind !== 'rolling') return;
    const ring = this.#rings[(this.#ring[id] ?? 0) - 1];
    if (ring === undefined) return;
    const slot = (this.#end[id] ?? 0) % SLOTS;
    ring[slot] = (ring[slot] ?? 0) + amount;
  }

  #roll(id: number, length: number): void {
    const slot = Math.floor(this.#time.now / (length / PARTS));
    const ring = this.#ringOf(id, slot);
    const latest = this.#end[id] ?? 0;
    const passed = Math.min(slot - latest, SLOTS);
    for (let step = 1; step <= passed; step++) {
      const at = (slot - passed + step) % SLOTS;
      this.used[id] = (this.used[id] ?? 0) - (ring[at] ?? 0);
      ring[at] = 0;
    }
    if (passed > 0) this.#end[id] = slot;
  }

  #ringOf(id: number, slot: number): Float64Array {
    const known = this.#rings[(this.#ring[id] ?? 0) - 1];
    if (known !== undefined) return known;
    const ring = new Float64Array(SLOTS);
    const reused = this.#freeRings.pop();
    const number = reused ?? this.#rings.push(ring);
    this.#ring[id] = number;
    this.#end[id] = slot;
    return this.#rings[number - 1] ?? ring;
  }

  #grow(): void {
    const size = this.used.length * 2;
    this.used = grown(this.used, new Float64Array(size));
    this.isShut = grown(this.isShut, new Uint8Array(size));
    this.floorUsed = grown(this.floorUsed, new Float64Array(size));
    this.floorStart = grown(this.floorStart, new Float64Array(size));
    this.floorEnd = grown(this.floorEnd, new Float64Array(size));
    this.#end = grown(this.#end, new Float64Array(size));
    this.#ring = grown(this.#ring, new Int32Array(size));
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

/** Time that `units` cost at a rate. */
export function costOf(units: number, perSecond: number): number {
  return (units * SECOND) / perSecond;
}
