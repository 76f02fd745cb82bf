// One decoder per link layer behind one table. A new link layer is a function and a row.

import { u8, u16 } from '../inspect/bytes.ts';
import { read16, read32 } from '../record.ts';
import { cooked, cookedTwo } from './cooked.ts';
import { afterEtherType, afterLabels, afterLlc, afterSession, ethernet } from './ether-type.ts';
import { type Link, type LinkDecoder, macAt, NO_IP } from './link.ts';
import { atm, ciscoHdlc, frameRelay, ppp, pppOfDaemon, slip, sunAtm, withDirection } from './serial.ts';
import { avs, prism, radiotap, wireless } from './wireless.ts';

/** Address families of IP: 2 everywhere; IPv6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS. */
const FAMILIES = new Set([2, 10, 24, 28, 30]);
/** Some systems write an EtherType in place of the family. */
const FAMILY_TYPES = new Set([0x0800, 0x86dd]);

/** BSD loopback: the address family in the byte order of the machine that recorded, so both orders are tried. */
function loopback(data: Uint8Array, at: number, to: number): number {
  if (to - at < 5) return NO_IP;
  return isFamily(read32(data, at, true)) || isFamily(read32(data, at, false)) ? at + 4 : NO_IP;
}

function isFamily(family: number): boolean {
  return FAMILIES.has(family) || FAMILY_TYPES.has(family);
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
  return afterLlc(data, at + 13, to, link);
}

/** Token ring: access and frame control, both addresses, and a route (2 to 30 bytes) when the source's highest bit says so. Then LLC. */
function tokenRing(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 14) return NO_IP;
  const hasRoute = (u8(data, at + 8) & 0x80) !== 0;
  link.destinationMac = macAt(data, at + 2);
  link.sourceMac = macAt(data, at + 8) - (hasRoute ? 0x8000_0000_0000 : 0);
  return afterLlc(data, at + 14 + (hasRoute ? u8(data, at + 14) & 0x1f : 0), to, link);
}

/** A header of fixed length that tells nothing we need, then another link layer. */
function behind(headerBytes: number, decoder: LinkDecoder): LinkDecoder {
  return (data, at, to, link) => (to - at > headerBytes ? decoder(data, at + headerBytes, to, link) : NO_IP);
}

/** A header of fixed length whose last two bytes are an EtherType, or have one at `typeAt`. */
function typedAt(typeAt: number, headerBytes: number): LinkDecoder {
  return (data, at, to, link) =>
    to - at > headerBytes ? afterEtherType(u16(data, at + typeAt), data, at + headerBytes, to, link) : NO_IP;
}

/** OpenBSD's packet filter log: its own length, without the padding to four bytes behind it. */
function filterLog(data: Uint8Array, at: number, to: number): number {
  const length = Math.ceil(u8(data, at) / 4) * 4;
  return length >= 4 && to - at > length && FAMILIES.has(u8(data, at + 1)) ? at + length : NO_IP;
}

/** Values looked at in one NFLOG message; the kernel writes about ten. */
const NFLOG_VALUES_MAX = 64;
const NFLOG_PAYLOAD = 9;

/** Linux netfilter log: a header of four bytes, then (length, type, value) in the order of the recording machine: little is tried first. */
function nflog(data: Uint8Array, at: number, to: number): number {
  const little = nflogPayload(data, at, to, false);
  return little === NO_IP ? nflogPayload(data, at, to, true) : little;
}

function nflogPayload(data: Uint8Array, at: number, to: number, isBig: boolean): number {
  let from = at + 4;
  for (let count = 0; count < NFLOG_VALUES_MAX && to - from > 4; count++) {
    const length = read16(data, from, isBig);
    if (length < 4) return NO_IP;
    // The top two bits of the type are flags of netlink.
    if ((read16(data, from + 2, isBig) & 0x3fff) === NFLOG_PAYLOAD) return from + 4;
    from += Math.ceil(length / 4) * 4;
  }
  return NO_IP;
}

/** Per-packet information: its length, then the link layer it stands before. One level only. */
function packetInformation(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 8) return NO_IP;
  return inside(read32(data, at + 4, false), data, at + read16(data, at + 2, false), to, link);
}

/** Apple's packet tap: its length, 1 for a packet, then the link layer it stands before. One level only. */
function packetTap(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 12 || read32(data, at + 4, false) !== 1) return NO_IP;
  return inside(read32(data, at + 8, false), data, at + read32(data, at, false), to, link);
}

function inside(linkType: number, data: Uint8Array, at: number, to: number, link: Link): number {
  const isWrapped = linkType === PACKET_INFORMATION || linkType === PACKET_TAP;
  const decoder = isWrapped ? undefined : DECODERS.get(linkType);
  return decoder === undefined || at >= to ? NO_IP : decoder(data, at, to, link);
}

const PACKET_INFORMATION = 192;
const PACKET_TAP = 258;

/** By link type as files number it (LINKTYPE_*); 12 and 14 are what old libpcaps wrote for raw IP, 11 to 16 are old numbers of others. */
const DECODERS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [0, loopback],
  [1, ethernet],
  [6, tokenRing],
  [8, slip],
  [9, ppp],
  [10, fddi],
  [11, atm],
  [12, raw],
  [14, raw],
  [50, ppp],
  [51, afterSession],
  [100, atm],
  [101, raw],
  [104, ciscoHdlc],
  [105, wireless],
  [106, atm],
  [107, frameRelay],
  [108, loopback],
  [109, behind(12, raw)],
  [113, cooked],
  [117, filterLog],
  [119, prism],
  [122, behind(16, afterLlc)],
  [123, sunAtm],
  [127, radiotap],
  [138, typedAt(16, 18)],
  [163, avs],
  [166, pppOfDaemon],
  [PACKET_INFORMATION, packetInformation],
  [204, withDirection(ppp)],
  [205, withDirection(ciscoHdlc)],
  [206, withDirection(frameRelay)],
  [219, afterLabels],
  [226, behind(24, raw)],
  [228, raw4],
  [229, raw6],
  [239, nflog],
  [240, behind(4, ethernet)],
  [241, behind(12, ethernet)],
  [242, typedAt(0, 4)],
  [PACKET_TAP, packetTap],
  [276, cookedTwo],
]);

/** The decoder of a link type, or undefined where none is built in. */
export function linkDecoder(linkType: number): LinkDecoder | undefined {
  return DECODERS.get(linkType);
}
