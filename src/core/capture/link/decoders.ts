// One decoder per link layer behind one table. A new link layer is a function and a row.

import { u8, u16 } from '../inspect/bytes.ts';
import { read16, read32 } from '../record.ts';
import { afterEtherType, afterLlc, afterPpp } from './ether-type.ts';
import { type Link, type LinkDecoder, macAt, NO_IP } from './link.ts';

const ETHERNET_BYTES = 14;

function ethernet(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < ETHERNET_BYTES) return NO_IP;
  link.destinationMac = macAt(data, at);
  link.sourceMac = macAt(data, at + 6);
  const type = (data[at + 12] ?? 0) * 256 + (data[at + 13] ?? 0);
  return afterEtherType(type, data, at + ETHERNET_BYTES, to, link);
}

/** Linux cooked capture, version 1: 16 bytes, the sender's link address inside. */
function cooked(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 16) return NO_IP;
  if (u16(data, at + 4) === 6) link.sourceMac = macAt(data, at + 6);
  return afterEtherType(u16(data, at + 14), data, at + 16, to, link);
}

/** Linux cooked capture, version 2: 20 bytes, protocol first. */
function cookedTwo(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 20) return NO_IP;
  if (u8(data, at + 11) === 6) link.sourceMac = macAt(data, at + 12);
  return afterEtherType(u16(data, at), data, at + 20, to, link);
}

/** Address families of IP: 2 everywhere; IPv6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS. */
const FAMILIES = new Set([2, 10, 24, 28, 30]);

/** BSD loopback: the address family in the byte order of the machine that recorded, so both orders are tried. */
function loopback(data: Uint8Array, at: number, to: number): number {
  if (to - at < 5) return NO_IP;
  return FAMILIES.has(read32(data, at, true)) || FAMILIES.has(read32(data, at, false)) ? at + 4 : NO_IP;
}

function raw(_data: Uint8Array, at: number, to: number): number {
  return to > at ? at : NO_IP;
}

function raw4(data: Uint8Array, at: number, to: number): number {
  return to > at && u8(data, at) >> 4 === 4 ? at : NO_IP;
}

function raw6(data: Uint8Array, at: number, to: number): number {
  return to > at && u8(data, at) >> 4 === 6 ? at : NO_IP;
}

/** FDDI: frame control, both addresses, then LLC. */
function fddi(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 13) return NO_IP;
  link.destinationMac = macAt(data, at + 1);
  link.sourceMac = macAt(data, at + 7);
  return afterLlc(data, at + 13, to);
}

/** PPP, with or without the address and control bytes of HDLC. */
function ppp(data: Uint8Array, at: number, to: number): number {
  const hasHdlc = u8(data, at) === 0xff && u8(data, at + 1) === 0x03;
  return afterPpp(data, hasHdlc ? at + 2 : at, to);
}

/** Values looked at in one NFLOG message; the kernel writes about ten. */
const NFLOG_VALUES_MAX = 64;
const NFLOG_PAYLOAD = 9;

/** Linux netfilter log: a header of four bytes, then (length, type, value) in the order of the recording machine, taken as little. */
function nflog(data: Uint8Array, at: number, to: number): number {
  let from = at + 4;
  for (let count = 0; count < NFLOG_VALUES_MAX && to - from > 4; count++) {
    const length = read16(data, from, false);
    if (length < 4) return NO_IP;
    // The top two bits of the type are flags of netlink.
    if ((read16(data, from + 2, false) & 0x3fff) === NFLOG_PAYLOAD) return from + 4;
    from += Math.ceil(length / 4) * 4;
  }
  return NO_IP;
}

/** Per-packet information: its length, then the link layer it stands before. One level only. */
function packetInformation(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 8) return NO_IP;
  const length = u8(data, at + 2) + u8(data, at + 3) * 256;
  const inner = read32(data, at + 4, false);
  const decoder = inner === PACKET_INFORMATION ? undefined : DECODERS.get(inner);
  return decoder === undefined || length < 8 || at + length > to ? NO_IP : decoder(data, at + length, to, link);
}

const PACKET_INFORMATION = 192;

/** By link type as files number it (LINKTYPE_*); 12 and 14 are what old libpcaps wrote for raw IP. */
const DECODERS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [0, loopback],
  [1, ethernet],
  [9, ppp],
  [10, fddi],
  [12, raw],
  [14, raw],
  [101, raw],
  [108, loopback],
  [113, cooked],
  [PACKET_INFORMATION, packetInformation],
  [228, raw4],
  [229, raw6],
  [239, nflog],
  [276, cookedTwo],
]);

/** The decoder of a link type, or undefined where none is built in. */
export function linkDecoder(linkType: number): LinkDecoder | undefined {
  return DECODERS.get(linkType);
}
