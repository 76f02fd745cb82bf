// S7 communication (classic) over TPKT and COTP: kind and function of each message. Sources: RFC 1006, ISO 8073, the Wireshark wiki on S7comm.
// Not S7comm-plus (0x72), which is enciphered, and not MMS, which shares the port.

import { u8, u16 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';

const S7_PORT = 102;
const TPKT_BYTES = 4;
const TPKT_VERSION = 3;
/** TPKT 4, COTP data header 3. */
const DATA_AT = 7;
const TPDU = { connectRequest: 0xe0, connectConfirm: 0xd0, disconnectRequest: 0x80, data: 0xf0 } as const;
const IS_LAST_UNIT = 0x80;
const S7 = 0x32;
/** Kinds of message: a job and its answers, and data of the user, which have function groups of their own. */
const KIND = { job: 1, ack: 2, ackData: 3, userData: 7 } as const;
const HEADER_BYTES = { job: 10, answer: 12 } as const;
/** Units and bytes of one message that are put together: S7 agrees on 240 to 960 bytes, COTP on 128 or more a unit. Longer ones are unreadable. */
const FRAGMENTS_MAX = 64;
const MESSAGE_BYTES_MAX = 4_096;
/** Head 3, length 1, method 1, type and group 1, subfunction 1. */
const USER_PARAMETER_BYTES = 7;
/** Words of an operation number: `s7comm` kind/function, or `s7userdata` group/subfunction. */
const USER_DATA = 1 << 16;
/** A message of a kind that names no function. */
const NO_FUNCTION = 1 << 17;

export const s7commDecoder: Decoder = {
  protocol: 's7comm',
  ports: [S7_PORT],
  isOverTcp: true,
  isOverUdp: false,
  mayAsk: bothAsk,
  claims: (span) => canBeTpkt(span.data, span.from, span.to),
  decode: decodeUnit,
  operationProtocol: (code) => ((code & USER_DATA) === 0 ? 's7comm' : 's7userdata'),
  operationText: textOf,
};

/** The kind in decimal and the function in hexadecimal; group and subfunction in decimal. */
function textOf(code: number): string {
  const high = (code >> 8) & 0xff;
  if ((code & USER_DATA) !== 0) return `${high}/${code & 0xff}`;
  return (code & NO_FUNCTION) === 0 ? `${high}/0x${(code & 0xff).toString(16).padStart(2, '0')}` : `${high}/`;
}

function canBeTpkt(data: Uint8Array, from: number, to: number): boolean {
  if (data[from] !== TPKT_VERSION) return false;
  if (to - from >= 2 && data[from + 1] !== 0) return false;
  return to - from < TPKT_BYTES || u16(data, from + 2) >= DATA_AT;
}

/** Whether a whole TPKT with an S7 message begins here. */
export function isS7(data: Uint8Array, from: number, to: number): boolean {
  if (to - from <= DATA_AT + HEADER_BYTES.job || !canBeTpkt(data, from, to)) return false;
  return data[from + 4] === 2 && data[from + 5] === TPDU.data && data[from + 7] === S7;
}

/** Whether these bytes are one TPKT that asks for a COTP connection or grants it: what will speak over it is not told yet. */
export function isCotpConnection(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < DATA_AT || !canBeTpkt(data, from, to) || u16(data, from + 2) !== to - from) return false;
  const kind = u8(data, from + 5) & 0xf0;
  return (kind === TPDU.connectRequest || kind === TPDU.connectConfirm) && u8(data, from + 4) === to - from - 5;
}

/** A unit is read when it is whole: S7 agrees on 240 to 960 bytes. */
function decodeUnit(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!canBeTpkt(data, from, to)) return NOT_MINE;
  if (to - from < TPKT_BYTES) return span.isFinal ? NOT_MINE : NEEDS_MORE;
  const length = u16(data, from + 2);
  if (to - from < length && !span.isFinal) return NEEDS_MORE;
  const end = Math.min(to, from + length);
  const kind = u8(data, from + 5) & 0xf0;
  if (kind === TPDU.connectRequest || kind === TPDU.connectConfirm || kind === TPDU.disconnectRequest) return length;
  // Some stacks acknowledge with a data unit that holds nothing.
  if (length === DATA_AT && kind === TPDU.data) return length;
  const isData = u8(data, from + 4) === 2 && kind === TPDU.data && data[from + DATA_AT] === S7;
  if (isData && (u8(data, from + 6) & IS_LAST_UNIT) === 0) return decodeFragments(span, found);
  if (!isData || !readMessage(data, from + DATA_AT, end, found)) found.isUnreadable = true;
  return length;
}

/** A message in several units: it is read when the last of them is there, and unreadable when another unit comes between. */
function decodeFragments(span: Span, found: Found): number {
  const { data, from, to } = span;
  const message = new Uint8Array(MESSAGE_BYTES_MAX);
  let bytes = 0;
  let at = from;
  for (let unit = 0; unit < FRAGMENTS_MAX; unit++) {
    const end = at + u16(data, at + 2);
    if ((to - at < DATA_AT || end > to) && (to === at || canBeTpkt(data, at, to)) && !span.isFinal) return NEEDS_MORE;
    const isNext = end <= to && canBeTpkt(data, at, to) && data[at + 4] === 2 && data[at + 5] === TPDU.data;
    if (!isNext || bytes + end - at - DATA_AT > MESSAGE_BYTES_MAX) break;
    message.set(data.subarray(at + DATA_AT, end), bytes);
    bytes += end - at - DATA_AT;
    const isLast = (u8(data, at + 6) & IS_LAST_UNIT) !== 0;
    at = end;
    if (!isLast) continue;
    if (!readMessage(message, 0, bytes, found)) found.isUnreadable = true;
    return at - from;
  }
  found.isUnreadable = true;
  return Math.max(at, from + u16(data, from + 2)) - from;
}

/** Adds what the message asks for or answers; false when it ends too early to tell. */
function readMessage(data: Uint8Array, from: number, to: number, found: Found): boolean {
  if (to - from < HEADER_BYTES.job) return false;
  const kind = u8(data, from + 1);
  const isAnswer = kind === KIND.ack || kind === KIND.ackData;
  const parameterAt = from + (isAnswer ? HEADER_BYTES.answer : HEADER_BYTES.job);
  const parameterBytes = u16(data, from + 6);
  if (parameterAt + parameterBytes > to) return false;
  const isNamed = (kind === KIND.job || kind === KIND.ackData) && parameterBytes > 0;
  addOperation(found, (kind << 8) | (isNamed ? u8(data, parameterAt) : NO_FUNCTION));
  if (kind !== KIND.userData) return true;
  if (parameterBytes < USER_PARAMETER_BYTES) return false;
  addOperation(found, USER_DATA | ((u8(data, parameterAt + 5) & 15) << 8) | u8(data, parameterAt + 6));
  return true;
}
