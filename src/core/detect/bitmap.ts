// Counts different small integers in fixed memory (linear counting, Whang et al. 1990). Not exact: says when it is full.

import { BITMAP_BITS } from './bounds.ts';

export class Bitmap {
  readonly #words = new Uint32Array(BITMAP_BITS / 32);
  #set = 0;

  /** `value` is any integer; equal ones count once. Gives whether it may be new. */
  add(value: number): boolean {
    const bit = (Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 8) % BITMAP_BITS;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    const before = this.#words[word] ?? 0;
    if (before & mask) return false;
    this.#words[word] = before | mask;
    this.#set++;
    return true;
  }

  /** How many different values, about. */
  get count(): number {
    const unset = Math.max(1, BITMAP_BITS - this.#set);
    return Math.round(BITMAP_BITS * Math.log(BITMAP_BITS / unset));
  }

  get isFull(): boolean {
    return this.#set >= BITMAP_BITS * 0.98;
  }
}
