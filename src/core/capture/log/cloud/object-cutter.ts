// Cuts a stream of JSON into its objects without reading the whole: one after the other, elements of one array, or of an array inside one object.
// Bounded: an object that is too long is reported and not kept. Not a JSON parser: whoever takes an object parses it.

const QUOTE = 0x22;
const ESCAPE = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Longest object kept. Clouds write a record a minute and interface, below 1 MiB unless a machine is scanned. */
export const OBJECT_BYTES_MAX = 16 * 1_048_576;

/** Told of each object: its text, or null for one that was too long. */
type ObjectTaker = (text: string | null) => void;

/** How many brackets stand around each object: 0 for objects in a row, 1 for an array of them, 2 for an array in an object. */
export type Around = 0 | 1 | 2;

export class ObjectCutter {
  readonly #take: ObjectTaker;
  readonly #around: Around;
  readonly #decoder = new TextDecoder();
  #parts: Uint8Array[] = [];
  #length = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #isTooLong = false;

  constructor(around: Around, take: ObjectTaker) {
    this.#around = around;
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    let from = this.#isInObject ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#isInText) {
        this.#stepText(byte);
        continue;
      }
      if (byte === QUOTE) this.#isInText = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (byte === OPEN_OBJECT && this.#depth === this.#around) from = at;
        this.#depth++;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        // A bracket too many changes nothing, so that damage stays where it is.
        if (this.#depth > 0) this.#depth--;
        if (this.#depth !== this.#around || from < 0) continue;
        this.#keep(chunk.subarray(from, at + 1));
        this.#flush();
        from = -1;
      }
    }
    if (from >= 0) this.#keep(chunk.subarray(from));
  }

  /** Whether the stream ends inside an object, or inside what stands around them. */
  end(): boolean {
    return this.#depth > 0 || this.#isInText;
  }

  get #isInObject(): boolean {
    return this.#depth > this.#around && (this.#length > 0 || this.#isTooLong);
  }

  #stepText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === ESCAPE) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInText = false;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#isTooLong) return;
    this.#length += bytes.length;
    if (this.#length > OBJECT_BYTES_MAX) {
      this.#isTooLong = true;
      this.#parts = [];
    } else this.#parts.push(bytes.slice());
  }

  #flush(): void {
    const text = this.#isTooLong ? null : this.#text();
    this.#parts = [];
    this.#length = 0;
    this.#isTooLong = false;
    this.#take(text);
  }

  #text(): string {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return this.#decoder.decode(joined);
  }
}

/** What stands around the objects of a text that begins so: an array, one object with an array under `name`, or nothing. */
export function aroundOf(text: string, name: string): Around {
  const begin = text.trimStart();
  if (begin.startsWith('[')) return 1;
  return new RegExp(`^\\{\\s*"${name}"\\s*:\\s*\\[`).test(begin) ? 2 : 0;
}
