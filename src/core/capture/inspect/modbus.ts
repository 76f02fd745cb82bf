// Modbus/TCP: unit and function of each request. Source: Modbus messaging on TCP/IP implementation guide V1.0b.
// Answers are skipped: what is asked for is judged, not what is given back.

import { u8, u16 } from './bytes.ts';
import { addOperation, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';

const MODBUS_PORT = 502;
/** Transaction 2, protocol 2, length 2. */
const HEADER_BYTES = 6;
/** Unit and function: enough to name the operation. */
const NAMED_BYTES = 8;
/** Unit, function and up to 252 bytes of data. */
const LENGTH_MAX = 254;
const LENGTH_MIN = 2;
/** Units in one payload that `isModbus` follows; a segment of 1,460 bytes holds at most 182 of the smallest. */
const UNITS_MAX = 256;

export const modbusDecoder: Decoder = {
  protocol: 'modbus',
  isOverTcp: true,
  isOverUdp: false,
  ports: [MODBUS_PORT],
  mayAsk: isRequest,
  claims: (span) => canBeHeader(span.data, span.from, span.to),
  decode: decodeUnit,
  operationText: (code) => `${code >> 8}/${code & 0xff}`,
};

function canBeHeader(data: Uint8Array, from: number, to: number): boolean {
  if (to - from >= 4 && u16(data, from + 2) !== 0) return false;
  if (to - from < HEADER_BYTES) return true;
  const length = u16(data, from + 4);
  return length >= LENGTH_MIN && length <= LENGTH_MAX;
}

/** The operation belongs to the packet that carries the function byte; data that follows later is skipped. */
function decodeUnit(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!canBeHeader(data, from, to)) return NOT_MINE;
  if (to - from < NAMED_BYTES) return span.isFinal ? NOT_MINE : NEEDS_MORE;
  if (isRequest(span)) addOperation(found, (u8(data, from + 6) << 8) | u8(data, from + 7));
  return HEADER_BYTES + u16(data, from + 4);
}

/** On the well-known port the port tells; elsewhere the end that spoke first asks. */
function isRequest(span: Span): boolean {
  if (span.destinationPort === MODBUS_PORT) return true;
  return span.sourcePort !== MODBUS_PORT && span.isFromFirstSpeaker;
}

/** Whether the payload is one or more whole Modbus/TCP units and nothing else. */
export function isModbus(data: Uint8Array, from: number, to: number): boolean {
  let at = from;
  for (let unit = 0; unit < UNITS_MAX && at < to; unit++) {
    if (to - at < NAMED_BYTES || !canBeHeader(data, at, to)) return false;
    const functionCode = u8(data, at + 7) & 0x7f;
    if (functionCode === 0) return false;
    at += HEADER_BYTES + u16(data, at + 4);
  }
  return at === to;
}
