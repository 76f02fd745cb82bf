// Numbers that were given back and may be given again, so that tables stay as long as what they hold. Not the tables.

import { grownWords, words } from './memory.ts';

const FIRST_SIZE = 64;
export const NO_SPARE = -1;

/** First in, first out. A number rests until `rest` others were given back after it: who still holds it has time to ask what it was. */
export class Spares {
  readonly #rest: number;
  #ring = words(FIRST_SIZE);
  #first = 0;
  #count = 0;

  constructor(rest: number) {
    this.#rest = rest;
  }

  give(number: number): void {
    if (this.#count >= this.#ring.length && !this.#grow()) return;
    this.#ring[(this.#first + this.#count++) % this.#ring.length] = number;
  }

  /** The number that has rested longest, or `NO_SPARE`. */
  take(): number {
    if (this.#count <= this.#rest) return NO_SPARE;
    const number = this.#ring[this.#first] ?? NO_SPARE;
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#count--;
    return number;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Without memory a number is not given again. */
  #grow(): boolean {
    const size = this.#ring.length;
    const larger = grownWords(this.#ring, size * 2);
    if (larger === null) return false;
    for (let at = 0; at < size; at++) larger[at] = this.#ring[(this.#first + at) % size] ?? NO_SPARE;
    this.#ring = larger;
    this.#first = 0;
    return true;
  }
}
