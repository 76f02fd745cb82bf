// Cuts a child's output into lines. Holds one unfinished line, bounded; what is longer is no line of these tools and is dropped.

/** conntrack's longest lines have about 600 characters. */
const LINE_CHARS_MAX = 65_536;

export class Lines {
  readonly #take: (line: string) => void;
  #rest = '';
  #isDropping = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      if (!this.#isDropping) this.#take(this.#rest + text.slice(from, end));
      this.#isDropping = false;
      this.#rest = '';
      from = end + 1;
    }
    if (this.#rest.length + text.length - from > LINE_CHARS_MAX) this.#isDropping = true;
    this.#rest = this.#isDropping ? '' : this.#rest + text.slice(from);
  }

  /** The child is gone; the next one's first line is whole. */
  clear(): void {
    this.#rest = '';
    this.#isDropping = false;
  }
}
