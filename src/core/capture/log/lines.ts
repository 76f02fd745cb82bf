// Cuts chunks of bytes into lines of text. Bounded: a line that is too long is reported as such and not kept.

const LF = 0x0a;
const CR = 0x0d;
/** Longest line kept; a Zeek conn record is below 2 KiB. */
export const LINE_BYTES_MAX = 1_048_576;

/** Told of each line: its text without the line end and a byte order mark, or null for one that was too long. */
type LineTaker = (text: string | null) => void;

export class LineCutter {
  readonly #take: LineTaker;
  readonly #decoder = new TextDecoder();
  #rest: Uint8Array = new Uint8Array(0);
  #isTooLong = false;

  constructor(take: LineTaker) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let feed = chunk.indexOf(LF); feed >= 0; feed = chunk.indexOf(LF, from)) {
      this.#add(chunk.subarray(from, feed));
      this.#flush();
      from = feed + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** Hands on what stands behind the last line end; whether there was anything. */
  end(): boolean {
    const isOpen = this.#rest.length > 0 || this.#isTooLong;
    if (isOpen) this.#flush();
    return isOpen;
  }

  #add(bytes: Uint8Array): void {
    if (this.#isTooLong) return;
    if (this.#rest.length + bytes.length > LINE_BYTES_MAX) {
      this.#isTooLong = true;
      this.#rest = new Uint8Array(0);
      return;
    }
    if (this.#rest.length === 0) {
      this.#rest = bytes.slice();
      return;
    }
    const joined = new Uint8Array(this.#rest.length + bytes.length);
    joined.set(this.#rest);
    joined.set(bytes, this.#rest.length);
    this.#rest = joined;
  }

  #flush(): void {
    const isTooLong = this.#isTooLong;
    const bytes = this.#rest;
    this.#isTooLong = false;
    this.#rest = new Uint8Array(0);
    const end = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
    this.#take(isTooLong ? null : this.#decoder.decode(bytes.subarray(0, end)));
  }
}
