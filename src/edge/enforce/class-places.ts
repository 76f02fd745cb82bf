// Which index each class has: one that says the same as a class of the table before has the same. Not what a class says.

export class ClassPlaces {
  #next = 0;
  #known: ReadonlyMap<string, number> = new Map();
  #now = new Map<string, number>();

  /** Indexes given so far. They are never given again, so that a pair of classes is told by them. */
  get given(): number {
    return this.#next;
  }

  /** The classes of another table follow. */
  begin(): void {
    this.#known = this.#now;
    this.#now = new Map();
  }

  /** `says`: everything about a class that a selector, a mode, a budget or the kernel can ask. */
  of(says: string): number {
    const index = this.#known.get(says) ?? this.#next++;
    this.#now.set(says, index);
    return index;
  }
}
