// Directory of records by hash: one word each (tag and record number), open addressing, bounded probes, growing a few words at a time.
// Not the records: who asks compares keys.

import { grownWords, words } from './memory.ts';

/** Numbers of records fit beside the tag. */
export const RECORDS_MAX = 2 ** 24 - 1;
const NUMBER_MASK = 0xffffff;
const FIRST_SIZE = 2_048;
const EMPTY = 0;
/** A word that was used: probes go on behind it. Tags of used words are not 0, so no used word equals it. */
const GONE = 1;
/** Words looked at for one key. At the load allowed a longer run does not happen by chance; when one does, a key that finds no place is refused. */
const PROBES_MAX = 512;
/** Words moved to a larger directory by each insertion: it is done long before the larger one is full. */
const MOVED_AT_ONCE = 16;
/** Used words, gone ones included, per eight. */
const LOAD_OF_EIGHT = 5;
/** Words looked at for what is touched. */
const NEAR = 8;
export const NOT_FOUND = -1;

/** Asks whether the record `number` has the key that is looked for. */
export type Compares = (number: number) => boolean;

export class Directory {
  /** Word: seven bits of the hash with the top bit set, then 24 bits of record number. Indexed by the hash's low bits. */
  words = words(FIRST_SIZE);
  mask = FIRST_SIZE - 1;
  /** A smaller or fuller directory whose words are still being moved here; null usually. */
  #old: Int32Array | null = null;
  #moved = 0;
  #used = 0;
  #count = 0;
  readonly #hashOf: (number: number) => number;

  /** `hashOf` tells a record's hash anew; asked only while growing. */
  constructor(hashOf: (number: number) => number) {
    this.#hashOf = hashOf;
  }

  /** Whether keys may still lie in the earlier directory. */
  get isMoving(): boolean {
    return this.#old !== null;
  }

  find(hash: number, compares: Compares): number {
    const at = place(this.words, hash, compares);
    if (at >= 0) return (this.words[at] ?? 0) & NUMBER_MASK;
    if (this.#old === null) return NOT_FOUND;
    const old = place(this.#old, hash, compares);
    return old < 0 ? NOT_FOUND : (this.#old[old] ?? 0) & NUMBER_MASK;
  }

  /** The record in the directory in use whose tag fits first, or 0: for who wants to touch it before it is looked for. */
  likely(hash: number): number {
    const { words: table, mask } = this;
    const tag = tagOf(hash);
    for (let step = 0; step < NEAR; step++) {
      const word = table[(hash + step) & mask] ?? EMPTY;
      if (word === EMPTY) return 0;
      if (word >>> 24 === tag) return word & NUMBER_MASK;
    }
    return 0;
  }

  /** False where no place is near enough: the record is not in the directory then. */
  insert(hash: number, number: number): boolean {
    if (this.#old !== null) this.#move();
    else if ((this.#used + 1) * 8 > this.words.length * LOAD_OF_EIGHT) this.#begin();
    if (!this.#put(hash, number)) return false;
    this.#count++;
    return true;
  }

  remove(hash: number, number: number): void {
    const at = placeOfNumber(this.words, hash, number);
    if (at >= 0) {
      // Nothing lies behind an empty word, so this one need not be kept as a bridge.
      const isLast = this.words[(at + 1) & this.mask] === EMPTY;
      this.words[at] = isLast ? EMPTY : GONE;
      if (isLast) this.#used--;
      this.#count--;
      return;
    }
    if (this.#old === null) return;
    const old = placeOfNumber(this.#old, hash, number);
    if (old < 0) return;
    this.#old[old] = GONE;
    this.#count--;
  }

  #put(hash: number, number: number): boolean {
    let at = hash & this.mask;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const word = this.words[at] ?? EMPTY;
      if (word === EMPTY || word === GONE) {
        this.words[at] = (tagOf(hash) << 24) | number;
        if (word === EMPTY) this.#used++;
        return true;
      }
      at = (at + 1) & this.mask;
    }
    return false;
  }

  /** Takes a directory twice as large, or as large where most words are gone. */
  #begin(): void {
    const isCrowded = this.#count * 16 > this.words.length * LOAD_OF_EIGHT;
    const fresh = fromMemory(isCrowded ? this.words.length * 2 : this.words.length);
    if (fresh === null) return;
    this.#old = this.words;
    this.#moved = 0;
    this.#used = 0;
    this.words = fresh;
    this.mask = this.words.length - 1;
    this.#move();
  }

  /** A record that finds no place stays in the earlier directory, which is then kept. */
  #move(): void {
    const old = this.#old;
    if (old === null) return;
    const end = Math.min(this.#moved + MOVED_AT_ONCE, old.length);
    for (; this.#moved < end; this.#moved++) {
      const word = old[this.#moved] ?? EMPTY;
      if (word === EMPTY || word === GONE) continue;
      const number = word & NUMBER_MASK;
      if (!this.#put(this.#hashOf(number), number)) return;
      old[this.#moved] = GONE;
    }
    if (this.#moved >= old.length) this.#old = null;
  }
}

/** Null where there is no memory: the directory goes on as it is, and refuses keys that find no place. */
function fromMemory(count: number): Int32Array | null {
  return grownWords(words(0), count);
}

/** Seven bits that the place does not use, and the top bit, which marks a used word. */
export function tagOf(hash: number): number {
  return (hash >>> 24) | 0x80;
}

/** Place of the key, or -1. */
function place(table: Int32Array, hash: number, compares: Compares): number {
  const mask = table.length - 1;
  const tag = tagOf(hash);
  let at = hash & mask;
  for (let probe = 0; probe < PROBES_MAX; probe++) {
    const word = table[at] ?? EMPTY;
    if (word === EMPTY) return -1;
    if (word >>> 24 === tag && compares(word & NUMBER_MASK)) return at;
    at = (at + 1) & mask;
  }
  return -1;
}

/** Place of the record's word, or -1. */
function placeOfNumber(table: Int32Array, hash: number, number: number): number {
  const mask = table.length - 1;
  const wanted = (tagOf(hash) << 24) | number;
  let at = hash & mask;
  for (let probe = 0; probe < PROBES_MAX; probe++) {
    if (table[at] === wanted) return at;
    if (table[at] === EMPTY) return -1;
    at = (at + 1) & mask;
  }
  return -1;
}
