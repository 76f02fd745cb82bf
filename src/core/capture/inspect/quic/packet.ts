// Long headers of QUIC packets and the integers in them. Source: RFC 9000 sections 16 and 17.2.
// Not short headers: what follows the handshake is secret, and not Google's public header (google.ts).

import { u8, u16, u32 } from '../bytes.ts';
import { type Version, versionOf } from './versions.ts';

const LONG_AND_FIXED = 0xc0;
/** RFC 9000: a connection id has at most 20 bytes. */
const ID_BYTES_MAX = 20;
const TYPE = { initial: 0, zeroRtt: 1, handshake: 2, retry: 3 } as const;

/** One packet of a datagram. Packets that are not Initial only tell where they end. */
export interface Packet {
  readonly version: Version;
  readonly versionNumber: number;
  readonly isInitial: boolean;
  readonly destinationId: Uint8Array;
  readonly numberAt: number;
  readonly to: number;
}

/** Whether a long header of a version that is read begins here. */
export function isLongHeader(data: Uint8Array, from: number, to: number): boolean {
  if (to - from < 7 || (u8(data, from) & LONG_AND_FIXED) !== LONG_AND_FIXED) return false;
  if (versionOf(u32(data, from + 1)) === undefined) return false;
  const sourceAt = from + 6 + u8(data, from + 5);
  return u8(data, from + 5) <= ID_BYTES_MAX && sourceAt < to && u8(data, sourceAt) <= ID_BYTES_MAX;
}

/** The packet that begins at `from`; null when it is a Retry, or runs beyond `to`: a part of a packet can not be opened. */
export function readPacket(data: Uint8Array, from: number, to: number): Packet | null {
  if (!isLongHeader(data, from, to)) return null;
  const versionNumber = u32(data, from + 1);
  const version = versionOf(versionNumber);
  if (version === undefined) return null;
  const idFrom = from + 6;
  const idTo = idFrom + u8(data, from + 5);
  const type = (((u8(data, from) >> 4) & 3) - version.initialType + 4) & 3;
  if (type === TYPE.retry) return null;
  const cursor = { data, at: idTo + 1 + u8(data, idTo), to };
  const isInitial = type === TYPE.initial;
  const tokenBytes = isInitial ? readInteger(cursor) : 0;
  cursor.at += tokenBytes;
  const length = readInteger(cursor);
  if (cursor.at > to || length > to - cursor.at) return null;
  const destinationId = data.slice(idFrom, idTo);
  return { version, versionNumber, isInitial, destinationId, numberAt: cursor.at, to: cursor.at + length };
}

export interface Cursor {
  readonly data: Uint8Array;
  at: number;
  readonly to: number;
}

/** A variable-length integer: its first two bits tell whether it has 1, 2, 4 or 8 bytes. Beyond the end it is 0, and the cursor past the end. */
export function readInteger(cursor: Cursor): number {
  const { data, at } = cursor;
  const first = u8(data, at);
  const bytes = 1 << (first >> 6);
  cursor.at += bytes;
  if (cursor.at > cursor.to) return 0;
  if (bytes === 1) return first;
  if (bytes === 2) return u16(data, at) & 0x3fff;
  if (bytes === 4) return u32(data, at) % 0x4000_0000;
  return (u32(data, at) % 0x4000_0000) * 0x1_0000_0000 + u32(data, at + 4);
}
