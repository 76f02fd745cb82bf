// Reads the segments of TCP conversations in the order of their sequence numbers, as a receiver would: what came too early waits for its turn, what
// is sent again is compared with what was read. Not a receiver: nothing is acknowledged, and what cannot be followed is told as unreadable.

import { TCP } from '#model';
import { type Frame, newFrame } from '../frame.ts';
import { NOTHING_SEEN } from './applications.ts';
import type { Conversations } from './conversations.ts';
import { type Decoder, NEEDS_MORE, NOT_MINE, newSpan, type Span } from './decoder.ts';
import type { Dispatch } from './decoders.ts';
import type { Message } from './history.ts';
import { agreesWithHeld, HELD_MAX, type Stream, Streams } from './streams.ts';
import type { Teller } from './teller.ts';

/** Messages read of one payload; a segment of 64 KiB holds at most this many of 16 bytes. */
const MESSAGES_MAX = 4_096;
/** Segments held behind a gap where nothing can be asked for: beyond it the missing one was lost by the capture. Elsewhere as many as a stream holds. */
const EARLY_MAX = 16;
/** A sequence number further off than this begins a new count: larger than any usual window. */
const SEQUENCE_JUMP_MAX = 2 ** 24;

/** One segment is in hand at a time: frame, span, key of its direction, and the number of the byte at `span.from`. */
export class SegmentReader {
  readonly #conversations: Conversations;
  readonly #dispatch: Dispatch;
  readonly #teller: Teller;
  readonly #streams: Streams;
  #frame: Frame = newFrame();
  #span: Span = newSpan();
  #key = 0;
  /** One message is remembered at a time. */
  readonly #message: Message = { sequence: 0, length: 0, operations: [], data: new Uint8Array(0), from: 0, to: 0 };
  #at = 0;

  constructor(parts: { conversations: Conversations; dispatch: Dispatch; teller: Teller }) {
    this.#conversations = parts.conversations;
    this.#dispatch = parts.dispatch;
    this.#teller = parts.teller;
    this.#streams = new Streams((key) => parts.conversations.setLost(key >> 1, (key & 1) === 0 ? 0 : 1));
  }

  /** Forgets one direction. */
  drop(key: number): void {
    this.#streams.drop(key);
  }

  /** An opening tells the number of the first byte, so that no later one is taken for it. */
  begin(frame: Frame, slot: number): void {
    this.#conversations.setNextSequence(slot, this.#conversations.direction, (frame.tcpSequence + 1) >>> 0);
  }

  /** Payload of which nothing was captured: what it asked for is not known, unless it is part of a message that is. */
  lose(frame: Frame, span: Span, slot: number): void {
    const ahead = this.#take(frame, span, slot);
    const stream = this.#streams.get(this.#key);
    const isSkipped = stream !== undefined && ahead === 0 && stream.skip >= frame.payloadLength;
    if (isSkipped) stream.skip -= frame.payloadLength;
    else this.#giveUp();
    this.#setNext((this.#at + frame.payloadLength) >>> 0);
  }

  /** Sorts a segment by its sequence number: in turn, before its turn, or sent before. */
  read(frame: Frame, span: Span, slot: number): void {
    const ahead = this.#take(frame, span, slot);
    const isJump = Math.abs(ahead) > SEQUENCE_JUMP_MAX;
    if (this.#conversations.takeLost(slot, this.#conversations.direction) || isJump) this.#readAstray();
    else if (ahead === 0) this.#readTurn();
    else if (ahead > 0) this.#readEarly(ahead);
    else this.#readAgain(-ahead);
  }

  /** Takes a segment in hand; how far its first byte is ahead of the next one in turn. */
  #take(frame: Frame, span: Span, slot: number): number {
    const { direction } = this.#conversations;
    const isSyn = frame.tcpFlags > 0 && (frame.tcpFlags & TCP.syn) !== 0;
    this.#frame = frame;
    this.#span = span;
    this.#key = slot * 2 + direction;
    this.#at = (frame.tcpSequence + (isSyn ? 1 : 0)) >>> 0;
    this.#teller.isRepeated = false;
    if (!this.#conversations.hasSequence(slot, direction)) return 0;
    return (this.#at - this.#conversations.nextSequence(slot, direction)) | 0;
  }

  #setNext(sequence: number): void {
    this.#conversations.setNextSequence(this.#key >> 1, this.#conversations.direction, sequence);
  }

  /** Whose operations may stand in what cannot be read of this direction, or null. */
  #asking(): Decoder | null {
    return this.#dispatch.asking(this.#span) ?? this.#streams.get(this.#key)?.reader ?? null;
  }

  #tellUnreadable(): void {
    const decoder = this.#asking();
    if (decoder !== null) this.#teller.unreadable(this.#frame, decoder);
  }

  /** What was in the middle of something cannot be finished; what comes next may be anything. */
  #giveUp(): void {
    this.#tellUnreadable();
    this.#streams.drop(this.#key);
  }

  /**
   * A segment of which it is not known where in a message it begins. What seems to begin in it is told; nothing of it is remembered, so that it
   * stays unreadable however often it is sent.
   */
  #readAstray(): void {
    const end = (this.#at + this.#frame.payloadLength) >>> 0;
    this.#giveUp();
    this.#tryMessages();
    this.#setNext(end);
  }

  /** The segment whose turn it is, and those held behind it: the packet that fills a gap carries what they ask for. */
  #readTurn(): void {
    const span = this.#span;
    const stream = this.#streams.get(this.#key);
    const hasHeld = stream !== undefined && stream.held.length > 0;
    if (hasHeld && !agreesWithHeld(stream, this.#at, span.data.subarray(span.from, span.to))) {
      // Which of the two a receiver takes is not known, so the stream stays where it is.
      this.#tellUnreadable();
      return;
    }
    let next = (this.#at + span.to - span.from + missingBytes(span, this.#frame)) >>> 0;
    this.#readNext();
    if (hasHeld) next = this.#readHeld(next);
    this.#setNext(next);
    this.#streams.dropEmpty(this.#key);
  }

  #readHeld(sequence: number): number {
    const span = this.#span;
    let next = sequence;
    for (let count = 0; count <= HELD_MAX; count++) {
      const held = this.#streams.release(this.#key, next);
      if (held === null) break;
      span.data = held.bytes;
      span.from = 0;
      span.to = held.bytes.length;
      span.isFinal = false;
      this.#at = next;
      this.#teller.isRepeated = held.isTold;
      next = (next + held.bytes.length) >>> 0;
      this.#readNext();
    }
    this.#teller.isRepeated = false;
    return next;
  }

  /** Bytes in turn: first what must be skipped, then the unfinished message with these bytes behind it. */
  #readNext(): void {
    const span = this.#span;
    const stream = this.#streams.get(this.#key);
    span.shownBytes = 0;
    const missing = missingBytes(span, this.#frame);
    if (stream !== undefined && stream.skip > 0) {
      const skipped = Math.min(stream.skip, span.to - span.from);
      stream.skip -= skipped;
      span.from += skipped;
      this.#at = (this.#at + skipped) >>> 0;
    } else if (stream !== undefined && stream.bytes.length > 0) {
      const waiting = stream.bytes.length;
      span.shownBytes = waiting;
      span.data = this.#streams.join(this.#key, span.data.subarray(span.from, span.to));
      span.from = 0;
      span.to = span.data.length;
      this.#at = (this.#at - waiting) >>> 0;
    }
    if (span.from < span.to) this.#readMessages();
    if (missing > 0) this.#missBytes(missing);
  }

  /** Bytes of this segment that were not captured: part of a message already read, or unreadable. */
  #missBytes(missing: number): void {
    const stream = this.#streams.get(this.#key);
    const skipped = Math.min(stream?.skip ?? 0, missing);
    if (stream !== undefined) stream.skip -= skipped;
    if (skipped < missing) this.#giveUp();
  }

  /** Reads message after message; an unfinished one is kept, the rest of a long one is skipped when it comes. */
  #readMessages(): void {
    const span = this.#span;
    for (let message = 0; message < MESSAGES_MAX && span.from < span.to; message++) {
      const length = this.#readOne(this.#streams.get(this.#key));
      if (length === NOT_MINE && !this.#mayBegin()) {
        this.#tellUnreadable();
        return;
      }
      if (length === NOT_MINE || length === NEEDS_MORE) {
        const isKept = !span.isFinal && this.#streams.keep(this.#key, span.data.subarray(span.from, span.to));
        if (!isKept) this.#giveUp();
        return;
      }
      const rest = span.from + length - span.to;
      if (rest > 0) this.#streams.open(this.#key).skip = rest;
      span.from = Math.min(span.to, span.from + length);
      this.#at = (this.#at + length) >>> 0;
      span.shownBytes = 0;
    }
    if (span.from < span.to) this.#giveUp();
  }

  /** One message in turn: by the decoder that is in the middle of something, or by the first that takes it. Its length, `NEEDS_MORE`, or `NOT_MINE`. */
  #readOne(stream: Stream | undefined): number {
    const span = this.#span;
    const owner = stream?.owner ?? null;
    if (owner !== null && stream !== undefined) {
      span.state = stream.state;
      const length = this.#decode(owner);
      if (length !== NOT_MINE) return length;
      stream.owner = null;
    }
    span.state = 0;
    for (let bits = this.#dispatch.candidates(span); bits !== 0; bits = this.#dispatch.without(bits)) {
      const decoder = this.#dispatch.first(bits);
      if (decoder === null || decoder === owner || !decoder.claims(span)) continue;
      const length = this.#decode(decoder);
      if (length !== NOT_MINE) return length;
    }
    return NOT_MINE;
  }

  /** Lets one decoder read, tells what it found, and keeps what it wants to know next time. */
  #decode(decoder: Decoder): number {
    const span = this.#span;
    const { found } = this.#teller;
    const isAsking = decoder.mayAsk?.(span) === true;
    const length = decoder.decode(span, found);
    if (length === NOT_MINE) {
      this.#teller.forget();
      return NOT_MINE;
    }
    const operations = this.#teller.tell(this.#frame, decoder);
    if (isAsking && length > 0) this.#remember(decoder, length, operations);
    if (span.state !== 0 || this.#streams.get(this.#key)?.owner === decoder) {
      const stream = this.#streams.open(this.#key);
      stream.owner = span.state === 0 ? null : decoder;
      stream.state = span.state;
    }
    return length;
  }

  #remember(decoder: Decoder, length: number, operations: readonly string[]): void {
    const message = this.#message;
    message.sequence = this.#at;
    message.length = length;
    message.operations = operations;
    message.data = this.#span.data;
    message.from = this.#span.from;
    message.to = Math.min(this.#span.to, this.#span.from + length);
    this.#streams.remember(this.#key, message).reader = decoder;
  }

  /**
   * A segment behind a gap: what seems to begin in it is told now, since the gap may never be filled, and it is held. Whoever sends out of order
   * could make it seem to begin anything, so its bytes are read once more in their turn, and the packet that fills the gap carries what they ask for.
   * When too much waits, reading goes on here: should the gap be filled after all, those bytes are not known, and so unreadable.
   */
  #readEarly(ahead: number): void {
    const span = this.#span;
    const known = this.#streams.get(this.#key);
    if (known !== undefined && known.skip >= ahead && known.held.length === 0) {
      known.skip -= ahead;
      this.#readTurn();
      return;
    }
    const bytes = span.data.subarray(span.from, span.to);
    const wasFinal = span.isFinal;
    const stream = this.#streams.open(this.#key);
    const isAgreed = agreesWithHeld(stream, this.#at, bytes);
    if (!isAgreed) this.#tellUnreadable();
    const isInMessage = stream.bytes.length > 0 || stream.skip > 0 || stream.owner !== null;
    const sequence = this.#at;
    const isTold = !isInMessage && this.#tryMessages();
    if (!isAgreed) return;
    const isFull = stream.held.length >= EARLY_MAX && this.#asking() === null;
    if (!wasFinal && !isFull && this.#streams.hold(this.#key, { sequence, bytes, isTold })) return;
    this.#streams.drop(this.#key);
    this.#setNext((sequence + this.#frame.payloadLength) >>> 0);
  }

  /** Reads what begins in these bytes and keeps nothing; whether anything did. */
  #tryMessages(): boolean {
    const span = this.#span;
    let isAny = false;
    span.isFinal = true;
    span.shownBytes = 0;
    for (let message = 0; message < MESSAGES_MAX && span.from < span.to; message++) {
      const length = this.#tryOne();
      if (length <= 0) return isAny;
      isAny = true;
      span.from += length;
    }
    return isAny;
  }

  #tryOne(): number {
    const span = this.#span;
    span.state = 0;
    for (let bits = this.#dispatch.candidates(span); bits !== 0; bits = this.#dispatch.without(bits)) {
      const decoder = this.#dispatch.first(bits);
      if (decoder === null || !decoder.claims(span)) continue;
      const length = decoder.decode(span, this.#teller.found);
      // What is unreadable out of its turn is read again in it.
      this.#teller.found.isUnreadable = false;
      if (length === NOT_MINE) this.#teller.forget();
      else this.#teller.tell(this.#frame, decoder);
      if (length !== NOT_MINE) return length;
    }
    return NOT_MINE;
  }

  /** Bytes sent before make no facts, but the packet carries what they asked for; bytes that differ, or are not known any more, are unreadable. */
  #readAgain(repeated: number): void {
    const span = this.#span;
    const bytes = span.data.subarray(span.from, Math.min(span.to, span.from + repeated));
    const isProbe = repeated === 1 && bytes.length === 1 && bytes[0] === 0 && this.#frame.payloadLength === 1;
    const decoder = this.#asking();
    if (decoder !== null && !isProbe && !this.#isKnown(bytes)) this.#teller.unreadable(this.#frame, decoder);
    if (repeated >= this.#frame.payloadLength) return;
    span.from += bytes.length;
    this.#at = (this.#at + repeated) >>> 0;
    if (bytes.length === repeated) this.#readTurn();
    else this.#giveUp();
  }

  /** Whether the bytes are those read before, or those that wait; carries what they asked for. */
  #isKnown(bytes: Uint8Array): boolean {
    const stream = this.#streams.get(this.#key);
    const matched = stream?.history?.match(this.#at, bytes, this.#carry) ?? 0;
    if (matched === bytes.length) return this.#frame.payloadCaptured >= this.#frame.payloadLength;
    if (stream === undefined) return false;
    const next = this.#conversations.nextSequence(this.#key >> 1, this.#conversations.direction);
    const begin = (next - stream.bytes.length) >>> 0;
    const from = (this.#at + matched - begin) | 0;
    if (from < 0 || stream.skip > 0) return false;
    for (let at = matched; at < bytes.length; at++) if (bytes[at] !== stream.bytes[from + at - matched]) return false;
    return true;
  }

  readonly #carry = (operations: readonly string[]): void => this.#teller.carry(this.#frame, operations);

  /** First bytes too few to judge that may begin a TLS handshake or an HTTP method; a probe that keeps alive sends a zero. */
  #mayBegin(): boolean {
    if (this.#conversations.application(this.#key >> 1) !== NOTHING_SEEN) return false;
    const first = this.#span.data[this.#span.from] ?? 0;
    return first === 22 || (first >= 0x41 && first <= 0x5a);
  }
}

/** Bytes of the segment that were sent but not captured. */
function missingBytes(span: Span, frame: Frame): number {
  return span.isFinal ? Math.max(0, frame.payloadLength - frame.payloadCaptured) : 0;
}
