// BACnet/IP: kind and service of each message, the link functions and the network messages. Source: ASHRAE 135-2016, annex J, clauses 6 and 20.
// Not BACnet on Ethernet, which has no addresses that a policy knows, and not BACnet/SC, which is enciphered.

import { u8, u16 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NOT_MINE, type Span } from './decoder.ts';

const BACNET_PORT = 47_808;
const BVLC = 0x81;
const BVLC_BYTES = 4;
const BVLC_FUNCTION_MAX = 0x0c;
const FORWARDED = 0x04;
/** Link functions that carry a network message: forwarded, distribute to network, unicast, broadcast. */
const CARRIERS: readonly number[] = [FORWARDED, 0x09, 0x0a, 0x0b];
const NPDU_VERSION = 1;
const CONTROL = { isNetworkMessage: 0x80, hasDestination: 0x20, hasSource: 0x08 } as const;
const KIND = {
  confirmed: 0,
  unconfirmed: 1,
  simpleAck: 2,
  complexAck: 3,
  segmentAck: 4,
  error: 5,
  reject: 6,
  abort: 7,
} as const;
const IS_SEGMENTED = 0x08;
/** Words of an operation number: `bacnet`, `bvlc`, `npdu`. */
const WORD = { bacnet: 0, bvlc: 1 << 16, npdu: 2 << 16 } as const;
const NO_SERVICE = 1 << 12;

export const bacnetDecoder: Decoder = {
  protocol: 'bacnet',
  ports: [BACNET_PORT],
  isOverTcp: false,
  isOverUdp: true,
  mayAsk: bothAsk,
  claims: (span) => span.data[span.from] === BVLC,
  decode: decodeMessage,
  operationProtocol: (code) => (code >= WORD.npdu ? 'npdu' : code >= WORD.bvlc ? 'bvlc' : 'bacnet'),
  operationText: textOf,
};

/** Kind, then the service in the place of confirmed or of unconfirmed ones. */
function textOf(code: number): string {
  if (code >= WORD.bvlc) return String(code & 0xff);
  const kind = (code >> 8) & 15;
  const service = (code & NO_SERVICE) === 0 ? String(code & 0xff) : '';
  return kind === KIND.unconfirmed ? `${kind}//${service}` : `${kind}/${service}/`;
}

/** Whether one BACnet/IP message fills the payload. */
export function isBacnet(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < BVLC_BYTES || data[from] !== BVLC || u8(data, from + 1) > BVLC_FUNCTION_MAX) return false;
  if (u16(data, from + 2) !== to - from) return false;
  const at = networkAt(data, from);
  return at < 0 || (at + 2 <= to && data[at] === NPDU_VERSION);
}

/** Where the network message begins, or -1 when the function carries none. */
function networkAt(data: Uint8Array, from: number): number {
  const code = u8(data, from + 1);
  if (!CARRIERS.includes(code)) return -1;
  return from + BVLC_BYTES + (code === FORWARDED ? 6 : 0);
}

function decodeMessage(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (to - from < BVLC_BYTES || data[from] !== BVLC) return NOT_MINE;
  const length = u16(data, from + 2);
  const end = Math.min(to, from + length);
  const at = networkAt(data, from);
  if (length < BVLC_BYTES || (at >= 0 && data[at] !== NPDU_VERSION)) return NOT_MINE;
  if (at < 0) addOperation(found, WORD.bvlc | u8(data, from + 1));
  else if (!readNetwork(data, at, end, found)) found.isUnreadable = true;
  if (length !== to - from) found.isUnreadable = true;
  return to - from;
}

/** False when the message ends before it is told what it is. */
function readNetwork(data: Uint8Array, from: number, to: number, found: Found): boolean {
  const control = u8(data, from + 1);
  let at = from + 2;
  if ((control & CONTROL.hasDestination) !== 0) at += 3 + u8(data, at + 2);
  if ((control & CONTROL.hasSource) !== 0) at += 3 + u8(data, at + 2);
  if ((control & CONTROL.hasDestination) !== 0) at += 1;
  if (at >= to) return false;
  if ((control & CONTROL.isNetworkMessage) === 0) return readApplication(data, at, to, found);
  addOperation(found, WORD.npdu | u8(data, at));
  return true;
}

/** Answers name the service that was asked for; a segment's acknowledgement, a rejection and an abortion name none. */
function readApplication(data: Uint8Array, from: number, to: number, found: Found): boolean {
  const kind = u8(data, from) >> 4;
  const serviceAt = from + serviceOffset(kind, (u8(data, from) & IS_SEGMENTED) !== 0);
  if (kind > KIND.abort || serviceAt >= to) return false;
  addOperation(found, (kind << 8) | (serviceAt > from ? u8(data, serviceAt) : NO_SERVICE));
  return true;
}

/** Bytes before the service choice, 0 where there is none. */
function serviceOffset(kind: number, isSegmented: boolean): number {
  if (kind === KIND.confirmed) return isSegmented ? 5 : 3;
  if (kind === KIND.complexAck) return isSegmented ? 4 : 2;
  if (kind === KIND.unconfirmed) return 1;
  return kind === KIND.simpleAck || kind === KIND.error ? 2 : 0;
}
