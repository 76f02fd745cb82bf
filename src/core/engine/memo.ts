// What governed the last conversations between ends of two classes: most openings repeat one that was matched before. Forgets at will, changes no answer.

import { grownWords, mixed, words } from './memory.ts';

/** Entries of 32 bytes, four in two neighbouring cache lines, which are fetched together. */
const FIRST_SIZE = 1_024;
/** They stay in the processor's larger caches. Of five conversations with one place the four latest are kept. */
const SIZE_MAX = 131_072;
export const MEMO_WIDTH = 8;
const WAYS = 4;
export const MEMO_SET = WAYS * MEMO_WIDTH;
const WIDTH = MEMO_WIDTH;
const SET = MEMO_SET;
/** Words of an entry. The first four must be as asked. */
export const MEMO = { from: 0, to: 1, wire: 2, version: 3, found: 4, service: 5, plan: 6, isOther: 7 } as const;
/** Class of ends that are not to be remembered. */
export const NO_CLASS = -1;
const PORT_BITS = 17;
const NONE = -1;
const { to: TO, wire: WIRE, version: VERSION } = MEMO;

/** Protocol and port in one word. */
export function wireOf(protocol: number, port: number): number {
  return (protocol << PORT_BITS) | (port + 1);
}

export class Memo {
  words = words(FIRST_SIZE * WIDTH);
  /** Of the hash: which set. */
  mask = FIRST_SIZE / WAYS - 1;
  /** Counted from 1, so that no empty entry is of it. */
  version = 1;
  #kept = 0;

  /** Everything kept so far is of a policy that is no more. */
  forget(): void {
    this.version = (this.version + 1) | 0;
    if (this.version !== 0) return;
    this.words.fill(0);
    this.version = 1;
  }

  /** Place of the entry of two classes, or -1. */
  find(from: number, to: number, wire: number): number {
    if (from < 0 || to < 0) return NONE;
    const first = (memoHash(from, to, wire) & this.mask) * SET;
    for (let at = first; at < first + SET; at += WIDTH) if (this.#isAt(at, from, to, wire)) return at;
    return NONE;
  }

  /** Keeps what was found between two classes; its place, or -1. */
  keep(
    { from, to, wire }: { from: number; to: number; wire: number },
    what: { readonly found: number; readonly service: number; readonly plan: number; readonly isOther: boolean },
  ): number {
    if (from < 0 || to < 0) return NONE;
    // At one entry a set hardly any set is asked for five.
    if (++this.#kept > this.mask && this.mask < SIZE_MAX / WAYS - 1) this.#grow();
    const { words: table } = this;
    const at = (memoHash(from, to, wire) & this.mask) * SET;
    table.copyWithin(at + WIDTH, at, at + SET - WIDTH);
    table[at] = from;
    table[at + TO] = to;
    table[at + WIRE] = wire;
    table[at + VERSION] = this.version;
    table[at + MEMO.found] = what.found;
    table[at + MEMO.service] = what.service;
    table[at + MEMO.plan] = what.plan;
    table[at + MEMO.isOther] = what.isOther ? 1 : 0;
    return at;
  }

  #isAt(at: number, from: number, to: number, wire: number): boolean {
    const { words: table } = this;
    return (
      table[at] === from && table[at + TO] === to && table[at + WIRE] === wire && table[at + VERSION] === this.version
    );
  }

  /** Begins an empty one four times as large. */
  #grow(): void {
    const sets = (this.mask + 1) * 4;
    const larger = grownWords(words(0), sets * SET);
    this.#kept = 0;
    if (larger === null) return;
    this.words = larger;
    this.mask = sets - 1;
  }
}

export function memoHash(from: number, to: number, wire: number): number {
  return mixed((Math.imul(from, 0x9e3779b1) + Math.imul(to, 0x85ebca77) + Math.imul(wire, 0xc2b2ae3d)) | 0);
}
