// A set of small integers that holds a bounded number in two generations: what was not asked for in a whole generation is forgotten.

export class RecentSet {
  readonly #generationMax: number;
  #newer = new Set<number>();
  #older = new Set<number>();

  constructor(generationMax: number) {
    this.#generationMax = generationMax;
  }

  /** Whether it is known; asking keeps it. */
  has(value: number): boolean {
    if (this.#newer.has(value)) return true;
    if (!this.#older.has(value)) return false;
    this.add(value);
    return true;
  }

  add(value: number): void {
    if (this.#newer.size >= this.#generationMax) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(value);
  }
}

/** Thirty bits that depend on all of up to four integers; equal input gives equal output. Not meant to withstand search for collisions: one only hides a first contact. */
export function fingerprint(a: number, b: number, c = 0, d = 0): number {
  let hash = 0x9e3779b9 ^ a;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) ^ b;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) ^ c;
  hash = Math.imul(hash ^ (hash >>> 16), 0x27d4eb2f) ^ d;
  hash = Math.imul(hash ^ (hash >>> 15), 0x165667b1);
  return (hash ^ (hash >>> 16)) & 0x3fffffff;
}
