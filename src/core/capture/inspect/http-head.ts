// The head of an HTTP/1 request: method, Host, and how long the body is. Source: RFC 9112, sections 3, 5 and 6.
// Not a check of the head: only what two receivers could read in two ways is told.

import { findByte, startsWith, u8, wireText, withoutFinalDot } from './bytes.ts';

/** Methods a request may begin with, each with the space behind it: those of IANA's registry, of UPnP, and of Microsoft's servers. */
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
  'ACL ',
  'BASELINE-CONTROL ',
  'BIND ',
  'CHECKIN ',
  'CHECKOUT ',
  'LABEL ',
  'LINK ',
  'MERGE ',
  'MKACTIVITY ',
  'MKCALENDAR ',
  'MKREDIRECTREF ',
  'MKWORKSPACE ',
  'ORDERPATCH ',
  'QUERY ',
  'REBIND ',
  'SEARCH ',
  'UNBIND ',
  'UNCHECKOUT ',
  'UNLINK ',
  'UPDATE ',
  'UPDATEREDIRECTREF ',
  'VERSION-CONTROL ',
  'BCOPY ',
  'BDELETE ',
  'BMOVE ',
  'BPROPFIND ',
  'BPROPPATCH ',
  'CCM_POST ',
  'POLL ',
  'PURGE ',
  'RPC_CONNECT ',
  'SSTP_DUPLEX_POST ',
];
const METHOD_BYTES_MAX = Math.max(...METHODS.map((method) => method.length));

/** Header lines read of one head; servers refuse more than about 100. */
const LINES_MAX = 256;
const HOST_BYTES_MAX = 512;
/** Digits of a length that a double holds exactly. */
const LENGTH_DIGITS_MAX = 15;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

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

/** Whether the bytes are the beginning of a method and too few to tell which. */
export function isMethodBegun(data: Uint8Array, from: number, to: number): boolean {
  if (to - from >= METHOD_BYTES_MAX || from >= to) return false;
  return METHODS.some((method) => startsWith(data, from, to, method.slice(0, to - from)));
}

/** Whether the line ends in a version of HTTP/1; SIP and RTSP requests do not. */
export function isRequestLine(data: Uint8Array, from: number, lineEnd: number): boolean {
  const end = data[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
  return end - from >= 9 && startsWith(data, end - 9, end, ' HTTP/1.');
}

export interface Head {
  host: string | null;
  /** Offset behind the line of the Host. */
  hostEnd: number;
  /** Content-Length, -1 when there is none. */
  bodyBytes: number;
  isChunked: boolean;
  isJson: boolean;
  isMcp: boolean;
  /** The body is compressed. */
  isEncoded: boolean;
  /** Where the body ends could be read in two ways. */
  isAmbiguous: boolean;
  /** Offset behind the empty line, or -1 when it is not there yet. */
  end: number;
}

/** The header lines from `from` on, as far as they are whole. */
export function readHead(data: Uint8Array, from: number, to: number): Head {
  const head: Head = {
    host: null,
    hostEnd: -1,
    bodyBytes: -1,
    isChunked: false,
    isJson: false,
    isMcp: false,
    isEncoded: false,
    isAmbiguous: false,
    end: -1,
  };
  let at = from;
  for (let line = 0; at < to; line++) {
    const feed = findByte(data, LF, at, to);
    if (feed < 0) return head;
    const end = data[feed - 1] === CR && feed > at ? feed - 1 : feed;
    if (end === at) {
      head.end = feed + 1;
      return head;
    }
    if (line < LINES_MAX) readLine(head, data, { at, end, next: feed + 1 });
    else head.isAmbiguous = true;
    at = feed + 1;
  }
  return head;
}

interface Line {
  readonly at: number;
  readonly end: number;
  readonly next: number;
}

function readLine(head: Head, data: Uint8Array, { at, end, next }: Line): void {
  if (isBlank(u8(data, at))) head.isAmbiguous = true;
  const first = u8(data, at) | 0x20;
  if (first === 0x68 && head.host === null && isHeader(data, at, end, 'host:')) {
    head.host = hostOf(data, at + 5, end);
    head.hostEnd = next;
  } else if (first === 0x63) readContentLine(head, data, at, end);
  else if (first === 0x74 && isHeader(data, at, end, 'transfer-encoding')) {
    // Anything but exactly this is for some receivers chunked and for others not.
    if (head.isChunked || headerValue(data, at, end, 'transfer-encoding:') !== 'chunked') head.isAmbiguous = true;
    head.isChunked = true;
  } else if (first === 0x6d && isHeader(data, at, end, 'mcp-')) head.isMcp = true;
}

function readContentLine(head: Head, data: Uint8Array, at: number, end: number): void {
  if (isHeader(data, at, end, 'content-length')) {
    const bytes = lengthOf(headerValue(data, at, end, 'content-length:'));
    if (bytes < 0 || (head.bodyBytes >= 0 && head.bodyBytes !== bytes)) head.isAmbiguous = true;
    head.bodyBytes = Math.max(0, bytes);
  } else if (isHeader(data, at, end, 'content-type:')) {
    head.isJson = (headerValue(data, at, end, 'content-type:') ?? '').includes('json');
  } else if (isHeader(data, at, end, 'content-encoding:')) {
    head.isEncoded = headerValue(data, at, end, 'content-encoding:') !== 'identity';
  }
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

/** The value behind `name` in lower case, at most 64 bytes of it; null when the line does not begin with exactly `name`. */
function headerValue(data: Uint8Array, from: number, to: number, name: string): string | null {
  if (!isHeader(data, from, to, name)) return null;
  return trimmed(data, from + name.length, Math.min(to, from + name.length + 64)).toLowerCase();
}

/** A decimal number, or -1 for anything else. */
function lengthOf(text: string | null): number {
  return text !== null && text.length <= LENGTH_DIGITS_MAX && /^[0-9]+$/.test(text) ? Number(text) : -1;
}

function hostOf(data: Uint8Array, from: number, to: number): string {
  return withoutFinalDot(trimmed(data, from, Math.min(to, from + HOST_BYTES_MAX)));
}

function trimmed(data: Uint8Array, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(u8(data, begin))) begin++;
  while (end > begin && isBlank(u8(data, end - 1))) end--;
  return wireText(data, begin, end);
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
