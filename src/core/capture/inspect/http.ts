// HTTP/1 requests on any port, and SSDP over UDP, answers included: the Host header. Source: RFC 9112.
// Not HTTP/2 or 3, not responses over TCP, not bodies.

import { findByte, startsWith, u8, wireText, withoutFinalDot } from './bytes.ts';
import { addName, type Decoder, type Found, NEEDS_MORE, NOT_MINE, noOperation, type Span } from './decoder.ts';
import { addClearDoh } from './hiding.ts';

/** Methods a request may begin with, each with the space behind it. */
export const METHODS: readonly string[] = [
  'GET ',
  'POST ',
  'HEAD ',
  'PUT ',
  'DELETE ',
  'OPTIONS ',
  'PATCH ',
  'CONNECT ',
  'TRACE ',
  'M-SEARCH ',
  'NOTIFY ',
  'SUBSCRIBE ',
  'UNSUBSCRIBE ',
  'PROPFIND ',
  'PROPPATCH ',
  'MKCOL ',
  'COPY ',
  'MOVE ',
  'LOCK ',
  'UNLOCK ',
  'REPORT ',
  'RPC_IN_DATA ',
  'RPC_OUT_DATA ',
];

const SSDP_PORT = 1900;
/** Longest head that is waited for; servers refuse heads of 8 to 64 KiB. */
const HEAD_BYTES_MAX = 16_384;
/** Header lines read of one head; servers refuse more than about 100. */
const LINES_MAX = 256;
const HOST_BYTES_MAX = 512;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

export const httpDecoder: Decoder = {
  protocol: 'http',
  isOverTcp: true,
  isOverUdp: true,
  claims: (span) => (span.isTcp ? isMethod(span) : isSsdp(span) && (isMethod(span) || isStatus(span))),
  decode: decodeRequest,
  operationText: noOperation,
};

function isSsdp(span: Span): boolean {
  return span.destinationPort === SSDP_PORT || span.sourcePort === SSDP_PORT;
}

function isMethod({ data, from, to }: Span): boolean {
  return methodAt(data, from, to) >= 0;
}

/** SSDP answers carry a Host as well. */
function isStatus({ data, from, to }: Span): boolean {
  return startsWith(data, from, to, 'HTTP/1.');
}

/** Index in `METHODS` of the method that stands at `from`, or -1. */
export function methodAt(data: Uint8Array, from: number, to: number): number {
  const first = u8(data, from);
  if (first < 0x41 || first > 0x5a) return -1;
  for (let index = 0; index < METHODS.length; index++) {
    const method = METHODS[index] ?? '';
    if (method.charCodeAt(0) === first && startsWith(data, from, to, method)) return index;
  }
  return -1;
}

/** The Host is given as soon as its line is whole. Body bytes that Content-Length announces are skipped, so no body passes for a request. */
function decodeRequest(span: Span, found: Found): number {
  const { data, from } = span;
  const to = Math.min(span.to, from + HEAD_BYTES_MAX);
  const isWaiting = !span.isFinal && to === span.to;
  const lineEnd = findByte(data, LF, from, to);
  if (lineEnd < 0) return isWaiting ? NEEDS_MORE : NOT_MINE;
  if (!isRequestLine(data, from, lineEnd) && !isStatus(span)) return NOT_MINE;
  const head = readHead(data, lineEnd + 1, to);
  if (head.host === null && head.end < 0 && isWaiting) return NEEDS_MORE;
  addClearDoh(found, data, { from: findByte(data, SPACE, from, lineEnd) + 1, to: lineEnd });
  if (head.host !== null && head.host !== '')
    addName(found, {
      kind: 'http-host',
      name: head.host,
      value: '',
      address: null,
      ttlSeconds: 0,
      isFromServer: false,
    });
  if (head.end < 0) return span.to - from;
  return head.end - from + head.bodyBytes;
}

/** Whether the line ends in a version of HTTP/1; SIP and RTSP requests do not. */
function isRequestLine(data: Uint8Array, from: number, lineEnd: number): boolean {
  const end = data[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
  return end - from >= 9 && startsWith(data, end - 9, end, ' HTTP/1.');
}

interface Head {
  host: string | null;
  bodyBytes: number;
  /** Offset behind the empty line, or -1 when it is not there yet. */
  end: number;
}

function readHead(data: Uint8Array, from: number, to: number): Head {
  const head: Head = { host: null, bodyBytes: 0, end: -1 };
  let at = from;
  for (let line = 0; line < LINES_MAX && at < to; line++) {
    const feed = findByte(data, LF, at, to);
    if (feed < 0) return head;
    const end = data[feed - 1] === CR && feed > at ? feed - 1 : feed;
    if (end === at) {
      head.end = feed + 1;
      return head;
    }
    if (head.host === null && isHeader(data, at, end, 'host:')) head.host = hostOf(data, at + 5, end);
    else if (isHeader(data, at, end, 'content-length:')) head.bodyBytes = numberOf(data, at + 15, end);
    at = feed + 1;
  }
  return head;
}

/** Whether the line begins with the header `name`, given in lower case. */
export function isHeader(data: Uint8Array, from: number, to: number, name: string): boolean {
  if (to - from < name.length) return false;
  for (let index = 0; index < name.length; index++) {
    const byte = u8(data, from + index);
    const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (lower !== name.charCodeAt(index)) return false;
  }
  return true;
}

function hostOf(data: Uint8Array, from: number, to: number): string {
  let begin = from;
  let end = Math.min(to, from + HOST_BYTES_MAX);
  while (begin < end && isBlank(u8(data, begin))) begin++;
  while (end > begin && isBlank(u8(data, end - 1))) end--;
  return withoutFinalDot(wireText(data, begin, end));
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** A decimal number of at most 15 digits, which a double holds exactly; 0 for anything else. */
function numberOf(data: Uint8Array, from: number, to: number): number {
  let begin = from;
  while (begin < to && isBlank(u8(data, begin))) begin++;
  let value = 0;
  for (let at = begin; at < Math.min(to, begin + 15); at++) {
    const digit = u8(data, at) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
