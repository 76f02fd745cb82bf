// DNP3 over TCP and UDP: the application function of each fragment, of requests and responses alike. Source: IEEE 1815-2012, clauses 8 to 10 and 4.
// Not an outstation: fragments are not put together, secure authentication is not undone.

import { u8, u16 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';

const DNP3_PORT = 20_000;
/** Start 2, length 1, control 1, destination 2, source 2, checksum 2. */
const HEADER_BYTES = 10;
/** Control, destination and source, which the length counts too. */
const COUNTED_HEADER_BYTES = 5;
const BLOCK_BYTES = 16;
const CHECKSUM_BYTES = 2;
/** Transport header, application control, function: the first of a fragment names it. */
const NAMED_BYTES = 3;
const IS_FIRST = 0x40;

export const dnp3Decoder: Decoder = {
  protocol: 'dnp3',
  ports: [DNP3_PORT],
  isOverTcp: true,
  isOverUdp: true,
  mayAsk: bothAsk,
  claims: (span) => canBeHeader(span.data, span.from, span.to),
  decode: decodeFrame,
  operationText: (code) => String(code),
};

/** As much of the start bytes and the length as there is must fit. */
function canBeHeader(data: Uint8Array, from: number, to: number): boolean {
  if (data[from] !== 0x05) return false;
  if (to - from >= 2 && data[from + 1] !== 0x64) return false;
  return to - from < 3 || u8(data, from + 2) >= COUNTED_HEADER_BYTES;
}

/** Whether a link frame whose header has the right checksum begins here. */
export function isDnp3(data: Uint8Array, from: number, to: number): boolean {
  return to - from >= HEADER_BYTES && canBeHeader(data, from, to) && isChecked(data, from, from + HEADER_BYTES);
}

/**
 * A frame is read when it is whole, because a receiver throws one with a wrong checksum away and looks for the next start inside
 * it: what it holds then is not known.
 */
function decodeFrame(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!canBeHeader(data, from, to)) return NOT_MINE;
  if (to - from < HEADER_BYTES) return span.isFinal ? NOT_MINE : NEEDS_MORE;
  if (!isChecked(data, from, from + HEADER_BYTES)) return NOT_MINE;
  const userBytes = u8(data, from + 2) - COUNTED_HEADER_BYTES;
  const length = HEADER_BYTES + userBytes + CHECKSUM_BYTES * Math.ceil(userBytes / BLOCK_BYTES);
  if (to - from < length && !span.isFinal) return NEEDS_MORE;
  if (userBytes === 0) return length;
  if (to - from < length || !areBlocksChecked(data, from + HEADER_BYTES, userBytes)) found.isUnreadable = true;
  if ((u8(data, from + HEADER_BYTES) & IS_FIRST) === 0) return length;
  if (userBytes >= NAMED_BYTES && to - from >= HEADER_BYTES + NAMED_BYTES)
    addOperation(found, u8(data, from + HEADER_BYTES + 2));
  else found.isUnreadable = true;
  return length;
}

/** Each 16 bytes of user data are followed by their checksum; there are at most 16 such blocks. */
function areBlocksChecked(data: Uint8Array, from: number, userBytes: number): boolean {
  let at = from;
  for (let left = userBytes; left > 0; left -= BLOCK_BYTES) {
    const end = at + Math.min(left, BLOCK_BYTES) + CHECKSUM_BYTES;
    if (!isChecked(data, at, end)) return false;
    at = end;
  }
  return true;
}

/** Checksums of single bytes: polynomial 0x3d65, reflected. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >> 1) ^ 0xa6bc : value >> 1;
  return value;
});

/** The checksum of the bytes from `from` up to `to`, as it stands on the wire behind them, low byte first. */
export function dnp3Checksum(data: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = (value >> 8) ^ (TABLE[(value ^ u8(data, at)) & 0xff] ?? 0);
  return ~value & 0xffff;
}

/** Whether the last two bytes are the checksum of those before. */
function isChecked(data: Uint8Array, from: number, to: number): boolean {
  const swapped = u16(data, to - CHECKSUM_BYTES);
  return dnp3Checksum(data, from, to - CHECKSUM_BYTES) === (((swapped & 0xff) << 8) | (swapped >> 8));
}
