// What a decoder is: the bytes it is shown, what it may say about them, and the constants of its answer.
// Not a list of decoders (decoders.ts) and not a reassembler (streams.ts).

import { type AddressId, type Instant, type NameKind, NO_ADDRESS } from '#model';
import { WireWords } from './wire-words.ts';

/** The bytes one decoder is shown, with what is known of the conversation. One object, reused for every packet. */
export interface Span {
  data: Uint8Array;
  from: number;
  to: number;
  /** Bytes from `from` on that were shown before and answered with `NEEDS_MORE`; what they told was told. */
  shownBytes: number;
  at: Instant;
  source: AddressId;
  destination: AddressId;
  /** The destination's 16 bytes. */
  destinationAddress: Uint8Array;
  sourcePort: number;
  destinationPort: number;
  isTcp: boolean;
  /** No byte of this message can follow: a datagram, or a segment that the capture cut. */
  isFinal: boolean;
  /** Application of the conversation as far as known. */
  application: string;
  /** Whether the sender of these bytes was the first of the two to send any. */
  isFromFirstSpeaker: boolean;
  /** What the decoder keeps from message to message of this direction: a number of its own, 0 at the beginning and after a gap. */
  state: number;
}

/** A name as a decoder found it; who is client and who is server follows from `isFromServer`. */
export interface FoundName {
  readonly kind: NameKind;
  readonly name: string;
  readonly value: string;
  /** The address of a `dns-answer` in 16 bytes, where the asked name may be bound to it; else null. */
  readonly address: Uint8Array | null;
  readonly ttlSeconds: number;
  /** The sender of the packet is the server, its destination the client. */
  readonly isFromServer: boolean;
}

/** Where a decoder puts what it found. Emptied before every packet. */
export interface Found {
  readonly names: FoundName[];
  /** Operations as numbers of the decoder's own; `operationText` turns one into words. */
  readonly operations: number[];
  /** Number by which the protocol matches an answer to its question; only for DNS. */
  transaction: number;
  /** Something in the message may ask for what was not understood. */
  isUnreadable: boolean;
  /** Words from the wire that stand in operations, numbered. */
  readonly words: WireWords;
}

/** Answer of `decode`: the message is not whole yet, keep the bytes and show them again with what follows. */
export const NEEDS_MORE = 0;
/** Answer of `decode`: these bytes are not of this protocol after all. */
export const NOT_MINE = -1;

export interface Decoder {
  /** First word of an operation, for instance `modbus`. */
  readonly protocol: string;
  readonly isOverTcp: boolean;
  readonly isOverUdp: boolean;
  /** Its usual ports. It is asked on them, and on any port once the application is its protocol. */
  readonly ports?: readonly number[];
  /** It is asked on any port where a message begins with one of these bytes. A decoder with neither ports nor first bytes is always asked. */
  readonly firstBytes?: readonly number[];
  /**
   * Whether bytes of this direction may ask for something, so that those which cannot be read are told as `<protocol> ?`. Absent for
   * protocols without operations.
   */
  mayAsk?(span: Span): boolean;
  /** A cheap look at the first bytes: may a message of this protocol begin here? */
  claims(span: Span): boolean;
  /**
   * Reads the one message that begins at `span.from`. Gives its length in bytes (which may reach beyond `span.to`: the rest is
   * skipped when it comes), `NEEDS_MORE` or `NOT_MINE`. It never throws and never keeps the bytes.
   */
  decode(span: Span, found: Found): number;
  /** Text of an operation number, without the protocol. */
  operationText(code: number, words: WireWords): string;
  /** First word of an operation, where it is not always `protocol`. */
  operationProtocol?(code: number): string;
}

/** Most names and operations kept of one packet; the rest of a packet that carries more is not reported. */
export const FOUND_MAX = 256;

export function newFound(): Found {
  return { names: [], operations: [], transaction: -1, isUnreadable: false, words: new WireWords() };
}

/** Adds a name unless the packet already gave as many as are kept. */
export function addName(found: Found, name: FoundName): void {
  if (found.names.length < FOUND_MAX) found.names.push(name);
}

/** Adds an operation; a packet that gives more than are kept is unreadable, so that none hides behind the others. */
export function addOperation(found: Found, code: number): void {
  if (found.operations.length < FOUND_MAX) found.operations.push(code);
  else found.isUnreadable = true;
}

/** For decoders whose protocol asks in both directions. */
export function bothAsk(): boolean {
  return true;
}

/** For decoders that know no operations. */
export function noOperation(): string {
  return '';
}

/** A span over bytes with no context, to be filled in by its owner. */
export function newSpan(): Span {
  return {
    data: new Uint8Array(0),
    from: 0,
    to: 0,
    shownBytes: 0,
    at: 0,
    source: NO_ADDRESS,
    destination: NO_ADDRESS,
    destinationAddress: new Uint8Array(0),
    sourcePort: -1,
    destinationPort: -1,
    isTcp: false,
    isFinal: true,
    application: '',
    isFromFirstSpeaker: true,
    state: 0,
  };
}
