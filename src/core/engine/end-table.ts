// The ends that an engine has met, numbered in that order and found by address and MAC. Not what the policy makes of them.

import type { Mac } from '#model';
import { type End, NO_END, UNSEEN } from './ends.ts';
import { NO_CLASS } from './memo.ts';
import { grownWords, words } from './memory.ts';

/** Words of an end's record, half a cache line. The MAC is a double over words 0 and 1. */
const WIDTH = 8;
export const END = {
  mac: 0,
  next: 2,
  classNumber: 3,
  element: 4,
  change: 5,
  flags: 6,
  isKnown: 1,
  isEnforcing: 2,
} as const;
export const END_WIDTH = WIDTH;
const { next: NEXT, change: CHANGE, classNumber: CLASS } = END;
const NONE = NO_CLASS;
const FIRST_SIZE = 1_024;

export class EndTable {
  words = words(FIRST_SIZE * WIDTH);
  /** The same memory as doubles. */
  doubles = doublesOf(this.words);
  readonly ends: End[] = [];
  /** By address: one more than the number of its first end, 0 for none. */
  firsts = words(FIRST_SIZE);
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Number of an end, or `NO_END`. */
  find(address: number, mac: Mac): number {
    let number = (this.firsts[address] ?? 0) - 1;
    while (number >= 0 && this.doubles[(number * WIDTH) >> 1] !== mac)
      number = this.words[number * WIDTH + NEXT] ?? NO_END;
    return number;
  }

  /** Number of a new end, not recognised yet; `NO_END` when the table is full. */
  add(address: number, mac: Mac): number {
    if (this.ends.length >= this.#max || address < 0 || !this.#hasRoom(address)) return NO_END;
    const number = this.ends.length;
    const end: End = { number, address, mac, ...UNSEEN };
    this.ends.push(end);
    this.doubles[(number * WIDTH) >> 1] = mac;
    this.words[number * WIDTH + NEXT] = (this.firsts[address] ?? 0) - 1;
    this.firsts[address] = number + 1;
    this.note(end);
    return number;
  }

  /** Copies into an end's record what every opening asks for. */
  note({ number, classNumber, element, change, isKnown, mode }: End): void {
    const at = number * WIDTH;
    this.words[at + END.classNumber] = classNumber;
    this.words[at + END.element] = element;
    this.words[at + END.change] = change;
    this.words[at + END.flags] = (isKnown ? END.isKnown : 0) | (mode.mode === 'enforce' ? END.isEnforcing : 0);
  }

  /** Class of an end as of a count of changes, else `NO_CLASS`. */
  classOf(number: number, change: number): number {
    const at = number * WIDTH;
    return this.words[at + CHANGE] === change ? (this.words[at + CLASS] ?? NONE) : NONE;
  }

  #hasRoom(address: number): boolean {
    const needed = (this.ends.length + 1) * WIDTH;
    const table = needed > this.words.length ? grownWords(this.words, this.words.length * 2) : this.words;
    const isLonger = address >= this.firsts.length;
    const firsts = isLonger ? grownWords(this.firsts, Math.max(this.firsts.length * 2, address + 1)) : this.firsts;
    if (table === null || firsts === null) return false;
    if (table !== this.words) this.doubles = doublesOf(table);
    this.words = table;
    this.firsts = firsts;
    return true;
  }
}

function doublesOf(table: Int32Array): Float64Array {
  return new Float64Array(table.buffer, table.byteOffset, table.length / 2);
}
