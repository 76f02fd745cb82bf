// Looks into the payload of every frame: sets its application and operations, sends names and operations as facts.
// Not a decider and not a meter: it says what is there. It never throws on any bytes.

import { type AddressId, type AddressTable, type NameFact, NO_ADDRESS, PROTOCOL, TCP } from '#model';
import type { Frame } from '../frame.ts';
import { applicationName, NOTHING_SEEN, recognise, UNKNOWN } from './applications.ts';
import { Conversations } from './conversations.ts';
import { type Decoder, type FoundName, NEEDS_MORE, NOT_MINE, newFound, newSpan, type Span } from './decoder.ts';
import { DECODERS } from './decoders.ts';
import { NO_OPERATIONS, OperationWords } from './operations.ts';
import { Questions } from './questions.ts';
import { QuicReader } from './quic/reader.ts';
import { Streams } from './streams.ts';

/** One operation seen. The object is reused: copy what must outlive the call. */
export interface OperationFact {
  protocol: string;
  source: AddressId;
  destination: AddressId;
  /** Destination port of the packet. */
  port: number;
  /** Text without the protocol, for instance `1/3`. */
  operation: string;
}

/** Where facts go. The frame is the one that completed the fact; it is reused like the fact. */
export interface FactSink {
  name(fact: NameFact, frame: Frame): void;
  operation(fact: OperationFact, frame: Frame): void;
}

/** Messages read of one payload; a segment of 64 KiB holds at most this many of 16 bytes. */
const MESSAGES_MAX = 4_096;
/** First bytes fewer than these may not show the application yet: more are waited for, in at most a few segments. */
const FIRST_BYTES_MIN = 8;
/** Segments behind a gap after which the missing one is taken for lost by the capture, and reading goes on behind it. */
const EARLY_MAX = 16;
/** A sequence number further off than this begins a new count: larger than any usual window. */
const SEQUENCE_JUMP_MAX = 2 ** 24;

export class PayloadInspector {
  readonly #addresses: AddressTable;
  readonly #facts: FactSink;
  readonly #conversations: Conversations;
  readonly #streams = new Streams();
  /** First bytes too few to judge, per direction of a conversation. */
  readonly #firstBytes = new Streams();
  readonly #words = new OperationWords();
  readonly #questions = new Questions();
  /** QUIC is read across packets, so each inspector has a reader of its own. */
  readonly #datagramDecoders = [new QuicReader(), ...DECODERS.filter((decoder) => decoder.isOverUdp)];
  readonly #span = newSpan();
  readonly #found = newFound();
  readonly #fact: OperationFact = { protocol: '', source: -1, destination: -1, port: -1, operation: '' };
  /** Bytes sent before are decoded for the packet's operations but make no facts: they were counted. */
  #isRepeated = false;

  constructor(options: { addresses: AddressTable; facts: FactSink; conversationsMax?: number }) {
    this.#addresses = options.addresses;
    this.#facts = options.facts;
    this.#conversations = new Conversations(options.conversationsMax);
  }

  /** Sets `frame.application` and `frame.operations`. */
  inspect(frame: Frame): void {
    frame.operations = NO_OPERATIONS;
    frame.application = '';
    this.#questions.begin(frame.at);
    const { protocol } = frame;
    const isTcp = protocol === PROTOCOL.tcp;
    if (!isTcp && protocol !== PROTOCOL.udp && protocol !== PROTOCOL.sctp) return;
    if (frame.sourcePort < 0 || frame.destinationPort < 0) return;
    const slot = this.#conversations.find(frame);
    const key = slot * 2 + this.#conversations.direction;
    if (this.#conversations.isNew || isOpening(frame)) this.#restart(slot);
    if (!frame.isLaterFragment && frame.payloadCaptured > 0) {
      this.#show(frame, isTcp);
      this.#judge(frame, slot, key);
      if (isTcp) this.#readSegment(frame, slot, key);
      else if (protocol === PROTOCOL.udp) this.#readDatagram(frame);
    } else if (frame.payloadLength > 0 && !frame.isLaterFragment) this.#lose(frame, slot, key);
    frame.application = applicationName(this.#conversations.application(slot));
  }

  #restart(slot: number): void {
    this.#conversations.restart(slot);
    for (const key of [slot * 2, slot * 2 + 1]) {
      this.#streams.drop(key);
      this.#firstBytes.drop(key);
    }
  }

  /** Points the span at the frame's payload. */
  #show(frame: Frame, isTcp: boolean): void {
    const span = this.#span;
    const { data } = frame;
    span.data = data;
    span.from = frame.payloadOffset;
    span.to = Math.min(data.length, frame.payloadOffset + frame.payloadCaptured);
    span.shownBytes = 0;
    span.at = frame.at;
    span.source = frame.source;
    span.destination = frame.destination;
    span.destinationAddress = this.#addresses.bytes(frame.destination);
    span.sourcePort = frame.sourcePort;
    span.destinationPort = frame.destinationPort;
    span.isTcp = isTcp;
    span.isFinal = !isTcp || frame.payloadCaptured < frame.payloadLength;
  }

  /** Judges the first bytes of each end; the first end that is recognised names the conversation. */
  #judge(frame: Frame, slot: number, key: number): void {
    const { direction } = this.#conversations;
    this.#conversations.setHeard(slot, direction);
    const known = this.#conversations.application(slot);
    if (known <= UNKNOWN && !this.#conversations.wasJudged(slot, direction)) {
      const code = this.#recognise(frame, key);
      if (code !== NOTHING_SEEN) this.#conversations.setApplication(slot, code);
      if (code !== NOTHING_SEEN || this.#span.isFinal) this.#conversations.setJudged(slot, direction);
    }
    this.#span.application = applicationName(this.#conversations.application(slot));
    this.#span.isFromFirstSpeaker = this.#conversations.isFirstSpeaker(slot, direction);
  }

  /** The code of the first bytes, or `NOTHING_SEEN` while they are too few. */
  #recognise(frame: Frame, key: number): number {
    const span = this.#span;
    const waiting = this.#firstBytes.get(key);
    if (waiting === undefined && span.to - span.from >= FIRST_BYTES_MIN) return recognise(span);
    const { data, from, to } = span;
    span.data = this.#firstBytes.join(key, data.subarray(from, to));
    span.from = 0;
    span.to = span.data.length;
    const code = recognise(span);
    const isShort = code === UNKNOWN && span.to < FIRST_BYTES_MIN;
    const isWaiting = isShort && !span.isFinal;
    if (isWaiting) this.#firstBytes.keep(key, span.data);
    else this.#firstBytes.drop(key);
    span.data = data;
    span.from = from;
    span.to = to;
    return isWaiting || (isShort && frame.payloadCaptured < frame.payloadLength) ? NOTHING_SEEN : code;
  }

  /** Payload that was not captured: what waits for it cannot be finished, and what follows are no first bytes. */
  #lose(frame: Frame, slot: number, key: number): void {
    const { direction } = this.#conversations;
    this.#streams.drop(key);
    this.#conversations.setHeard(slot, direction);
    this.#conversations.setJudged(slot, direction);
    this.#conversations.setNextSequence(slot, direction, (frame.tcpSequence + frame.payloadLength) >>> 0);
  }

  #readDatagram(frame: Frame): void {
    const span = this.#span;
    for (const decoder of this.#datagramDecoders) {
      if (!decoder.claims(span)) continue;
      decoder.decode(span, this.#found);
      this.#report(frame, decoder);
      return;
    }
  }

  /** Sorts a segment by its sequence number: in turn, before its turn, filling a gap, or sent before. */
  #readSegment(frame: Frame, slot: number, key: number): void {
    const { direction } = this.#conversations;
    const sequence = frame.tcpSequence;
    const end = (sequence + frame.payloadLength) >>> 0;
    const hasNext = this.#conversations.hasSequence(slot, direction);
    const ahead = hasNext ? (sequence - this.#conversations.nextSequence(slot, direction)) | 0 : 0;
    const stream = this.#streams.get(key);
    this.#isRepeated = false;
    if (Math.abs(ahead) > SEQUENCE_JUMP_MAX) {
      this.#streams.drop(key);
      this.#conversations.setNextSequence(slot, direction, end);
      this.#readInTurn(frame, key);
    } else if (ahead === 0) {
      this.#conversations.setNextSequence(slot, direction, end);
      if (stream !== undefined && stream.gapAt >= 0) this.#readEarly(frame, key);
      else this.#readInTurn(frame, key);
    } else if (ahead > 0) {
      this.#conversations.setNextSequence(slot, direction, end);
      const opened = this.#streams.open(key);
      if (opened.gapAt < 0) opened.gapAt = (sequence - ahead) >>> 0;
      this.#readEarly(frame, key);
    } else if (stream !== undefined && stream.gapAt === sequence) this.#fillGap(frame, key, end);
    else if (stream !== undefined && stream.gapAt >= 0 && ((sequence - stream.gapAt) | 0) > 0)
      this.#readEarly(frame, key);
    else this.#readAgain(frame, slot, key, -ahead);
  }

  /** Bytes in turn: first what must be skipped, then the unfinished message with these bytes behind it. */
  #readInTurn(frame: Frame, key: number): void {
    const span = this.#span;
    const stream = this.#streams.get(key);
    span.shownBytes = 0;
    if (stream === undefined) {
      this.#readMessages(frame, key);
      return;
    }
    if (stream.skip > 0) {
      const skipped = Math.min(stream.skip, span.to - span.from);
      // What the capture cut off this segment was to be skipped as well.
      const isAll = skipped === span.to - span.from;
      stream.skip = Math.max(0, stream.skip - skipped - (isAll ? missingBytes(span, frame) : 0));
      span.from += skipped;
    } else if (stream.bytes.length > 0) {
      span.shownBytes = stream.bytes.length;
      span.data = this.#streams.join(key, span.data.subarray(span.from, span.to));
      span.from = 0;
      span.to = span.data.length;
    }
    if (stream.skip === 0 && stream.gapAt < 0 && stream.held.length === 0) this.#streams.drop(key);
    if (span.from < span.to) this.#readMessages(frame, key);
  }

  /**
   * A segment behind a gap: what seems to begin in it is read now, since the gap may never be filled, and it is held. Whoever sends out of order
   * could make it seem to begin anything, so its bytes are read once more in their turn, and the packet that fills the gap carries what they ask for.
   */
  #readEarly(frame: Frame, key: number): void {
    const span = this.#span;
    const stream = this.#streams.open(key);
    if (++stream.early > EARLY_MAX) {
      this.#streams.drop(key);
      this.#readInTurn(frame, key);
      return;
    }
    const isInMessage = stream.bytes.length > 0 || stream.skip > 0;
    const bytes = span.data.subarray(frame.payloadOffset, span.to);
    const wasFinal = span.isFinal;
    span.isFinal = true;
    const isRead = !isInMessage && this.#readWhole(frame);
    span.isFinal = wasFinal;
    if (wasFinal) return;
    if (!this.#streams.hold(key, frame.tcpSequence, bytes, isRead)) this.#streams.drop(key);
  }

  /** The missing segment: it is read in turn, and so is what was held behind it. */
  #fillGap(frame: Frame, key: number, end: number): void {
    this.#readInTurnPastGap(frame, key, end);
    let next = end;
    for (let held = this.#streams.release(key, next); held !== null; held = this.#streams.release(key, next)) {
      const { bytes } = held;
      next = (next + bytes.length) >>> 0;
      const span = this.#span;
      span.data = bytes;
      span.from = 0;
      span.to = bytes.length;
      span.isFinal = false;
      this.#isRepeated = held.isTold;
      this.#readInTurnPastGap(frame, key, next);
    }
    this.#isRepeated = false;
    const stream = this.#streams.get(key);
    if (stream === undefined) return;
    const isFilled = next === this.#conversations.nextSequence(key >> 1, this.#conversations.direction);
    stream.gapAt = isFilled ? -1 : next;
    if (isFilled) stream.early = 0;
    if (isFilled && stream.skip === 0 && stream.bytes.length === 0) this.#streams.drop(key);
  }

  /** The gap now begins at `next`, so that the stream outlives the reading. */
  #readInTurnPastGap(frame: Frame, key: number, next: number): void {
    const stream = this.#streams.open(key);
    stream.gapAt = next;
    this.#readInTurn(frame, key);
  }

  /** Bytes sent before make no facts, but the packet still carries what it asks for; bytes beyond them are new. */
  #readAgain(frame: Frame, slot: number, key: number, repeated: number): void {
    const span = this.#span;
    if (repeated < frame.payloadLength) {
      const end = (frame.tcpSequence + frame.payloadLength) >>> 0;
      this.#conversations.setNextSequence(slot, this.#conversations.direction, end);
      span.from = Math.min(span.to, span.from + repeated);
      if (span.from < span.to) this.#readInTurn(frame, key);
      return;
    }
    this.#isRepeated = true;
    span.isFinal = true;
    this.#readWhole(frame);
    this.#isRepeated = false;
  }

  /** Reads message after message; an unfinished one is kept, the rest of a long one is skipped when it comes. */
  #readMessages(frame: Frame, key: number): void {
    const span = this.#span;
    for (let message = 0; message < MESSAGES_MAX && span.from < span.to; message++) {
      const length = this.#readOne(frame);
      const isUnjudged = this.#conversations.application(key >> 1) === NOTHING_SEEN;
      if (length === NOT_MINE && !(isUnjudged && mayBegin(span))) return;
      if (length === NOT_MINE || length === NEEDS_MORE) {
        if (!span.isFinal) this.#streams.keep(key, span.data.subarray(span.from, span.to));
        return;
      }
      const rest = span.from + length - span.to;
      const missing = missingBytes(span, frame);
      if (rest > missing) this.#streams.open(key).skip = rest - missing;
      span.from += length;
      span.shownBytes = 0;
    }
  }

  /** Reads what begins in these bytes and keeps nothing; whether anything did. */
  #readWhole(frame: Frame): boolean {
    const span = this.#span;
    let isAny = false;
    for (let message = 0; message < MESSAGES_MAX && span.from < span.to; message++) {
      const length = this.#readOne(frame);
      if (length <= 0) return isAny;
      isAny = true;
      span.from += length;
    }
    return isAny;
  }

  /** The first decoder that takes the bytes reads one message; its length, `NEEDS_MORE`, or `NOT_MINE` when none takes them. */
  #readOne(frame: Frame): number {
    const span = this.#span;
    for (const decoder of DECODERS) {
      if (!decoder.isOverTcp || !decoder.claims(span)) continue;
      const length = decoder.decode(span, this.#found);
      if (length === NOT_MINE) continue;
      this.#report(frame, decoder);
      return length;
    }
    return NOT_MINE;
  }

  #report(frame: Frame, decoder: Decoder): void {
    const { names, operations } = this.#found;
    if (names.length === 0 && operations.length === 0) return;
    if (!this.#isRepeated) for (const name of names) this.#sendName(name, frame);
    for (const code of operations) this.#sendOperation(decoder, code, frame);
    names.length = 0;
    operations.length = 0;
  }

  #sendName(found: FoundName, frame: Frame): void {
    const { isFromServer } = found;
    const address = this.#boundAddress(found, frame);
    if (found.kind === 'dns-query')
      this.#questions.add(frame, { transaction: this.#found.transaction, name: found.name });
    this.#facts.name(
      {
        kind: found.kind,
        at: frame.at,
        client: isFromServer ? frame.destination : frame.source,
        server: isFromServer ? frame.source : frame.destination,
        clientMac: isFromServer ? frame.destinationMac : frame.sourceMac,
        port: isFromServer ? frame.sourcePort : frame.destinationPort,
        clientPort: isFromServer ? frame.destinationPort : frame.sourcePort,
        name: found.name,
        value: found.value,
        address,
        ttlSeconds: address === NO_ADDRESS ? 0 : found.ttlSeconds,
      },
      frame,
    );
  }

  /** The address that the asked name may be bound to. */
  #boundAddress({ address, name }: FoundName, frame: Frame): AddressId {
    if (address === null || !this.#questions.mayAnswer(frame, { transaction: this.#found.transaction, name }))
      return NO_ADDRESS;
    return this.#addresses.intern6(address, 0);
  }

  #sendOperation(decoder: Decoder, code: number, frame: Frame): void {
    const operation = this.#words.of(decoder, code);
    frame.operations = frame.operations.length === 0 ? operation.only : [...frame.operations, ...operation.only];
    if (this.#isRepeated) return;
    const fact = this.#fact;
    fact.protocol = decoder.protocol;
    fact.source = frame.source;
    fact.destination = frame.destination;
    fact.port = frame.destinationPort;
    fact.operation = operation.text;
    this.#facts.operation(fact, frame);
  }
}

/** First bytes too few to judge that may begin a TLS handshake or an HTTP method; a probe that keeps alive sends a zero. */
function mayBegin({ data, from }: Span): boolean {
  const first = data[from] ?? 0;
  return first === 22 || (first >= 0x41 && first <= 0x5a);
}

/** Bytes of the segment that were sent but not captured. */
function missingBytes(span: Span, frame: Frame): number {
  return span.isFinal ? Math.max(0, frame.payloadLength - frame.payloadCaptured) : 0;
}

/** A SYN without ACK begins a new conversation on these ports. */
function isOpening(frame: Frame): boolean {
  return frame.protocol === PROTOCOL.tcp && (frame.tcpFlags & (TCP.syn | TCP.ack)) === TCP.syn;
}
