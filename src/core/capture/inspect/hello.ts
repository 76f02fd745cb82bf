// A ClientHello: its server name as soon as the bytes at hand tell it, and the fields of a whole one. Source: RFC 8446, RFC 6066, RFC 7301.
// Not the records or packets that carry it (tls.ts, dtls.ts, quic/), and no judgement of what it asks for.

import { u8, u16, u24, wireText, withoutFinalDot } from './bytes.ts';

export const CLIENT_HELLO = 1;
export const HANDSHAKE_HEADER_BYTES = 4;
/** A hello beyond this is not read further; post-quantum hellos are below 2,000 bytes. */
export const HELLO_BYTES_MAX = 32_768;
export const EXTENSION = {
  serverName: 0,
  signatureAlgorithms: 13,
  applicationProtocols: 16,
  supportedVersions: 43,
  encryptedHello: 0xfe0d,
  encryptedServerName: 0xffce,
} as const;
/** Extensions walked; browsers send about 20. */
const EXTENSIONS_MAX = 256;
/** Entries kept of one list: JA4 counts at most 99 of them, and real lists have fewer. */
const LIST_MAX = 512;
/** RFC 1035: a host name has at most 255 bytes. */
const HOST_BYTES_MAX = 255;

/** What a whole hello says; numbers in the order in which they stand, GREASE values included. */
export interface Hello {
  readonly version: number;
  readonly ciphers: readonly number[];
  readonly extensions: readonly number[];
  readonly supportedVersions: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly applicationProtocols: readonly Uint8Array[];
  /** '' when there is none or it is damaged. */
  readonly serverName: string;
}

/** Bytes of the whole message with its header, or -1 while that is not known. */
export function helloLength(hello: Uint8Array): number {
  return hello.length < HANDSHAKE_HEADER_BYTES ? -1 : HANDSHAKE_HEADER_BYTES + u24(hello, 1);
}

/** The server name; null when the hello has none or is damaged; undefined when its bytes end before that is known. */
export function serverName(hello: Uint8Array): string | null | undefined {
  if (hello.length < HANDSHAKE_HEADER_BYTES) return undefined;
  if (hello[0] !== CLIENT_HELLO) return null;
  const end = HANDSHAKE_HEADER_BYTES + u24(hello, 1);
  const have = Math.min(end, hello.length);
  const isWhole = hello.length >= end;
  const short = isWhole ? null : undefined;
  let at = extensionsAt(hello, { from: HANDSHAKE_HEADER_BYTES, to: have, hasCookie: false });
  if (at < 0) return short;
  const extensionsEnd = Math.min(end, at + 2 + u16(hello, at));
  at += 2;
  for (let extension = 0; extension < EXTENSIONS_MAX && at + 4 <= extensionsEnd; extension++) {
    if (at + 4 > have) return short;
    const next = at + 4 + u16(hello, at + 2);
    if (u16(hello, at) === EXTENSION.serverName) return next <= have ? hostOf(hello, at + 4, next) : short;
    at = next;
  }
  return at + 4 > have && !isWhole && at < extensionsEnd ? undefined : null;
}

/** Offset of the extensions' length, or -1 when the bytes end before it: behind version, random, session id, cookie, ciphers, compression. */
function extensionsAt(data: Uint8Array, body: { from: number; to: number; hasCookie: boolean }): number {
  const { to } = body;
  let at = body.from + 34;
  if (at >= to) return -1;
  at += 1 + u8(data, at);
  if (body.hasCookie) at += 1 + u8(data, at);
  if (at + 2 > to) return -1;
  at += 2 + u16(data, at);
  if (at >= to) return -1;
  at += 1 + u8(data, at);
  return at + 2 > to ? -1 : at;
}

/** The first name of type host_name in a server_name extension. */
function hostOf(hello: Uint8Array, from: number, to: number): string | null {
  if (to - from < 5 || u8(hello, from + 2) !== 0) return null;
  const length = u16(hello, from + 3);
  if (length === 0 || length > HOST_BYTES_MAX || from + 5 + length > to) return null;
  return withoutFinalDot(wireText(hello, from + 5, from + 5 + length));
}

/** The fields of a hello's body, which must be there as a whole; null when its lengths contradict each other. DTLS has a cookie in it. */
export function readHello(body: Uint8Array, hasCookie = false): Hello | null {
  const hello = { version: u16(body, 0), ...newLists(), serverName: '' };
  let at = 34;
  at += 1 + u8(body, at);
  if (hasCookie) at += 1 + u8(body, at);
  const ciphersEnd = at + 2 + u16(body, at);
  if (ciphersEnd >= body.length) return null;
  readNumbers(body, { from: at + 2, to: ciphersEnd }, hello.ciphers);
  at = ciphersEnd + 1 + u8(body, ciphersEnd);
  // SSL 3.0 and early TLS hellos may end here.
  if (at === body.length) return hello;
  const end = at + 2 + u16(body, at);
  if (at + 2 > body.length || end > body.length) return null;
  at += 2;
  for (let extension = 0; extension < EXTENSIONS_MAX && at + 4 <= end; extension++) {
    const next = at + 4 + u16(body, at + 2);
    if (next > end) return null;
    const kind = u16(body, at);
    hello.extensions.push(kind);
    if (kind === EXTENSION.serverName) hello.serverName = hostOf(body, at + 4, next) ?? '';
    else readExtension(body, { kind, from: at + 4, to: next }, hello);
    at = next;
  }
  return at === end ? hello : null;
}

interface Lists {
  readonly ciphers: number[];
  readonly extensions: number[];
  readonly supportedVersions: number[];
  readonly signatureAlgorithms: number[];
  readonly applicationProtocols: Uint8Array[];
}

function newLists(): Lists {
  return { ciphers: [], extensions: [], supportedVersions: [], signatureAlgorithms: [], applicationProtocols: [] };
}

function readExtension(data: Uint8Array, part: { kind: number; from: number; to: number }, lists: Lists): void {
  const { kind, from, to } = part;
  if (kind === EXTENSION.supportedVersions)
    readNumbers(data, { from: from + 1, to: Math.min(to, from + 1 + u8(data, from)) }, lists.supportedVersions);
  else if (kind === EXTENSION.signatureAlgorithms)
    readNumbers(data, { from: from + 2, to: Math.min(to, from + 2 + u16(data, from)) }, lists.signatureAlgorithms);
  else if (kind === EXTENSION.applicationProtocols) readProtocols(data, { from, to }, lists.applicationProtocols);
}

function readNumbers(data: Uint8Array, { from, to }: { from: number; to: number }, into: number[]): void {
  for (let at = from; at + 2 <= to && into.length < LIST_MAX; at += 2) into.push(u16(data, at));
}

function readProtocols(data: Uint8Array, { from, to }: { from: number; to: number }, into: Uint8Array[]): void {
  const end = Math.min(to, from + 2 + u16(data, from));
  let at = from + 2;
  while (at < end && into.length < LIST_MAX) {
    const next = at + 1 + u8(data, at);
    if (next > end) return;
    into.push(data.slice(at + 1, next));
    at = next;
  }
}
