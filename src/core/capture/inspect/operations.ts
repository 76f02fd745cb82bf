// Operations as text, made once: so that no string and no array is built for a packet whose operation was met before.
// Not a list of what operations exist: each decoder numbers and words its own.

import type { Decoder } from './decoder.ts';

/** Different operations kept per protocol; the text of further ones is built anew each time. */
const KEPT_MAX = 65_536;

/** No operation: one shared array. */
export const NO_OPERATIONS: readonly string[] = Object.freeze([]);

/** One operation: its text without the protocol, and the array that a packet which carries only this one is given. */
export interface Operation {
  readonly text: string;
  readonly only: readonly string[];
}

export class OperationWords {
  readonly #kept = new Map<Decoder, Map<number, Operation>>();

  of(decoder: Decoder, code: number): Operation {
    let kept = this.#kept.get(decoder);
    if (kept === undefined) {
      kept = new Map();
      this.#kept.set(decoder, kept);
    }
    const known = kept.get(code);
    if (known !== undefined) return known;
    const text = decoder.operationText(code);
    const operation: Operation = { text, only: Object.freeze([`${decoder.protocol} ${text}`]) };
    if (kept.size < KEPT_MAX) kept.set(code, operation);
    return operation;
  }
}
