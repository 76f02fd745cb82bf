// CoAP over UDP: the code of each message, of requests, responses and empty ones alike. Source: RFC 7252, section 3.
// Not CoAP over TCP or WebSockets (RFC 8323), and not over DTLS, which hides it.

import { u8 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NOT_MINE, type Span } from './decoder.ts';

export const COAP_PORT = 5683;
const HEADER_BYTES = 4;
const TOKEN_BYTES_MAX = 8;
const PAYLOAD_MARKER = 0xff;
/** Options walked; real messages have below 20. */
const OPTIONS_MAX = 128;

export const coapDecoder: Decoder = {
  protocol: 'coap',
  ports: [COAP_PORT],
  isOverTcp: false,
  isOverUdp: true,
  mayAsk: bothAsk,
  claims: (span) => canBeHeader(span.data, span.from, span.to),
  decode: decodeMessage,
  operationText: (code) => String(code),
};

/** Version 1, and a token of at most eight bytes. */
function canBeHeader(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < HEADER_BYTES || u8(data, from) >> 6 !== 1) return false;
  return (u8(data, from) & 15) <= TOKEN_BYTES_MAX;
}

function decodeMessage(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!canBeHeader(data, from, to)) return NOT_MINE;
  addOperation(found, u8(data, from + 1));
  return to - from;
}

/** Whether the payload is a message of which every option fits. */
export function isCoap(data: Uint8Array, from: number, to: number): boolean {
  if (!canBeHeader(data, from, to)) return false;
  const code = u8(data, from + 1);
  const codeClass = code >> 5;
  if (code === 0) return to - from === HEADER_BYTES;
  if (codeClass === 1 || codeClass === 3 || codeClass > 5) return false;
  let at = from + HEADER_BYTES + (u8(data, from) & 15);
  for (let option = 0; option < OPTIONS_MAX && at < to; option++) {
    if (data[at] === PAYLOAD_MARKER) return at + 1 < to;
    at = optionEnd(data, at);
    if (at < 0) return false;
  }
  return at === to;
}

/** End of the option at `at`; -1 when its first byte is reserved. */
function optionEnd(data: Uint8Array, at: number): number {
  const delta = u8(data, at) >> 4;
  const length = u8(data, at) & 15;
  if (delta === 15 || length === 15) return -1;
  const lengthAt = at + 1 + extraBytes(delta);
  const valueAt = lengthAt + extraBytes(length);
  if (length < 13) return valueAt + length;
  if (length === 13) return valueAt + 13 + u8(data, lengthAt);
  return valueAt + 269 + ((u8(data, lengthAt) << 8) | u8(data, lengthAt + 1));
}

function extraBytes(nibble: number): number {
  return nibble === 13 ? 1 : nibble === 14 ? 2 : 0;
}
