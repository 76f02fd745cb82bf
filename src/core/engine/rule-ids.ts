// Numbers of the rules in force by their id. Keeps no text: the rules themselves are asked, and it grows and shrinks a few words at a time,
// since the runtime's own map stands still for all its entries now and then.

import { Directory, NOT_FOUND } from './directory.ts';
import { mixed } from './memory.ts';

export class RuleIds {
  readonly #directory: Directory;
  readonly #idOf: (number: number) => string;
  #asked = '';
  readonly #isAsked = (number: number): boolean => this.#idOf(number) === this.#asked;

  /** `idOf`: id of a number that was added. */
  constructor(idOf: (number: number) => string) {
    this.#idOf = idOf;
    this.#directory = new Directory((number) => hashOf(idOf(number)));
  }

  /** Number of the rule of an id, or null. */
  get(id: string): number | null {
    this.#asked = id;
    const number = this.#directory.find(hashOf(id), this.#isAsked);
    return number === NOT_FOUND ? null : number;
  }

  /** False where there is no place for it, which is then as if it were not there. */
  add(id: string, number: number): boolean {
    return this.#directory.insert(hashOf(id), number);
  }

  remove(id: string, number: number): void {
    this.#directory.remove(hashOf(id), number);
  }
}

/** Of each character, so that ids that differ in one do not meet. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return mixed(hash);
}
