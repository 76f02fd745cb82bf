// A multiset of keys that tells whether a key came or went since it was last asked. Not what the keys mean.

export class Counted {
  readonly #counts = new Map<string, number>();
  /** Whether a key was there, for those that came or went since the last call of `takeChanged`. */
  #before = new Map<string, boolean>();

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  add(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count === 0) this.#note(key, false);
    this.#counts.set(key, count + 1);
  }

  remove(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else if (this.#counts.delete(key)) this.#note(key, true);
  }

  /** Whether a key is there that was not at the last call, or the other way round. */
  takeChanged(): boolean {
    let hasChanged = false;
    for (const [key, was] of this.#before) hasChanged ||= this.#counts.has(key) !== was;
    this.#before = new Map();
    return hasChanged;
  }

  #note(key: string, was: boolean): void {
    if (!this.#before.has(key)) this.#before.set(key, was);
  }
}
