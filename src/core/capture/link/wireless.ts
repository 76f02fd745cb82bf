// IEEE 802.11 frames and what recording machines put before them. Only data in clear: protected frames show no IP.

import { u8, u16, u32 } from '../inspect/bytes.ts';
import { read16, read32 } from '../record.ts';
import { afterLlc } from './ether-type.ts';
import { type Link, macAt, NO_IP } from './link.ts';

/** Bits of the frame control field as 16 bits, first byte high. */
const CONTROL = {
  typeMask: 0x0c00,
  data: 0x0800,
  isQos: 0x8000,
  hasNoData: 0x4000,
  toNetwork: 0x01,
  fromNetwork: 0x02,
  isProtected: 0x40,
  hasOrder: 0x80,
} as const;

const HEADER_BYTES = 24;
const ADDRESS_BYTES = 6;

/** Bytes before LLC in a part of an aggregate: both addresses and the length. */
const PART_BYTES = 14;

export function wireless(data: Uint8Array, at: number, to: number, link: Link): number {
  return dataFrame(data, at, to, link, PLAIN_HEADER);
}

/** The header is as long as it is, or padded to a multiple of four bytes by the recorder. */
const PLAIN_HEADER = 1;
const PADDED_HEADER = 4;

function dataFrame(data: Uint8Array, at: number, to: number, link: Link, unit: number): number {
  if (to - at < HEADER_BYTES) return NO_IP;
  const control = u16(data, at);
  // Version 0, type data, with data, in clear.
  if ((control & (0x0300 | CONTROL.typeMask)) !== CONTROL.data || (control & CONTROL.hasNoData) !== 0) return NO_IP;
  if ((control & CONTROL.isProtected) !== 0) return NO_IP;
  // A later fragment of a frame begins in the middle of its packet.
  if ((u8(data, at + 22) & 0x0f) !== 0) return NO_IP;
  const isBridged = (control & CONTROL.toNetwork) !== 0 && (control & CONTROL.fromNetwork) !== 0;
  const addressBytes = HEADER_BYTES + (isBridged ? ADDRESS_BYTES : 0);
  if (to - at < addressBytes) return NO_IP;
  const isQos = (control & CONTROL.isQos) !== 0;
  const hasThroughput = isQos && (control & CONTROL.hasOrder) !== 0;
  const isAggregate = isQos && (u8(data, at + addressBytes) & 0x80) !== 0;
  const headerBytes = Math.ceil((addressBytes + (isQos ? 2 : 0) + (hasThroughput ? 4 : 0)) / unit) * unit;
  setEnds(data, at, control, link);
  // Of an aggregate the first part is read: one frame gives one packet.
  return isAggregate
    ? afterLlc(data, at + headerBytes + PART_BYTES, to, link)
    : afterLlc(data, at + headerBytes, to, link);
}

/** The order of the addresses follows from the direction (IEEE 802.11, table of the address fields). */
function setEnds(data: Uint8Array, at: number, control: number, link: Link): void {
  const isTo = (control & CONTROL.toNetwork) !== 0;
  const isFrom = (control & CONTROL.fromNetwork) !== 0;
  link.destinationMac = macAt(data, at + (isTo ? 16 : 4));
  if (isTo && isFrom) link.sourceMac = macAt(data, at + 24);
  else link.sourceMac = macAt(data, at + (isFrom ? 16 : 10));
}

/** Words of presence bits looked at in one radiotap header; recorders write one for each antenna. */
const PRESENCE_WORDS_MAX = 16;
const RADIOTAP = { flags: 2, time: 1, isPadded: 0x20 } as const;

/** Radiotap: version 0, its length, presence bits; of its fields only the flags matter, which stand behind the time. */
export function radiotap(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 8 || u8(data, at) !== 0) return NO_IP;
  const length = read16(data, at + 2, false);
  if (length < 8 || length > to - at) return NO_IP;
  return dataFrame(data, at + length, to, link, isHeaderPadded(data, at, at + length) ? PADDED_HEADER : PLAIN_HEADER);
}

function isHeaderPadded(data: Uint8Array, at: number, to: number): boolean {
  const present = read32(data, at + 4, false);
  if ((present & RADIOTAP.flags) === 0) return false;
  let words = 1;
  while (words < PRESENCE_WORDS_MAX && (read32(data, at + words * 4, false) & 0x8000_0000) !== 0) words++;
  const fields = 4 + words * 4;
  // The time is eight bytes on a multiple of eight.
  const flagsAt = (present & RADIOTAP.time) === 0 ? fields : Math.ceil(fields / 8) * 8 + 8;
  return at + flagsAt < to && (u8(data, at + flagsAt) & RADIOTAP.isPadded) !== 0;
}

/** Length of a Prism header when it does not say: what all cards but one family write. */
const PRISM_BYTES = 144;
const AVS_MAGIC_MASK = 0xffff_f000;
const AVS_MAGIC = 0x8021_1000;

/** Prism header: message code, length, in the order of the recording machine. Some cards write an AVS header under the same link type. */
export function prism(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 8) return NO_IP;
  if ((u32(data, at) & AVS_MAGIC_MASK) >>> 0 === AVS_MAGIC) return avs(data, at, to, link);
  const little = read32(data, at + 4, false);
  const big = read32(data, at + 4, true);
  const length = Math.min(little, big);
  const isTold = length >= 8 && length <= to - at;
  return wireless(data, at + (isTold ? length : PRISM_BYTES), to, link);
}

/** AVS header: version and length, big-endian. */
export function avs(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 8) return NO_IP;
  const length = u32(data, at + 4);
  return length < 8 || length > to - at ? NO_IP : wireless(data, at + length, to, link);
}
