// The document's order of rules whose numbers stay while rules come and go. Not the rules.

/** Distance of two neighbours at first: room for twenty insertions at one spot before neighbours make way. */
const GAP = 2 ** 20;
/** Neighbours looked at first for room; doubled until there is some. */
const SPREAD = 32;
const NONE = -1;

export class RuleOrder {
  /** Least first; means nothing beyond that. */
  #key: Float64Array;
  #before: Int32Array;
  #after: Int32Array;
  #count: number;
  #first: number;
  #last: number;

  /** Rules 0 to `count` in this order. */
  constructor(count: number) {
    const room = Math.max(16, count * 2);
    this.#key = Float64Array.from({ length: room }, (_, number) => number * GAP);
    this.#before = Int32Array.from({ length: room }, (_, number) => number - 1);
    this.#after = Int32Array.from({ length: room }, (_, number) => (number + 1 < count ? number + 1 : NONE));
    this.#count = count;
    this.#first = count > 0 ? 0 : NONE;
    this.#last = count - 1;
  }

  /** Number of the next rule to come. */
  get count(): number {
    return this.#count;
  }

  keyOf(number: number): number {
    return this.#key[number] ?? 0;
  }

  /** Puts a new rule before another, or last (-1); its number, which is the next unless one that is free is given. */
  insert(before: number, free = NONE): number {
    if (free === NONE && this.#count >= this.#key.length) this.#grow();
    const number = free === NONE ? this.#count++ : free;
    const left = before === NONE ? this.#last : (this.#before[before] ?? NONE);
    this.#before[number] = left;
    this.#after[number] = before;
    if (left === NONE) this.#first = number;
    else this.#after[left] = number;
    if (before === NONE) this.#last = number;
    else this.#before[before] = number;
    this.#place(number, left, before);
    return number;
  }

  remove(number: number): void {
    const left = this.#before[number] ?? NONE;
    const right = this.#after[number] ?? NONE;
    if (left === NONE) this.#first = right;
    else this.#after[left] = right;
    if (right === NONE) this.#last = left;
    else this.#before[right] = left;
  }

  /** Numbers in order. */
  *numbers(): Generator<number> {
    for (let number = this.#first; number !== NONE; number = this.#after[number] ?? NONE) yield number;
  }

  #place(number: number, left: number, right: number): void {
    const least = left === NONE ? this.keyOf(right) - 2 * GAP : this.keyOf(left);
    const greatest = right === NONE ? this.keyOf(left) + 2 * GAP : this.keyOf(right);
    const key = left === NONE && right === NONE ? 0 : (least + greatest) / 2;
    this.#key[number] = key;
    if (left !== NONE && right !== NONE && (key <= least || key >= greatest)) this.#spread(number);
  }

  /** Neighbours make way: as many as it takes to have whole numbers between them. Their order stays. */
  #spread(number: number): void {
    for (let reach = SPREAD; ; reach *= 2) {
      let from = number;
      let to = number;
      let between = 0;
      for (let step = 0; step < reach && (this.#before[from] ?? NONE) !== NONE; step++, between++)
        from = this.#before[from] ?? NONE;
      for (let step = 0; step < reach && (this.#after[to] ?? NONE) !== NONE; step++, between++)
        to = this.#after[to] ?? NONE;
      const isAll = from === this.#first && to === this.#last;
      const step = isAll ? GAP : (this.keyOf(to) - this.keyOf(from)) / between;
      if (step < 1) continue;
      const least = this.keyOf(from);
      for (let at = 0, one = from; at <= between; at++, one = this.#after[one] ?? NONE)
        this.#key[one] = least + at * step;
      return;
    }
  }

  #grow(): void {
    const room = this.#key.length * 2;
    const key = new Float64Array(room);
    const before = new Int32Array(room);
    const after = new Int32Array(room);
    key.set(this.#key);
    before.set(this.#before);
    after.set(this.#after);
    this.#key = key;
    this.#before = before;
    this.#after = after;
  }
}
