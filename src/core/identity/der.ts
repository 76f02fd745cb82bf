// A strict reader of DER: one way to write each value, everything else is refused. Not a general ASN.1 library: only what certificates need.
// The first trouble sticks: every later read gives nothing, so a caller reads straight on and looks once at the end.

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The first trouble of a text, shared by all readers of its parts. */
export interface Trouble {
  text: string | null;
}

/** Longest length that is read: two bytes suffice for whatever this room accepts. */
const LENGTH_BYTES_MAX = 2;
/** Longest object identifier: those of certificates have at most nine. */
const OBJECT_ID_BYTES_MAX = 16;
const NOTHING = new Uint8Array(0);

export class Der {
  readonly #bytes: Uint8Array;
  readonly #trouble: Trouble;
  /** Where `#bytes` begins in the whole text, for messages. */
  readonly #base: number;
  /** Tag, length and content, as they stand in the text. */
  readonly raw: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, trouble: Trouble, place: { readonly base: number; readonly raw: Uint8Array }) {
    this.#bytes = bytes;
    this.#trouble = trouble;
    this.#base = place.base;
    this.raw = place.raw;
  }

  /** A reader over a whole text. */
  static over(bytes: Uint8Array, trouble: Trouble): Der {
    return new Der(bytes, trouble, { base: 0, raw: bytes });
  }

  /** A reader over what stands inside an octet string. */
  static within(value: Der, trouble: Trouble): Der {
    return new Der(value.content, trouble, { base: value.#base, raw: value.content });
  }

  /** The content, whole. */
  get content(): Uint8Array {
    return this.#trouble.text === null ? this.#bytes : NOTHING;
  }

  get isAtEnd(): boolean {
    return this.#trouble.text !== null || this.#at >= this.#bytes.length;
  }

  /** The next value's tag, -1 at the end. */
  get tag(): number {
    return this.isAtEnd ? -1 : (this.#bytes[this.#at] ?? -1);
  }

  fail(what: string): void {
    this.#trouble.text ??= `${what} (byte ${this.#base + this.#at})`;
  }

  /** The next value, which must have this tag. */
  next(tag: number, what: string): Der {
    if (this.isAtEnd) return this.#nothing(`${what} is missing`);
    if (this.tag !== tag) return this.#nothing(`${what} has tag ${this.tag}, needed is ${tag}`);
    return this.#value(what);
  }

  /** The next value where it has this tag. */
  optional(tag: number, what: string): Der | null {
    return this.tag === tag ? this.#value(what) : null;
  }

  /** Nothing may follow. */
  end(what: string): void {
    if (!this.isAtEnd) this.fail(`${what} goes on after its end`);
  }

  #value(what: string): Der {
    const start = this.#at;
    if (((this.#bytes[start] ?? 0) & 0x1f) === 0x1f) return this.#nothing(`${what} has a tag of more than one byte`);
    const first = this.#bytes[start + 1];
    if (first === undefined) return this.#nothing(`${what} ends in its length`);
    const isLong = first >= 0x80;
    const count = isLong ? first & 0x7f : 0;
    if (isLong && count === 0) return this.#nothing(`${what} has no definite length`);
    if (count > LENGTH_BYTES_MAX) return this.#nothing(`${what} is too long`);
    const length = isLong ? this.#longLength(start + 2, count) : first;
    if (length < 0) return this.#nothing(`${what} has a length that is not in its shortest form`);
    const from = start + 2 + count;
    if (from + length > this.#bytes.length) return this.#nothing(`${what} ends early`);
    this.#at = from + length;
    return new Der(this.#bytes.subarray(from, this.#at), this.#trouble, {
      base: this.#base + from,
      raw: this.#bytes.subarray(start, this.#at),
    });
  }

  /** -1 where fewer bytes would do, or where the text ends. */
  #longLength(at: number, count: number): number {
    let length = 0;
    for (let index = 0; index < count; index++) {
      const byte = this.#bytes[at + index];
      if (byte === undefined) return -1;
      length = length * 256 + byte;
    }
    return length < 0x80 || length < 256 ** (count - 1) ? -1 : length;
  }

  #nothing(what: string): Der {
    this.fail(what);
    return new Der(NOTHING, this.#trouble, { base: this.#base + this.#at, raw: NOTHING });
  }
}

/** An integer's bytes, in the shortest form; the sign is the caller's to judge. */
export function readInteger(parent: Der, what: string): Uint8Array {
  const value = parent.next(TAG.integer, what);
  const [first, second] = value.content;
  if (first === undefined) {
    value.fail(`${what} is empty`);
    return NOTHING;
  }
  const isPadded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (isPadded) value.fail(`${what} is not in its shortest form`);
  return value.content;
}

/** An integer from 0 to `max`, at most 127; -1 in trouble. */
export function readSmallInteger(parent: Der, what: string, max: number): number {
  const bytes = readInteger(parent, what);
  const value = bytes.length === 1 ? (bytes[0] ?? -1) : -1;
  if (value >= 0 && value <= Math.min(max, 127)) return value;
  parent.fail(`${what} is not from 0 to ${max}`);
  return -1;
}

export function readBoolean(parent: Der, what: string): boolean {
  const { content } = parent.next(TAG.boolean, what);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) parent.fail(`${what} is neither 00 nor FF`);
  return content[0] === 0xff;
}

/** An object identifier in dotted form, '' in trouble. */
export function readObjectId(parent: Der, what: string): string {
  const { content } = parent.next(TAG.objectId, what);
  const isWhole = content.length > 0 && content.length <= OBJECT_ID_BYTES_MAX && (content.at(-1) ?? 0x80) < 0x80;
  if (!isWhole) {
    parent.fail(`${what} is no object identifier`);
    return '';
  }
  const parts: number[] = [];
  let part = 0;
  let isFirstByte = true;
  for (const byte of content) {
    if ((isFirstByte && byte === 0x80) || part > 0xffffff) {
      parent.fail(`${what} is no object identifier in its shortest form`);
      return '';
    }
    part = part * 128 + (byte & 0x7f);
    isFirstByte = byte < 0x80;
    if (!isFirstByte) continue;
    parts.push(part);
    part = 0;
  }
  const [head = 0, ...rest] = parts;
  const top = Math.min(2, Math.floor(head / 40));
  return [top, head - top * 40, ...rest].join('.');
}

/** Bits as bytes, and how many of the last byte's are no bits; those have to be zero. */
export interface BitString {
  readonly unusedBits: number;
  readonly bytes: Uint8Array;
}

export function readBitString(parent: Der, what: string): BitString {
  const { content } = parent.next(TAG.bitString, what);
  const unusedBits = content[0] ?? -1;
  const bytes = content.subarray(1);
  const last = bytes.at(-1) ?? 0;
  const isSound = unusedBits >= 0 && unusedBits <= 7 && (bytes.length > 0 || unusedBits === 0);
  if (!isSound || (last & ((1 << unusedBits) - 1)) !== 0) {
    parent.fail(`${what} is no bit string in its only form`);
    return { unusedBits: 0, bytes: NOTHING };
  }
  return { unusedBits, bytes };
}
