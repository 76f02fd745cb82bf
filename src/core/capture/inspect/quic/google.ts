// Google QUIC up to Q046: the CHLO message, which its packets carry in clear, and the server name in it.
// Source: Google's "QUIC Crypto" and "QUIC wire layout" documents. Not the encrypted packets behind the handshake.

import { startsWith, u8, u16, u32, wireText, withoutFinalDot } from '../bytes.ts';

const FLAG = { hasVersion: 1, isReset: 2, idBits: 0x0c, id: 8, numberBits: 0x30, unused: 0xc0 } as const;
/** From this version on one bit, not two, tells that there is a connection id. */
const ONE_BIT_VERSION = 33;
/** Q044 to Q046 have a long header like that of the later drafts. */
const LONG_HEADER_VERSIONS: readonly number[] = [44, 45, 46];
const HASH_BYTES = 12;
/** Private flags and the head of a stream frame stand between the hash and the message. */
const GAP_BYTES_MAX = 32;
const MESSAGE_HEADER_BYTES = 8;
const ENTRY_BYTES = 8;
/** Google's own limit for entries of one message. */
const ENTRIES_MAX = 128;
const HOST_BYTES_MAX = 255;

/** Whether a packet of Google QUIC with its version in it begins here. */
export function isGooglePacket(data: Uint8Array, from: number, to: number): boolean {
  return versionAt(data, from, to) >= 0;
}

/** The server name of a packet that carries a CHLO; '' when it carries none. */
export function googleName(data: Uint8Array, from: number, to: number): string {
  const header = headerBytes(data, from, to);
  if (header < 0) return '';
  const begin = from + header + HASH_BYTES;
  for (let at = begin; at <= begin + GAP_BYTES_MAX; at++)
    if (startsWith(data, at, to, 'CHLO')) return nameOf(data, at, to);
  return '';
}

/** The server name of the CHLO at `from`; '' when its bytes end before it or it has none. */
export function nameOf(data: Uint8Array, from: number, to: number): string {
  if (!startsWith(data, from, to, 'CHLO')) return '';
  const entries = Math.min(ENTRIES_MAX, littleEnd(data, from + 4) & 0xffff);
  const table = from + MESSAGE_HEADER_BYTES;
  const values = table + entries * ENTRY_BYTES;
  let begin = 0;
  for (let entry = 0; entry < entries && table + (entry + 1) * ENTRY_BYTES <= to; entry++) {
    const at = table + entry * ENTRY_BYTES;
    const end = littleEnd(data, at + 4);
    if (startsWith(data, at, to, 'SNI\0')) return hostOf(data, values + begin, Math.min(values + end, to + 1), to);
    begin = end;
  }
  return '';
}

function hostOf(data: Uint8Array, from: number, end: number, to: number): string {
  const length = end - from;
  return length < 1 || length > HOST_BYTES_MAX || end > to ? '' : withoutFinalDot(wireText(data, from, end));
}

/** Offset of the version text, or -1 when no such header begins here. */
function versionAt(data: Uint8Array, from: number, to: number): number {
  const flags = u8(data, from);
  if ((flags & FLAG.unused) === FLAG.unused)
    return LONG_HEADER_VERSIONS.includes(versionNumber(data, from + 1, to)) ? from + 1 : -1;
  if ((flags & (FLAG.unused | FLAG.isReset | FLAG.hasVersion)) !== FLAG.hasVersion) return -1;
  for (const idBytes of [8, 4, 1, 0]) {
    const at = from + 1 + idBytes;
    const number = versionNumber(data, at, to);
    if (number > 0 && number < 44 && idBytes === idBytesOf(flags, number)) return at;
  }
  return -1;
}

function idBytesOf(flags: number, version: number): number {
  if (version >= ONE_BIT_VERSION) return (flags & FLAG.id) === 0 ? 0 : 8;
  return [0, 1, 4, 8][(flags & FLAG.idBits) >> 2] ?? 0;
}

/** 24 of `Q024`, or -1. */
function versionNumber(data: Uint8Array, at: number, to: number): number {
  if (at + 4 > to || u16(data, at) !== 0x5130) return -1;
  const tens = u8(data, at + 2) - 0x30;
  const ones = u8(data, at + 3) - 0x30;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/** Bytes before the hash, or -1. */
function headerBytes(data: Uint8Array, from: number, to: number): number {
  const at = versionAt(data, from, to);
  if (at < 0) return -1;
  const flags = u8(data, from);
  if ((flags & FLAG.unused) !== FLAG.unused) return at - from + 4 + ([1, 2, 4, 6][(flags & FLAG.numberBits) >> 4] ?? 1);
  // One byte holds both lengths, each as its number of bytes less three.
  const lengths = u8(data, at + 4);
  const idBytes = [lengths >> 4, lengths & 15].reduce((sum, bits) => sum + (bits === 0 ? 0 : bits + 3), 0);
  return 5 + 1 + idBytes + (flags & 3) + 1;
}

function littleEnd(data: Uint8Array, at: number): number {
  const big = u32(data, at);
  return (((big & 0xff) << 24) | ((big & 0xff00) << 8) | ((big >> 8) & 0xff00) | (big >>> 24)) >>> 0;
}
