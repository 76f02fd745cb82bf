// OPC UA binary over TCP: the service of each message, by the number of its node, of requests and responses alike. Source: OPC 10000-6, clauses 5.2 and 6.7.
// Not what is enciphered: such messages are unreadable. Not OPC UA over HTTPS or WebSockets.

import { startsWith, u8 } from './bytes.ts';
import { addOperation, bothAsk, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';

const OPCUA_PORT = 4840;
/** Kind 3, chunk 1, size 4. */
const HEADER_BYTES = 8;
/** Larger chunks than servers agree to by default (64 KiB to 16 MiB). */
const SIZE_MAX = 2 ** 24;
/** Channel 4, token 4, sequence number 4, request 4. */
const MESSAGE_AT = HEADER_BYTES + 16;
/** Hellos, acknowledgements and errors: they carry no service. */
const PLAIN_KINDS: readonly string[] = ['HEL', 'ACK', 'ERR', 'RHE'];
const SERVICE_KINDS: readonly string[] = ['MSG', 'OPN', 'CLO'];
/** Policy, certificate and thumbprint of an opening; real ones are below 8 KiB together. */
const OPENING_BYTES_MAX = 32_768;
const NO_POLICY = 'http://opcfoundation.org/UA/SecurityPolicy#None';
const CHUNK = { more: 0x43, last: 0x46, abort: 0x41 } as const;
/** What the decoder keeps of a direction: the next chunk continues a message that was named. */
const IS_IN_MESSAGE = 1;
/** A node number behind its encoding byte, in the three forms that a service may have. */
const NODE = { two: 0, four: 1, numeric: 2 } as const;

export const opcuaDecoder: Decoder = {
  protocol: 'opcua',
  ports: [OPCUA_PORT],
  isOverTcp: true,
  isOverUdp: false,
  mayAsk: bothAsk,
  claims: (span) => kindAt(span.data, span.from, span.to) !== null,
  decode: decodeChunk,
  operationText: (code) => String(code),
};

/** The kind whose letters, as far as they are there, stand at `from`. */
function kindAt(data: Uint8Array, from: number, to: number): string | null {
  for (const kind of SERVICE_KINDS) if (startsWith(data, from, to, kind)) return kind;
  for (const kind of PLAIN_KINDS) if (startsWith(data, from, to, kind)) return kind;
  if (to - from >= 3 || to <= from) return null;
  const isBegun = [...SERVICE_KINDS, ...PLAIN_KINDS].some((kind) =>
    startsWith(data, from, to, kind.slice(0, to - from)),
  );
  return isBegun ? '' : null;
}

/** Whether the header of a chunk stands here. */
export function isOpcua(data: Uint8Array, from: number, to: number): boolean {
  const kind = kindAt(data, from, to);
  if (kind === null || kind === '' || to - from < HEADER_BYTES) return false;
  return isChunk(u8(data, from + 3), kind) && isSize(sizeAt(data, from));
}

function isChunk(byte: number, kind: string): boolean {
  return byte === CHUNK.last || (kind === 'MSG' && (byte === CHUNK.more || byte === CHUNK.abort));
}

/** Little-endian 32 bits, unsigned. */
function low32(data: Uint8Array, at: number): number {
  return (u8(data, at) | (u8(data, at + 1) << 8) | (u8(data, at + 2) << 16)) + u8(data, at + 3) * 2 ** 24;
}

function sizeAt(data: Uint8Array, from: number): number {
  return low32(data, from + 4);
}

function isSize(size: number): boolean {
  return size > HEADER_BYTES && size <= SIZE_MAX;
}

/** The operation belongs to the first chunk of a message; what follows in it is skipped. */
function decodeChunk(span: Span, found: Found): number {
  const { data, from, to } = span;
  const kind = kindAt(data, from, to);
  if (kind === null) return NOT_MINE;
  if (to - from < HEADER_BYTES) return span.isFinal ? NOT_MINE : NEEDS_MORE;
  const size = sizeAt(data, from);
  const chunk = u8(data, from + 3);
  if (!isChunk(chunk, kind) || !isSize(size)) return NOT_MINE;
  if (PLAIN_KINDS.includes(kind)) return size;
  const isContinued = kind === 'MSG' && span.state === IS_IN_MESSAGE;
  if (!isContinued) {
    const bodyAt = kind === 'OPN' ? openingBodyAt(span) : from + MESSAGE_AT;
    const isShort = bodyAt < 0 || nodeEnd(data, bodyAt, to) > Math.min(to, from + size);
    if (isShort && to - from < Math.min(size, OPENING_BYTES_MAX) && !span.isFinal) return NEEDS_MORE;
    const service = isShort || chunk === CHUNK.abort ? -1 : serviceAt(data, bodyAt);
    if (service >= 0) addOperation(found, service);
    else if (chunk !== CHUNK.abort) found.isUnreadable = true;
  }
  span.state = kind === 'MSG' && chunk === CHUNK.more ? IS_IN_MESSAGE : 0;
  return size;
}

/** Where the body of an opening begins; -1 when its policy enciphers it or its bytes end before. */
function openingBodyAt({ data, from, to }: Span): number {
  const policyAt = from + HEADER_BYTES + 4;
  if (policyAt + 4 > to || low32(data, policyAt) !== NO_POLICY.length) return -1;
  if (!startsWith(data, policyAt + 4, to, NO_POLICY)) return -1;
  let at = policyAt + 4 + NO_POLICY.length;
  for (let field = 0; field < 2; field++) {
    const length = low32(data, at);
    // An absent byte string has the length -1.
    at += 4 + (length === 0xffff_ffff ? 0 : length);
    if (at + 8 > to || at - from > OPENING_BYTES_MAX) return -1;
  }
  return at + 8;
}

/** Offset behind the node number, as far as its encoding byte tells. */
function nodeEnd(data: Uint8Array, at: number, to: number): number {
  const encoding = at < to ? u8(data, at) : NODE.numeric;
  return at + (encoding === NODE.two ? 2 : encoding === NODE.four ? 4 : 7);
}

/** The number of a node in the namespace of the standard, or -1. */
function serviceAt(data: Uint8Array, at: number): number {
  const encoding = u8(data, at);
  if (encoding === NODE.two) return u8(data, at + 1);
  if (encoding === NODE.four) return u8(data, at + 1) === 0 ? u8(data, at + 2) | (u8(data, at + 3) << 8) : -1;
  if (encoding !== NODE.numeric || u8(data, at + 1) !== 0 || u8(data, at + 2) !== 0) return -1;
  return low32(data, at + 3);
}
