// TLS over TCP: the ClientHello in its records, whole or split over records and segments. Source: RFC 8446.
// Not DTLS, not QUIC, and nothing behind the hello.

import { u8, u16 } from './bytes.ts';
import { type Decoder, type Found, NEEDS_MORE, noOperation, type Span } from './decoder.ts';
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES, HELLO_BYTES_MAX, helloLength, readHello, serverName } from './hello.ts';
import { addHello, addServerName } from './hello-facts.ts';

const RECORD_CHANGE = 20;
const RECORD_HANDSHAKE = 22;
const RECORD_HEADER_BYTES = 5;
/** RFC 8446: 2^14 bytes of plain text in a record. */
const RECORD_BYTES_MAX = 16_384;
/** Records a hello may be split over; beyond it the hello is given up. */
const RECORDS_MAX = 64;

export const tlsDecoder: Decoder = {
  protocol: 'tls',
  isOverTcp: true,
  isOverUdp: false,
  firstBytes: [RECORD_CHANGE, RECORD_HANDSHAKE],
  claims: (span) => isClientHello(span.data, helloAt(span), span.to),
  decode: decodeHello,
  operationText: noOperation,
};

/** Where a hello would begin: a client that repeats it for a HelloRetryRequest sends a ChangeCipherSpec record before it (RFC 8446, D.4). */
function helloAt({ data, from, to }: Span): number {
  const isChange = data[from] === RECORD_CHANGE && data[from + 1] === 3 && u16(data, from + 3) === 1;
  const next = from + RECORD_HEADER_BYTES + 1;
  return isChange && next < to ? next : from;
}

/** Whether a handshake record with a ClientHello begins here; as much of its first six bytes as there are must fit. */
function isClientHello(data: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < 3 || data[from] !== RECORD_HANDSHAKE || data[from + 1] !== 3 || u8(data, from + 2) > 4) return false;
  if (length >= 5 && (u16(data, from + 3) === 0 || u16(data, from + 3) > RECORD_BYTES_MAX)) return false;
  return length < 6 || data[from + 5] === CLIENT_HELLO;
}

/** The name is given as soon as it can be read, the fingerprint when the hello is whole; nothing after a hello is of interest. */
function decodeHello(span: Span, found: Found): number {
  const { bytes: hello, isOver } = joinRecords(span, span.to);
  const name = serverName(hello);
  if (typeof name === 'string' && !wasNameShown(span)) addServerName(found, name);
  const length = helloLength(hello);
  const isWhole = length >= 0 && hello.length >= length;
  const mayGrow = !span.isFinal && !isOver && hello.length < HELLO_BYTES_MAX && length <= HELLO_BYTES_MAX;
  if (!isWhole && mayGrow) return NEEDS_MORE;
  const fields = isWhole ? readHello(hello.subarray(HANDSHAKE_HEADER_BYTES, length)) : null;
  if (fields !== null) addHello(found, fields, { transport: 't', span });
  return span.to - span.from;
}

/** Whether the bytes that were shown before told the name already. */
function wasNameShown(span: Span): boolean {
  return span.shownBytes > 0 && typeof serverName(joinRecords(span, span.from + span.shownBytes).bytes) === 'string';
}

/** The handshake bytes of consecutive handshake records before `to`, without copying when there is only one; whether something else follows them. */
function joinRecords(span: Span, to: number): { readonly bytes: Uint8Array; readonly isOver: boolean } {
  const parts: Uint8Array[] = [];
  let at = helloAt(span);
  let total = 0;
  let record = 0;
  for (; record < RECORDS_MAX && at + RECORD_HEADER_BYTES <= to && total < HELLO_BYTES_MAX; record++) {
    if (span.data[at] !== RECORD_HANDSHAKE) return { bytes: joined(parts, total), isOver: true };
    const end = at + RECORD_HEADER_BYTES + u16(span.data, at + 3);
    const part = span.data.subarray(at + RECORD_HEADER_BYTES, Math.min(end, to));
    parts.push(part);
    total += part.length;
    at = end;
  }
  return { bytes: joined(parts, total), isOver: record === RECORDS_MAX };
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const bytes = new Uint8Array(total);
  let filled = 0;
  for (const part of parts) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}
