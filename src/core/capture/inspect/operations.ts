// Operations as text, made once: so that no string and no array is built for a packet whose operation was met before.
// Not a list of what operations exist: each decoder numbers and words its own.

import type { Decoder } from './decoder.ts';
import type { WireWords } from './wire-words.ts';

/** Different operations kept per protocol; the text of further ones is built anew each time. */
const KEPT_MAX = 65_536;

/** No operation: one shared array. */
export const NO_OPERATIONS: readonly string[] = Object.freeze([]);

/** One operation: its first word, its text behind that, and the array that a packet which carries only this one is given. */
export interface Operation {
  readonly protocol: string;
  readonly text: string;
  readonly only: readonly string[];
}

export class OperationWords {
  readonly #kept = new Map<Decoder, Map<number, Operation>>();
  readonly #unreadable = new Map<Decoder, readonly string[]>();
  readonly #words: WireWords;

  constructor(words: WireWords) {
    this.#words = words;
  }

  of(decoder: Decoder, code: number): Operation {
    let kept = this.#kept.get(decoder);
    if (kept === undefined) {
      kept = new Map();
      this.#kept.set(decoder, kept);
    }
    const known = kept.get(code);
    if (known !== undefined) return known;
    const protocol = decoder.operationProtocol?.(code) ?? decoder.protocol;
    const text = decoder.operationText(code, this.#words);
    const operation: Operation = { protocol, text, only: Object.freeze([`${protocol} ${text}`]) };
    if (kept.size < KEPT_MAX) kept.set(code, operation);
    return operation;
  }

  /** What a packet carries whose bytes may ask for something that could not be read: nothing that a narrow pattern fits. */
  unreadable(decoder: Decoder): readonly string[] {
    const known = this.#unreadable.get(decoder);
    if (known !== undefined) return known;
    const only = Object.freeze([`${decoder.protocol} ?`]);
    this.#unreadable.set(decoder, only);
    return only;
  }
}
