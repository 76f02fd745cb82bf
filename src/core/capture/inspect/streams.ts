// Directions of TCP conversations of which something must be kept: an unfinished message, bytes to skip, segments that came too early, what was read.
// Only directions in such a state are kept; bounded per direction, in number and in total. The oldest is dropped when full, and its owner is told.

import type { Decoder } from './decoder.ts';
import { History, type Message } from './history.ts';

/** Longest message that is put together: a DNS message with its length. */
export const STREAM_BYTES_MAX = 65_537 + 1;
/** Segments held that came before their turn, and their bytes: as many as a usual receiver's window of 64 KiB holds. */
export const HELD_MAX = 64;
export const HELD_BYTES_MAX = 65_536;
/** Directions of which something is kept. */
export const STREAMS_MAX = 16_384;
/** Bytes kept of all of them together. */
export const STREAMS_BYTES_MAX = 32 * 2 ** 20;

export interface Held {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Something in it was told when it came. */
  readonly isTold: boolean;
}

/** One direction of a conversation. */
export interface Stream {
  /** Bytes of the unfinished message; empty when there are none. */
  bytes: Uint8Array;
  /** Bytes still to come that belong to a message already read. */
  skip: number;
  readonly held: Held[];
  heldBytes: number;
  /** The decoder in the middle of something, and what it keeps; or null. */
  owner: Decoder | null;
  state: number;
  /** What was read, where it may have asked for something, and who read it; or null. */
  history: History | null;
  reader: Decoder | null;
}

const NO_BYTES = new Uint8Array(0);

export class Streams {
  readonly #streams = new Map<number, Stream>();
  readonly #onDrop: (key: number) => void;
  #bytes = 0;

  /** `onDrop` is told the key of a direction that had to go because there was no room. */
  constructor(onDrop: (key: number) => void = () => {}) {
    this.#onDrop = onDrop;
  }

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
    const stream: Stream = {
      bytes: NO_BYTES,
      skip: 0,
      held: [],
      heldBytes: 0,
      owner: null,
      state: 0,
      history: null,
      reader: null,
    };
    this.#streams.set(key, stream);
    return stream;
  }

  drop(key: number): void {
    const stream = this.get(key);
    if (stream === undefined) return;
    this.#bytes -= stream.bytes.length + stream.heldBytes + (stream.history?.size ?? 0);
    this.#streams.delete(key);
  }

  /** Drops a stream that keeps nothing any more. */
  dropEmpty(key: number): void {
    const stream = this.get(key);
    if (stream === undefined || stream.history !== null || stream.owner !== null) return;
    if (stream.skip === 0 && stream.bytes.length === 0 && stream.held.length === 0) this.drop(key);
  }

  /** Keeps the unfinished message of a stream; false, and nothing kept, when it is too long. */
  keep(key: number, bytes: Uint8Array): boolean {
    const stream = this.open(key);
    const isFitting = bytes.length <= STREAM_BYTES_MAX;
    this.#bytes -= stream.bytes.length;
    stream.bytes = isFitting ? bytes.slice() : NO_BYTES;
    this.#bytes += stream.bytes.length;
    this.#trim(key);
    return isFitting;
  }

  /** Takes the unfinished message out, with `more` behind it. */
  join(key: number, more: Uint8Array): Uint8Array {
    const stream = this.get(key);
    if (stream === undefined || stream.bytes.length === 0) return more;
    const joined = new Uint8Array(stream.bytes.length + more.length);
    joined.set(stream.bytes);
    joined.set(more, stream.bytes.length);
    this.#bytes -= stream.bytes.length;
    stream.bytes = NO_BYTES;
    return joined;
  }

  /** Holds a segment that came before its turn; false, and nothing held, when too much waits already. */
  hold(key: number, held: Held): boolean {
    const stream = this.open(key);
    if (stream.held.some(({ sequence, bytes }) => sequence === held.sequence && bytes.length >= held.bytes.length))
      return true;
    if (stream.held.length >= HELD_MAX || stream.heldBytes + held.bytes.length > HELD_BYTES_MAX) return false;
    stream.held.push({ ...held, bytes: held.bytes.slice() });
    stream.heldBytes += held.bytes.length;
    this.#bytes += held.bytes.length;
    this.#trim(key);
    return true;
  }

  /** Takes out a held segment with the byte at `sequence`, cut to begin there; null when there is none. Segments before it are let go. */
  release(key: number, sequence: number): Held | null {
    const stream = this.get(key);
    if (stream === undefined) return null;
    for (let at = stream.held.length - 1; at >= 0; at--) {
      const held = stream.held[at];
      const passed = held === undefined ? -1 : (sequence - held.sequence) | 0;
      if (held === undefined || passed < 0) continue;
      stream.held.splice(at, 1);
      stream.heldBytes -= held.bytes.length;
      this.#bytes -= held.bytes.length;
      if (passed < held.bytes.length) return { ...held, sequence, bytes: held.bytes.subarray(passed) };
    }
    return null;
  }

  /** Remembers what was read of a stream. */
  remember(key: number, message: Message): Stream {
    const stream = this.open(key);
    stream.history ??= this.#newHistory();
    const before = stream.history.size;
    stream.history.add(message);
    this.#bytes += stream.history.size - before;
    this.#trim(key);
    return stream;
  }

  #newHistory(): History {
    const history = new History();
    this.#bytes += history.size;
    return history;
  }

  /** The stream in hand stays, however much it keeps. */
  #trim(key: number): void {
    if (this.#bytes <= STREAMS_BYTES_MAX) return;
    for (const other of this.#streams.keys()) {
      if (this.#bytes <= STREAMS_BYTES_MAX) return;
      if (other !== key) this.#dropFull(other);
    }
  }

  #dropOldest(): void {
    for (const key of this.#streams.keys()) {
      this.#dropFull(key);
      return;
    }
  }

  #dropFull(key: number): void {
    this.drop(key);
    this.#onDrop(key);
  }
}

/** Whether the bytes at `sequence` say the same as every held segment where they overlap. */
export function agreesWithHeld({ held }: Stream, sequence: number, bytes: Uint8Array): boolean {
  return held.every((other) => {
    const shift = (other.sequence - sequence) | 0;
    const from = Math.max(0, shift);
    const to = Math.min(bytes.length, shift + other.bytes.length);
    for (let at = from; at < to; at++) if (bytes[at] !== other.bytes[at - shift]) return false;
    return true;
  });
}
