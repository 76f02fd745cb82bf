// DTLS: a ClientHello that one datagram holds as a whole. Source: RFC 6347, RFC 9147.
// Not fragments over datagrams: nothing is kept between them.

import { u8, u16, u24 } from './bytes.ts';
import { type Decoder, type Found, noOperation, type Span } from './decoder.ts';
import { CLIENT_HELLO, readHello } from './hello.ts';
import { addHello, addServerName } from './hello-facts.ts';

const RECORD_HANDSHAKE = 22;
const RECORD_HEADER_BYTES = 13;
const MESSAGE_HEADER_BYTES = 12;
const HELLO_VERIFY_REQUEST = 3;
/** DTLS 1.0 and 1.2; a 1.3 hello says 1.2 here. */
const VERSIONS: readonly number[] = [0xfeff, 0xfefd];

export const dtlsDecoder: Decoder = {
  protocol: 'dtls',
  isOverTcp: false,
  isOverUdp: true,
  firstBytes: [RECORD_HANDSHAKE],
  claims: isDtls,
  decode: decodeDtls,
  operationText: noOperation,
};

/** A handshake record before any key, with a hello or the server's first answer to one. */
export function isDtls({ data, from, to, isTcp }: Span): boolean {
  if (isTcp || to - from < RECORD_HEADER_BYTES + 1 || data[from] !== RECORD_HANDSHAKE) return false;
  if (!VERSIONS.includes(u16(data, from + 1)) || u16(data, from + 3) !== 0) return false;
  const kind = u8(data, from + RECORD_HEADER_BYTES);
  return u16(data, from + 11) >= MESSAGE_HEADER_BYTES && kind >= CLIENT_HELLO && kind <= HELLO_VERIFY_REQUEST;
}

/** A hello with a cookie repeats one that was told before the server asked for the cookie. */
function decodeDtls(span: Span, found: Found): number {
  const { data, from, to } = span;
  const message = from + RECORD_HEADER_BYTES;
  const length = u24(data, message + 1);
  const body = message + MESSAGE_HEADER_BYTES;
  const isWhole = u24(data, message + 6) === 0 && u24(data, message + 9) === length && body + length <= to;
  if (data[message] !== CLIENT_HELLO || !isWhole) return to - from;
  const bytes = data.subarray(body, body + length);
  const hello = hasCookie(bytes) ? null : readHello(bytes, true);
  if (hello !== null) {
    addServerName(found, hello.serverName);
    addHello(found, hello, { transport: 'd', span });
  }
  return to - from;
}

function hasCookie(body: Uint8Array): boolean {
  return u8(body, 35 + u8(body, 34)) > 0;
}
