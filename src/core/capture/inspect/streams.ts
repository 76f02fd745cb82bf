// Half-read messages of TCP streams: the bytes that wait for more, the bytes to skip, and a few segments that came too early.
// Only streams in that state are kept; bounded per stream, in number and in total, and the oldest is dropped when full.

/** Longest message that is put together: a DNS message with its length. */
export const STREAM_BYTES_MAX = 65_537 + 1;
/** Segments kept that came before their turn; a fast retransmission follows after three. */
const HELD_MAX = 8;
/** Streams in the middle of a message. */
export const STREAMS_MAX = 4_096;
/** Bytes waiting in all streams together. */
export const STREAMS_BYTES_MAX = 16 * 2 ** 20;

export interface Held {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Something in it was told when it came. */
  readonly isTold: boolean;
}

/** One direction of a conversation that stands in the middle of a message. */
export interface Stream {
  /** Bytes of the unfinished message; empty when there are none. */
  bytes: Uint8Array;
  /** Bytes still to come that belong to a message already read. */
  skip: number;
  /** Sequence number at which a gap begins, or -1. */
  gapAt: number;
  /** Segments read since the gap began. */
  early: number;
  readonly held: Held[];
}

const NO_BYTES = new Uint8Array(0);

export class Streams {
  readonly #streams = new Map<number, Stream>();
  #bytes = 0;

  /** Bytes kept in all streams together. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#streams.size;
  }

  get(key: number): Stream | undefined {
    return this.#streams.size === 0 ? undefined : this.#streams.get(key);
  }

  /** The stream of `key`, made when there is none; the oldest others go when there are too many. */
  open(key: number): Stream {
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    while (this.#streams.size >= STREAMS_MAX) this.#dropOldest();
    const stream: Stream = { bytes: NO_BYTES, skip: 0, gapAt: -1, early: 0, held: [] };
    this.#streams.set(key, stream);
    return stream;
  }

  drop(key: number): void {
    const stream = this.#streams.get(key);
    if (stream === undefined) return;
    this.#bytes -= stream.bytes.length;
    for (const held of stream.held) this.#bytes -= held.bytes.length;
    this.#streams.delete(key);
  }

  /** Keeps the unfinished message of a stream; a message that is too long is given up. */
  keep(key: number, bytes: Uint8Array): void {
    const stream = this.open(key);
    this.#bytes -= stream.bytes.length;
    stream.bytes = bytes.length > STREAM_BYTES_MAX ? NO_BYTES : bytes.slice();
    this.#bytes += stream.bytes.length;
    this.#trim();
  }

  /** Takes the unfinished message out, with `more` behind it. */
  join(key: number, more: Uint8Array): Uint8Array {
    const stream = this.#streams.get(key);
    if (stream === undefined || stream.bytes.length === 0) return more;
    const joined = new Uint8Array(stream.bytes.length + more.length);
    joined.set(stream.bytes);
    joined.set(more, stream.bytes.length);
    this.#bytes -= stream.bytes.length;
    stream.bytes = NO_BYTES;
    return joined;
  }

  /** Holds a segment that came before its turn; false, and nothing held, when too many wait already. */
  hold(key: number, sequence: number, bytes: Uint8Array, isTold = false): boolean {
    const stream = this.open(key);
    if (stream.held.some((held) => held.sequence === sequence)) return true;
    if (stream.held.length >= HELD_MAX || bytes.length > STREAM_BYTES_MAX) return false;
    stream.held.push({ sequence, bytes: bytes.slice(), isTold });
    this.#bytes += bytes.length;
    this.#trim();
    return true;
  }

  /** Takes out the held segment whose turn it is now, or null. */
  release(key: number, sequence: number): Held | null {
    const stream = this.#streams.get(key);
    const at = stream?.held.findIndex((held) => held.sequence === sequence) ?? -1;
    const held = at < 0 ? undefined : stream?.held.splice(at, 1)[0];
    if (held === undefined) return null;
    this.#bytes -= held.bytes.length;
    return held;
  }

  #trim(): void {
    while (this.#bytes > STREAMS_BYTES_MAX && this.#streams.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const key of this.#streams.keys()) {
      this.drop(key);
      return;
    }
  }
}
