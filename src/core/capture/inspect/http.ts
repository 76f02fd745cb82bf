// HTTP/1 requests on any port, and SSDP over UDP, answers included: the method, the Host, and calls of JSON-RPC and MCP in a body. Source: RFC 9112.
// Not HTTP/2 or 3, not responses over TCP. What follows CONNECT or an upgrade is unreadable, since the client alone cannot make it so.

import { findByte, startsWith, u8 } from './bytes.ts';
import { addName, addOperation, type Decoder, type Found, NEEDS_MORE, NOT_MINE, type Span } from './decoder.ts';
import { addClearDoh } from './hiding.ts';
import { type Head, isMethodBegun, isRequestLine, METHODS, methodAt, readHead } from './http-head.ts';
import { addUnreadableCall, callProtocol, callText, mayBeCalls, readCalls } from './jsonrpc.ts';

export { isHeader, methodAt } from './http-head.ts';

const SSDP_PORT = 1900;
/** Longest head that is waited for; servers refuse heads of 8 to 64 KiB. */
const HEAD_BYTES_MAX = 16_384;
/** Longest body in which calls are looked for; a longer one that may hold calls is unreadable. */
export const BODY_BYTES_MAX = 61_440;
/** Chunks of a body that are put together; beyond it the body is unreadable. */
const CHUNKS_MAX = 1_024;
/** A chunk's size in hexadecimal and its extensions. */
const SIZE_LINE_BYTES_MAX = 256;
const LF = 0x0a;
const SPACE = 0x20;
const CR = 0x0d;
const POST = METHODS.indexOf('POST ');
const CAPITALS: readonly number[] = Array.from({ length: 26 }, (_, letter) => 0x41 + letter);

/** What the decoder keeps of a direction: where in a request it stands, whether its head says that the body holds calls, and in units of `UNIT` the length of that body. */
const STATE = { head: 0, callBody: 1, callChunks: 2, chunks: 3, trailer: 4 } as const;
const IS_CALL = 8;
const UNIT = 16;

export const httpDecoder: Decoder = {
  protocol: 'http',
  isOverTcp: true,
  isOverUdp: true,
  firstBytes: CAPITALS,
  mayAsk: (span) => span.isTcp && (span.isFromFirstSpeaker || span.state !== STATE.head || isMethod(span)),
  claims: (span) =>
    span.isTcp
      ? span.state !== 0 || isMethod(span) || isEmptyLine(span)
      : isSsdp(span) && (isMethod(span) || isStatus(span)),
  decode: decodePart,
  operationProtocol: (code) => callProtocol(code) ?? 'http',
  operationText: (code, words) =>
    callProtocol(code) === null ? (METHODS[code] ?? '').trim() : callText(code, (word) => words.text(word)),
};

function isSsdp(span: Span): boolean {
  return span.destinationPort === SSDP_PORT || span.sourcePort === SSDP_PORT;
}

/** In a conversation that is HTTP, the first letters of a method are waited on. */
function isMethod({ data, from, to, application }: Span): boolean {
  return methodAt(data, from, to) >= 0 || (application === 'http' && isMethodBegun(data, from, to));
}

/** Some clients send an empty line before a request, and servers pass over it (RFC 9112, section 2.2). */
function isEmptyLine({ data, from, to, application, isFromFirstSpeaker }: Span): boolean {
  if (application !== 'http' || !isFromFirstSpeaker) return false;
  return data[from] === LF || (data[from] === CR && (to === from + 1 || data[from + 1] === LF));
}

/** SSDP answers carry a Host as well. */
function isStatus({ data, from, to }: Span): boolean {
  return startsWith(data, from, to, 'HTTP/1.');
}

function decodePart(span: Span, found: Found): number {
  const place = span.state % IS_CALL;
  if (place === STATE.callBody) return decodeCallBody(span, found);
  if (place === STATE.callChunks) return decodeCallChunks(span, found);
  if (place === STATE.chunks) return decodeChunk(span);
  return place === STATE.trailer ? decodeTrailer(span) : decodeRequest(span, found);
}

/** Method and Host are given as soon as their lines are whole, and once. The head is a message; a body is skipped with it, or is the next one. */
function decodeRequest(span: Span, found: Found): number {
  const { data, from } = span;
  if (span.isTcp && isEmptyLine(span)) return emptyLineLength(span);
  const to = Math.min(span.to, from + HEAD_BYTES_MAX);
  const mayGrow = !span.isFinal && to === span.to;
  const lineEnd = findByte(data, LF, from, to);
  if (lineEnd < 0) return mayGrow ? NEEDS_MORE : NOT_MINE;
  const isRequest = isRequestLine(data, from, lineEnd);
  if (!isRequest && !(isStatus(span) && !span.isTcp)) return NOT_MINE;
  const shown = from + span.shownBytes;
  const method = methodAt(data, from, to);
  if (span.isTcp && lineEnd >= shown) {
    addClearDoh(found, data, { from: findByte(data, SPACE, from, lineEnd) + 1, to: lineEnd });
    if (method >= 0) addOperation(found, method);
    else found.isUnreadable = true;
  }
  const head = readHead(data, lineEnd + 1, to);
  if (head.hostEnd > shown) addHost(head.host ?? '', found);
  if (head.end < 0) return unfinished(span, found, mayGrow);
  if (head.isAmbiguous || (head.isChunked && head.bodyBytes >= 0)) found.isUnreadable = true;
  return head.end - from + bodyAfter(span, head, method === POST);
}

function emptyLineLength({ data, from, to, isFinal }: Span): number {
  if (data[from] === LF) return 1;
  if (to - from >= 2) return 2;
  return isFinal ? NOT_MINE : NEEDS_MORE;
}

function addHost(name: string, found: Found): void {
  if (name === '') return;
  addName(found, { kind: 'http-host', name, value: '', address: null, ttlSeconds: 0, isFromServer: false });
}

function unfinished(span: Span, found: Found, mayGrow: boolean): number {
  if (mayGrow) return NEEDS_MORE;
  found.isUnreadable = true;
  return span.to - span.from;
}

/** Bytes of body that are skipped with the head; others are left to what `state` says. */
function bodyAfter(span: Span, head: Head, isPost: boolean): number {
  if (!span.isTcp) return Math.max(0, head.bodyBytes);
  const isEmpty = !head.isChunked && head.bodyBytes <= 0;
  if (isEmpty) return 0;
  const flag = head.isMcp || (head.isJson && head.isEncoded) ? IS_CALL : 0;
  if (head.isChunked) {
    span.state = isPost ? STATE.callChunks + flag : STATE.chunks;
    return 0;
  }
  if (!isPost) return head.bodyBytes;
  span.state = STATE.callBody + flag + UNIT * head.bodyBytes;
  return 0;
}

/** A body of known length: passed over unless it begins as JSON does. */
function decodeCallBody(span: Span, found: Found): number {
  const { data, from, to, state } = span;
  const length = Math.floor(state / UNIT);
  const isMcp = state % UNIT >= IS_CALL;
  const isCall = mayBeCalls(data, from, Math.min(to, from + length));
  if (isCall && to - from < length && length <= BODY_BYTES_MAX && !span.isFinal) return NEEDS_MORE;
  span.state = STATE.head;
  if (isCall && to - from >= length && length <= BODY_BYTES_MAX)
    readCalls({ data, from, to: from + length, isMcp }, found);
  else if (isCall || isMcp) addUnreadableCall(found);
  return length;
}

/** Joined chunks; `next` -1: more must come, -2: they are none or too many. */
interface Joined {
  readonly body: Uint8Array;
  readonly next: number;
}

/** A body in chunks that may hold calls: put together when it is whole, given up when it is too long. */
function decodeCallChunks(span: Span, found: Found): number {
  const { data, from, to } = span;
  const isMcp = span.state % UNIT >= IS_CALL;
  const { body, next } = joinChunks(data, from, to);
  const mayCall = body.length === 0 || mayBeCalls(body, 0, body.length);
  if (next === -1 && mayCall && to - from < BODY_BYTES_MAX && !span.isFinal) return NEEDS_MORE;
  span.state = next >= 0 ? STATE.trailer : STATE.chunks;
  if (next >= 0 && mayCall && body.length > 0) readCalls({ data: body, from: 0, to: body.length, isMcp }, found);
  else if (mayCall || isMcp) addUnreadableCall(found);
  return next >= 0 ? next - from : decodeChunk(span);
}

/** The chunks from `from` on, up to the one of no bytes, behind whose line `next` stands. */
function joinChunks(data: Uint8Array, from: number, to: number): Joined {
  const body = new Uint8Array(to - from);
  let length = 0;
  let at = from;
  for (let chunk = 0; chunk < CHUNKS_MAX; chunk++) {
    const line = sizeLine(data, at, to);
    if (line.next < 0) return { body: body.subarray(0, length), next: line.next };
    if (line.size === 0) return { body: body.subarray(0, length), next: line.next };
    const end = line.next + line.size;
    body.set(data.subarray(line.next, Math.min(end, to)), length);
    length += Math.min(end, to) - line.next;
    if (end + 2 > to) return { body: body.subarray(0, length), next: -1 };
    at = end + 2;
  }
  return { body: body.subarray(0, length), next: -2 };
}

/** One chunk is one message. */
function decodeChunk(span: Span): number {
  const { data, from, to } = span;
  const line = sizeLine(data, from, to);
  if (line.next === -1 && !span.isFinal) return NEEDS_MORE;
  if (line.next < 0) {
    span.state = STATE.head;
    return NOT_MINE;
  }
  span.state = line.size === 0 ? STATE.trailer : STATE.chunks;
  return line.next - from + (line.size === 0 ? 0 : line.size + 2);
}

/** Lines behind the last chunk, the empty one included. */
function decodeTrailer(span: Span): number {
  const { data, from, to } = span;
  const { end } = readHead(data, from, Math.min(to, from + HEAD_BYTES_MAX));
  if (end >= 0) {
    span.state = STATE.head;
    return end - from;
  }
  if (to - from < HEAD_BYTES_MAX && !span.isFinal) return NEEDS_MORE;
  span.state = STATE.head;
  return NOT_MINE;
}

/** The size line of a chunk; `next` -1: it is not whole, -2: it is none. */
function sizeLine(data: Uint8Array, from: number, to: number): { readonly size: number; readonly next: number } {
  const feed = findByte(data, LF, from, Math.min(to, from + SIZE_LINE_BYTES_MAX));
  if (feed < 0) return { size: 0, next: to - from < SIZE_LINE_BYTES_MAX ? -1 : -2 };
  let size = 0;
  let at = from;
  for (; at < feed && at < from + 12; at++) {
    const digit = hexDigit(u8(data, at));
    if (digit < 0) break;
    size = size * 16 + digit;
  }
  const isEnd = at === feed || data[at] === CR || data[at] === 0x3b || data[at] === 0x20;
  return at > from && isEnd ? { size, next: feed + 1 } : { size: 0, next: -2 };
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
