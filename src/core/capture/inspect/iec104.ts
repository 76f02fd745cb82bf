// IEC 60870-5-104: type and cause of each data unit, in both directions. Source: IEC 60870-5-104, clause 5, and 60870-5-101, clause 7.
// Not the link: starting, stopping and acknowledging carry no operation.

import { u8 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';

const IEC104_PORT = 2404;
const START = 0x68;
/** Start and length. */
const HEADER_BYTES = 2;
const LENGTH_MIN = 4;
const LENGTH_MAX = 253;
/** Control 4, type 1, number of objects 1, cause 2, address 2. */
const DATA_LENGTH_MIN = 10;
const TYPE_AT = 6;
const CAUSE_AT = 8;
/** The two bits above say test and negative. */
const CAUSE_BITS = 0x3f;
const CAUSE_MAX = 47;
/** Units in one payload that `isIec104` follows; a segment of 1,460 bytes holds 243 of the smallest. */
const UNITS_MAX = 256;

export const iec104Decoder: Decoder = {
  protocol: 'iec104',
  ports: [IEC104_PORT],
  isOverTcp: true,
  isOverUdp: false,
  mayAsk: bothAsk,
  claims: (span) => canBeHeader(span.data, span.from, span.to),
  decode: decodeUnit,
  operationText: (code) => `${code >> 8}/${code & 0xff}`,
};

function canBeHeader(data: Uint8Array, from: number, to: number): boolean {
  if (data[from] !== START) return false;
  const length = u8(data, from + 1);
  return to - from < HEADER_BYTES || (length >= LENGTH_MIN && length <= LENGTH_MAX);
}

function decodeUnit(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!canBeHeader(data, from, to)) return NOT_MINE;
  const length = to - from < HEADER_BYTES ? LENGTH_MAX : HEADER_BYTES + u8(data, from + 1);
  const isWhole = to - from >= length;
  if (!isWhole && !span.isFinal) return NEEDS_MORE;
  if (to - from < HEADER_BYTES + 1) return NOT_MINE;
  if ((u8(data, from + 2) & 1) !== 0) return length;
  if (length < HEADER_BYTES + DATA_LENGTH_MIN || to - from <= CAUSE_AT) found.isUnreadable = true;
  else addOperation(found, (u8(data, from + TYPE_AT) << 8) | (u8(data, from + CAUSE_AT) & CAUSE_BITS));
  return length;
}

/** Whether the payload is one or more whole units with control bytes that the standard permits, and nothing else. */
export function isIec104(data: Uint8Array, from: number, to: number): boolean {
  let at = from;
  for (let unit = 0; unit < UNITS_MAX && at < to; unit++) {
    if (to - at < HEADER_BYTES + LENGTH_MIN || !canBeHeader(data, at, to) || !isControl(data, at)) return false;
    at += HEADER_BYTES + u8(data, at + 1);
  }
  return at === to && to > from;
}

/** Numbered data, an acknowledgement, or exactly one of the six words that start, stop and test. */
function isControl(data: Uint8Array, from: number): boolean {
  const [first, second, third, fourth] = [2, 3, 4, 5].map((at) => u8(data, from + at));
  if (first === undefined || third === undefined) return false;
  const length = u8(data, from + 1);
  const isReceiveEven = (third & 1) === 0;
  if ((first & 1) === 0) {
    const cause = u8(data, from + CAUSE_AT) & CAUSE_BITS;
    return (
      isReceiveEven && length >= DATA_LENGTH_MIN && u8(data, from + TYPE_AT) !== 0 && cause > 0 && cause <= CAUSE_MAX
    );
  }
  if (length !== LENGTH_MIN) return false;
  if (first === 1) return second === 0 && isReceiveEven;
  const isOneWord = [0x07, 0x0b, 0x13, 0x23, 0x43, 0x83].includes(first);
  return isOneWord && second === 0 && third === 0 && fourth === 0;
}
