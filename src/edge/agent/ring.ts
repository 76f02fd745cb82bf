// The latest rows of a record, and those who follow it. Bounded: the oldest row goes when a new one comes. Not on disk.

export type Follower<Row> = (row: Row) => void;

/** People who watch at once; a further one is refused. */
const FOLLOWERS_MAX = 32;

export class Ring<Row> {
  readonly #rowsMax: number;
  readonly #rows: Row[] = [];
  /** Place of the oldest row once the ring is full. */
  #oldest = 0;
  #total = 0;
  readonly #followers = new Set<Follower<Row>>();

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  /** All that ever came. */
  get total(): number {
    return this.#total;
  }

  /** Whether rows were forgotten. */
  get isCut(): boolean {
    return this.#total > this.#rows.length;
  }

  push(row: Row): void {
    this.#total++;
    if (this.#rows.length < this.#rowsMax) this.#rows.push(row);
    else {
      this.#rows[this.#oldest] = row;
      this.#oldest = (this.#oldest + 1) % this.#rowsMax;
    }
    for (const follower of this.#followers) follower(row);
  }

  /** The latest rows, oldest first. */
  latest(count = this.#rowsMax): readonly Row[] {
    const inOrder = [...this.#rows.slice(this.#oldest), ...this.#rows.slice(0, this.#oldest)];
    return count >= inOrder.length ? inOrder : inOrder.slice(inOrder.length - Math.max(0, count));
  }

  /** Tells a follower every row from now on; null where too many follow already. */
  follow(follower: Follower<Row>): (() => void) | null {
    if (this.#followers.size >= FOLLOWERS_MAX) return null;
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}
