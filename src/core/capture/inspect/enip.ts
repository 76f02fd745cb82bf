// EtherNet/IP over TCP and UDP: encapsulation command and CIP service, of requests and replies alike. Source: CIP volumes 1 and 2 (ODVA).
// Not the cyclic data of UDP port 2222, which asks for nothing.

import { u8 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';

const ENIP_PORT = 44_818;
const HEADER_BYTES = 24;
/** Largest length of encapsulated data that the specification permits. */
const BODY_BYTES_MAX = 65_511;
const COMMANDS: readonly number[] = [0x00, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73];
const SEND_RR_DATA = 0x6f;
const SEND_UNIT_DATA = 0x70;
const REGISTER_SESSION = 0x65;
/** Interface handle 4, timeout 2. */
const ITEMS_AT = 6;
/** Items of one message; real ones have two to four. */
const ITEMS_MAX = 16;
const ITEM = { connected: 0xb1, unconnected: 0xb2 } as const;
const SERVICE = { multiple: 0x0a, unconnectedSend: 0x52 } as const;
const IS_REPLY = 0x80;
/** Class 6, instance 1: the connection manager; a `0x52` to anyone else reads a tag. */
const CONNECTION_MANAGER: readonly number[] = [0x20, 0x06, 0x24, 0x01];
/** Services inside services: an unconnected send of several services is two deep. */
const DEPTH_MAX = 4;
/** Services in one multiple service packet; a message of 504 bytes holds at most about 80. */
const SERVICES_MAX = 256;
/** In an operation number: the command carries no service. */
const NO_SERVICE = 0x100;

export const enipDecoder: Decoder = {
  protocol: 'enip',
  ports: [ENIP_PORT],
  isOverTcp: true,
  isOverUdp: true,
  mayAsk: bothAsk,
  claims: (span) => canBeHeader(span.data, span.from, span.to),
  decode: decodeMessage,
  operationText: textOf,
};

function textOf(code: number): string {
  const command = `0x${(code >> 9).toString(16).padStart(4, '0')}`;
  return (code & NO_SERVICE) === 0 ? `${command}/0x${(code & 0xff).toString(16).padStart(2, '0')}` : `${command}/`;
}

/** Little-endian 16 bits. */
function low16(data: Uint8Array, at: number): number {
  return u8(data, at) | (u8(data, at + 1) << 8);
}

function isZero(data: Uint8Array, from: number, count: number): boolean {
  for (let at = from; at < from + count; at++) if (u8(data, at) !== 0) return false;
  return true;
}

/** The options are always zero; a command is one of ten. */
function canBeHeader(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < 2) return COMMANDS.includes(u8(data, from));
  if (!COMMANDS.includes(low16(data, from))) return false;
  if (to - from >= 4 && low16(data, from + 2) > BODY_BYTES_MAX) return false;
  return to - from < HEADER_BYTES || isZero(data, from + 20, 4);
}

/** Whether the payload is one encapsulated message and nothing else, without a status, as a conversation begins. */
export function isEnip(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < HEADER_BYTES || !canBeHeader(data, from, to) || low16(data, from) < 0x63) return false;
  if (low16(data, from + 2) !== to - from - HEADER_BYTES || !isZero(data, from + 8, 4)) return false;
  if (low16(data, from) === REGISTER_SESSION) return low16(data, from + 2) === 4 && low16(data, from + 24) === 1;
  return !hasItems(low16(data, from)) || isZero(data, from + HEADER_BYTES, 4);
}

function hasItems(command: number): boolean {
  return command === SEND_RR_DATA || command === SEND_UNIT_DATA;
}

/** A message is read when it is whole, since its services may stand anywhere in it. */
function decodeMessage(span: Span, found: Found): number {
  const { data, from, to } = span;
  if (!canBeHeader(data, from, to)) return NOT_MINE;
  if (to - from < HEADER_BYTES) return span.isFinal ? NOT_MINE : NEEDS_MORE;
  const length = HEADER_BYTES + low16(data, from + 2);
  if (to - from < length && !span.isFinal) return NEEDS_MORE;
  const command = low16(data, from);
  const reader = { data, to: Math.min(to, from + length), command, found };
  if (!hasItems(command)) addOperation(found, (command << 9) | NO_SERVICE);
  else if (!readItems(reader, from + HEADER_BYTES + ITEMS_AT)) found.isUnreadable = true;
  if (to - from < length) found.isUnreadable = true;
  return length;
}

interface Reader {
  readonly data: Uint8Array;
  readonly to: number;
  readonly command: number;
  readonly found: Found;
}

/** A refused request has no items. False when the items do not fit. */
function readItems(reader: Reader, from: number): boolean {
  const { data, to, command, found } = reader;
  const count = low16(data, from);
  let isAny = false;
  let at = from + 2;
  for (let item = 0; item < count; item++) {
    if (item >= ITEMS_MAX || at + 4 > to) return false;
    const kind = low16(data, at);
    const end = at + 4 + low16(data, at + 2);
    if (end > to) return false;
    const cipAt = kind === ITEM.unconnected ? at + 4 : kind === ITEM.connected ? at + 6 : -1;
    // An item without bytes asks for nothing.
    if (cipAt >= 0 && cipAt !== end) {
      if (cipAt > end || !readService({ ...reader, to: end }, cipAt, 0)) return false;
      isAny = true;
    }
    at = end;
  }
  if (!isAny) addOperation(found, (command << 9) | NO_SERVICE);
  return true;
}

/** One service and those inside it. False when they do not fit. */
function readService(reader: Reader, from: number, depth: number): boolean {
  const { data, to, command, found } = reader;
  if (depth >= DEPTH_MAX || from + 2 > to) return false;
  const service = u8(data, from);
  addOperation(found, (command << 9) | service);
  if ((service & IS_REPLY) !== 0) {
    // Reserved 1, status 1, words of additional status 1.
    const dataAt = from + 4 + 2 * u8(data, from + 3);
    return service !== (SERVICE.multiple | IS_REPLY) || dataAt + 2 > to || readServices(reader, dataAt, depth);
  }
  const dataAt = from + 2 + 2 * u8(data, from + 1);
  if (dataAt > to) return false;
  if (service === SERVICE.multiple) return readServices(reader, dataAt, depth);
  if (service !== SERVICE.unconnectedSend || !isToManager(data, from)) return true;
  // Tick time 1, ticks 1, length of the message inside 2.
  const end = dataAt + 4 + low16(data, dataAt + 2);
  return end <= to && readService({ ...reader, to: end }, dataAt + 4, depth + 1);
}

function isToManager(data: Uint8Array, from: number): boolean {
  return u8(data, from + 1) === 2 && CONNECTION_MANAGER.every((byte, at) => data[from + 2 + at] === byte);
}

/** A count, as many offsets from the count on, and the services themselves, each of which ends where the next begins. */
function readServices(reader: Reader, from: number, depth: number): boolean {
  const { data, to } = reader;
  const count = low16(data, from);
  if (count > SERVICES_MAX || from + 2 + 2 * count > to) return false;
  for (let service = 0; service < count; service++) {
    const at = from + low16(data, from + 2 + 2 * service);
    const end = service + 1 < count ? from + low16(data, from + 4 + 2 * service) : to;
    if (at >= end || end > to || !readService({ ...reader, to: end }, at, depth + 1)) return false;
  }
  return true;
}
