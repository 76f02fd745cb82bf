// TLS: the server name of a ClientHello, in plain or split over records and segments. Source: RFC 8446, RFC 6066.
// Not DTLS, not QUIC: a QUIC Initial is encrypted and is not undone here.

import { u8, u16, u24, wireText, withoutFinalDot } from './bytes.ts';
import { addName, type Decoder, type Found, NEEDS_MORE, noOperation, type Span } from './decoder.ts';

const RECORD_HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const EXTENSION_SERVER_NAME = 0;
const RECORD_HEADER_BYTES = 5;
const HANDSHAKE_HEADER_BYTES = 4;
/** RFC 8446: 2^14 bytes of plain text in a record. */
const RECORD_BYTES_MAX = 16_384;
/** A hello beyond this is not read further; post-quantum hellos are below 2,000 bytes. */
const HELLO_BYTES_MAX = 32_768;
/** Records a hello may be split over; beyond it the hello is given up. */
const RECORDS_MAX = 64;
/** Extensions walked; browsers send about 20. */
const EXTENSIONS_MAX = 256;
/** RFC 1035: a host name has at most 255 bytes. */
const HOST_BYTES_MAX = 255;

export const tlsDecoder: Decoder = {
  protocol: 'tls',
  isOverTcp: true,
  isOverUdp: false,
  claims: (span) => isClientHello(span.data, span.from, span.to),
  decode: decodeHello,
  operationText: noOperation,
};

/** Whether a handshake record with a ClientHello begins here; as much of its first six bytes as there are must fit. */
export function isClientHello(data: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < 3 || data[from] !== RECORD_HANDSHAKE || data[from + 1] !== 3 || u8(data, from + 2) > 4) return false;
  if (length >= 5 && (u16(data, from + 3) === 0 || u16(data, from + 3) > RECORD_BYTES_MAX)) return false;
  return length < 6 || data[from + 5] === CLIENT_HELLO;
}

/** The name is given as soon as it can be read, be the hello whole or not; nothing after a hello is of interest. */
function decodeHello(span: Span, found: Found): number {
  const hello = joinRecords(span);
  const name = hello.length < HANDSHAKE_HEADER_BYTES ? undefined : serverName(hello);
  if (name === undefined && !span.isFinal && hello.length < HELLO_BYTES_MAX) return NEEDS_MORE;
  if (typeof name === 'string' && name !== '')
    addName(found, { kind: 'sni', name, value: '', address: null, ttlSeconds: 0, isFromServer: false });
  return span.to - span.from;
}

/** The handshake bytes of consecutive handshake records, without copying when there is only one. */
function joinRecords(span: Span): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = span.from;
  let total = 0;
  for (
    let record = 0;
    record < RECORDS_MAX && at + RECORD_HEADER_BYTES <= span.to && total < HELLO_BYTES_MAX;
    record++
  ) {
    if (span.data[at] !== RECORD_HANDSHAKE) break;
    const end = at + RECORD_HEADER_BYTES + u16(span.data, at + 3);
    const part = span.data.subarray(at + RECORD_HEADER_BYTES, Math.min(end, span.to));
    parts.push(part);
    total += part.length;
    at = end;
  }
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const joined = new Uint8Array(total);
  let filled = 0;
  for (const part of parts) {
    joined.set(part, filled);
    filled += part.length;
  }
  return joined;
}

/** The server name; null when the hello has none or is damaged; undefined when its bytes end before that is known. */
function serverName(hello: Uint8Array): string | null | undefined {
  if (hello[0] !== CLIENT_HELLO) return null;
  const end = HANDSHAKE_HEADER_BYTES + u24(hello, 1);
  const have = Math.min(end, hello.length);
  const isWhole = hello.length >= end;
  const short = isWhole ? null : undefined;
  // Version 2, random 32, session id, cipher suites, compression methods.
  let at = HANDSHAKE_HEADER_BYTES + 34;
  if (at >= have) return short;
  at += 1 + u8(hello, at);
  if (at + 2 > have) return short;
  at += 2 + u16(hello, at);
  if (at >= have) return short;
  at += 1 + u8(hello, at);
  if (at + 2 > have) return short;
  const extensionsEnd = Math.min(end, at + 2 + u16(hello, at));
  at += 2;
  for (let extension = 0; extension < EXTENSIONS_MAX && at + 4 <= extensionsEnd; extension++) {
    if (at + 4 > have) return short;
    const next = at + 4 + u16(hello, at + 2);
    if (u16(hello, at) === EXTENSION_SERVER_NAME) return next <= have ? hostOf(hello, at + 4, next) : short;
    at = next;
  }
  return at + 4 > have && !isWhole && at < extensionsEnd ? undefined : null;
}

/** The first name of type host_name in a server_name extension. */
function hostOf(hello: Uint8Array, from: number, to: number): string | null {
  if (to - from < 5 || u8(hello, from + 2) !== 0) return null;
  const length = u16(hello, from + 3);
  if (length === 0 || length > HOST_BYTES_MAX || from + 5 + length > to) return null;
  return withoutFinalDot(wireText(hello, from + 5, from + 5 + length));
}
