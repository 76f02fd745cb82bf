// Words that came off the wire, numbered: so that an operation with a tool's name is a number like any other, and no text is built for a word met before.
// Bounded: when the table is full, a new word is no word. Not a table of names for people: those are facts.

import { u8 } from './bytes.ts';

/** Longest word kept; MCP permits tool names of 128. */
export const WORD_BYTES_MAX = 128;
/** Different words kept; about 200 bytes each. */
export const WORDS_MAX = 16_384;
/** Number of a word that is too long, or that found no room. */
export const NO_WORD = 0;

/** Slots of the hash table: twice as many as words, so that a look-up stays short. */
const SLOTS = WORDS_MAX * 2;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class WireWords {
  /** Slot to word number, 0 for an empty slot; made when the first word comes. */
  #slots = new Uint16Array(0);
  readonly #bytes: Uint8Array[] = [new Uint8Array(0)];

  /** The number of the word, or `NO_WORD`. */
  numberOf(data: Uint8Array, from: number, to: number): number {
    if (to <= from || to - from > WORD_BYTES_MAX) return NO_WORD;
    if (this.#slots.length === 0) this.#slots = new Uint16Array(SLOTS);
    let slot = hash(data, from, to) % SLOTS;
    for (let step = 0; step < SLOTS; step++) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return this.#add(slot, data.slice(from, to));
      if (isSame(this.#bytes[number], data, from, to)) return number;
      slot = (slot + 1) % SLOTS;
    }
    return NO_WORD;
  }

  /** The word as text that is safe in a policy and on a terminal: letters, digits and `. _ / - :` as they are, any other byte as %XX; `?` for `NO_WORD`. */
  text(number: number): string {
    const bytes = number === NO_WORD ? undefined : this.#bytes[number];
    if (bytes === undefined) return '?';
    let text = '';
    for (const byte of bytes) {
      const char = String.fromCharCode(byte);
      text += /[A-Za-z0-9._/:-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    }
    return text;
  }

  #add(slot: number, bytes: Uint8Array): number {
    if (this.#bytes.length > WORDS_MAX) return NO_WORD;
    this.#slots[slot] = this.#bytes.length;
    return this.#bytes.push(bytes) - 1;
  }
}

/** FNV-1a (public domain). */
function hash(data: Uint8Array, from: number, to: number): number {
  let value = FNV_OFFSET;
  for (let at = from; at < to; at++) value = Math.imul(value ^ u8(data, at), FNV_PRIME);
  return value >>> 0;
}

function isSame(word: Uint8Array | undefined, data: Uint8Array, from: number, to: number): boolean {
  if (word === undefined || word.length !== to - from) return false;
  for (let at = 0; at < word.length; at++) if (word[at] !== data[from + at]) return false;
  return true;
}
