// Looks into the payload of every frame: sets its application and operations, sends names and operations as facts.
// Not a decider and not a meter: it says what is there. It never throws on any bytes.

import { type AddressTable, PROTOCOL, TCP } from '#model';
import type { Frame } from '../frame.ts';
import { applicationCode, applicationName, NOTHING_SEEN, recognise, UNKNOWN } from './applications.ts';
import { Conversations } from './conversations.ts';
import { type Decoder, newSpan } from './decoder.ts';
import { DECODERS, Dispatch } from './decoders.ts';
import { QuicReader } from './quic/reader.ts';
import { isCotpConnection } from './s7comm.ts';
import { SegmentReader } from './segments.ts';
import { Streams } from './streams.ts';
import { type FactSink, Teller } from './teller.ts';

export type { FactSink, OperationFact } from './teller.ts';

/** First bytes fewer than these may not show the application yet: more are waited for, in at most a few segments. */
const FIRST_BYTES_MIN = 8;
/** Messages read of one datagram; one of 1,472 bytes holds at most 147 of the smallest that carry operations (DNP3). */
const DATAGRAM_MESSAGES_MAX = 256;
const S7COMM = applicationCode('s7comm');

export class PayloadInspector {
  readonly #addresses: AddressTable;
  readonly #conversations: Conversations;
  /** First bytes too few to judge, per direction of a conversation. */
  readonly #firstBytes = new Streams();
  readonly #dispatch: Dispatch;
  readonly #teller: Teller;
  readonly #segments: SegmentReader;
  readonly #span = newSpan();

  /** `decoders` may leave some out, for measuring what they cost. `isLive`: from a wire, where no answer binds whose question was not seen. */
  constructor(options: {
    addresses: AddressTable;
    facts: FactSink;
    conversationsMax?: number;
    decoders?: readonly Decoder[];
    isLive?: boolean;
  }) {
    this.#addresses = options.addresses;
    this.#conversations = new Conversations(options.conversationsMax);
    // QUIC is read across packets, so each inspector has a reader of its own.
    this.#dispatch = new Dispatch([new QuicReader(), ...(options.decoders ?? DECODERS)]);
    this.#teller = new Teller(options);
    this.#segments = new SegmentReader({
      conversations: this.#conversations,
      dispatch: this.#dispatch,
      teller: this.#teller,
    });
  }

  /** Sets `frame.application` and `frame.operations`. */
  inspect(frame: Frame): void {
    this.#teller.begin(frame);
    frame.application = '';
    const { protocol } = frame;
    const isTcp = protocol === PROTOCOL.tcp;
    if (!isTcp && protocol !== PROTOCOL.udp && protocol !== PROTOCOL.sctp) return;
    if (frame.sourcePort < 0 || frame.destinationPort < 0) return;
    const slot = this.#conversations.find(frame);
    if (this.#conversations.isNew) this.#restart(slot);
    if (isTcp && hasSyn(frame)) this.#begin(frame, slot);
    if (!frame.isLaterFragment && frame.payloadLength > 0) this.#look(frame, slot);
    frame.application = applicationName(this.#conversations.application(slot));
  }

  /**
   * A SYN begins a conversation anew, but a receiver in the middle of one ignores it: until the other end agrees with a SYN of its own,
   * what is sent behind it may be the rest of a message.
   */
  #begin(frame: Frame, slot: number): void {
    const { direction } = this.#conversations;
    const wasHeard = this.#conversations.wasHeard(slot, direction);
    if (isOpening(frame)) this.#restart(slot);
    else this.#conversations.takeLost(slot, direction === 0 ? 1 : 0);
    if (isOpening(frame) && wasHeard) this.#conversations.setLost(slot, direction);
    this.#segments.begin(frame, slot);
  }

  #restart(slot: number): void {
    this.#conversations.restart(slot);
    for (const key of [slot * 2, slot * 2 + 1]) {
      this.#segments.drop(key);
      this.#firstBytes.drop(key);
    }
  }

  #look(frame: Frame, slot: number): void {
    const isTcp = frame.protocol === PROTOCOL.tcp;
    this.#show(frame, isTcp);
    if (frame.payloadCaptured > 0) this.#judge(frame, slot);
    else this.#passOver(slot);
    this.#span.application = applicationName(this.#conversations.application(slot));
    this.#span.isFromFirstSpeaker = this.#conversations.isFirstSpeaker(slot, this.#conversations.direction);
    if (isTcp && frame.payloadCaptured === 0) this.#segments.lose(frame, this.#span, slot);
    else if (isTcp) this.#segments.read(frame, this.#span, slot);
    else if (frame.protocol === PROTOCOL.udp) this.#readDatagram(frame);
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
    span.state = 0;
  }

  /** Judges the first bytes of each end; the first end that is recognised names the conversation. */
  #judge(frame: Frame, slot: number): void {
    const { direction } = this.#conversations;
    const wasHeard = this.#conversations.wasHeard(slot, direction);
    this.#conversations.setHeard(slot, direction);
    if (this.#conversations.application(slot) > UNKNOWN || this.#conversations.wasJudged(slot, direction)) return;
    if (this.#waits(slot, wasHeard)) return;
    const code = this.#recognise(frame, slot * 2 + direction);
    const isLate = this.#conversations.isConnecting(slot, direction) && code !== S7COMM;
    if (code !== NOTHING_SEEN) this.#conversations.setApplication(slot, isLate ? UNKNOWN : code);
    if (code !== NOTHING_SEEN || this.#span.isFinal) this.#conversations.setJudged(slot, direction);
  }

  /** A connection of COTP is no application, so the end's next bytes are judged, once; and they are S7 communication or not known. */
  #waits(slot: number, wasHeard: boolean): boolean {
    const { data, from, to, isTcp } = this.#span;
    if (wasHeard || !isTcp || !isCotpConnection(data, from, to)) return false;
    this.#conversations.setConnecting(slot, this.#conversations.direction);
    return true;
  }

  /** Payload that was not captured: what follows are no first bytes. */
  #passOver(slot: number): void {
    const { direction } = this.#conversations;
    this.#conversations.setHeard(slot, direction);
    this.#conversations.setJudged(slot, direction);
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

  /** Some protocols put several messages in one datagram; what no decoder can read may ask for anything. */
  #readDatagram(frame: Frame): void {
    const span = this.#span;
    this.#teller.isRepeated = false;
    let isRead = true;
    for (let message = 0; message < DATAGRAM_MESSAGES_MAX && isRead && span.from < span.to; message++)
      isRead = this.#readMessage(frame);
    const isWhole = span.from >= span.to && frame.payloadCaptured >= frame.payloadLength;
    const asking = isRead && isWhole ? null : this.#dispatch.asking(span);
    if (asking !== null) this.#teller.unreadable(frame, asking);
  }

  /** The first decoder that takes what stands at `span.from` reads it. Whether one did; one that knows no operations takes all that is left. */
  #readMessage(frame: Frame): boolean {
    const span = this.#span;
    for (let bits = this.#dispatch.candidates(span); bits !== 0; bits = this.#dispatch.without(bits)) {
      const decoder = this.#dispatch.first(bits);
      if (decoder?.claims(span) !== true) continue;
      const length = decoder.decode(span, this.#teller.found);
      if (length > 0) {
        this.#teller.tell(frame, decoder);
        span.from = decoder.mayAsk === undefined ? span.to : span.from + length;
        return true;
      }
      this.#teller.forget();
    }
    return false;
  }
}

/** Flags of -1 say nothing. */
function hasSyn({ tcpFlags, isLaterFragment }: Frame): boolean {
  return tcpFlags > 0 && (tcpFlags & TCP.syn) !== 0 && !isLaterFragment;
}

/** A SYN without ACK begins a new conversation on these ports. */
function isOpening(frame: Frame): boolean {
  return frame.protocol === PROTOCOL.tcp && (frame.tcpFlags & (TCP.syn | TCP.ack)) === TCP.syn;
}
