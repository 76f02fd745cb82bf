// What follows an EtherType, an LLC header or a PPP protocol: IP at once, or tags, labels and further frames before it.
// One file, because each of them may stand inside the others; `Link.enter` bounds how often. Not a table of link layers.

import { u8, u16, u24 } from '../inspect/bytes.ts';
import { type Link, macAt, NO_IP, TAGS_MAX } from './link.ts';

const TYPE = {
  ip4: 0x0800,
  ip6: 0x86dd,
  trill: 0x22f3,
  bridged: 0x6558,
  vlan: 0x8100,
  metadata: 0x8909,
  serviceVlan: 0x88a8,
  oldVlan: 0x9100,
  olderVlan: 0x9200,
  ppp: 0x880b,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoe: 0x8864,
  macSec: 0x88e5,
  backbone: 0x88e7,
  redundancy: 0x892f,
  vnTag: 0x8926,
  eTag: 0x893f,
} as const;

/** Values up to this are a length (IEEE 802.3), not a type. */
const LENGTH_MAX = 1500;

/** Labels looked at in one stack. */
const LABELS_MAX = 16;

const ETHERNET_BYTES = 14;

/** Header of Cisco's inter-switch link, which stands before a whole Ethernet frame. */
const SWITCH_LINK_BYTES = 26;

/** An Ethernet frame. The MACs are those of the innermost frame before IP: what stands around it belongs to carriers. */
export function ethernet(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < ETHERNET_BYTES || !link.enter()) return NO_IP;
  if (isSwitchLink(data, at)) return ethernet(data, at + SWITCH_LINK_BYTES, to, link);
  link.destinationMac = macAt(data, at);
  link.sourceMac = macAt(data, at + 6);
  return afterEtherType(u16(data, at + 12), data, at + ETHERNET_BYTES, to, link);
}

/** The destination of Cisco's inter-switch link is 01-00-0c-00-00 or 03-00-0c-00-00 in 40 bits. */
function isSwitchLink(data: Uint8Array, at: number): boolean {
  return (u8(data, at) & 0xfd) === 0x01 && u16(data, at + 1) === 0x000c && u16(data, at + 3) === 0;
}

/** Follows the type `type` whose content begins at `at`. */
export function afterEtherType(type: number, data: Uint8Array, at: number, to: number, link: Link): number {
  let next = type;
  let from = at;
  while (link.enter()) {
    if (next === TYPE.ip4 || next === TYPE.ip6) return from;
    const tagBytes = typedTagBytes(next, data, from);
    if (tagBytes > 0) {
      if (to - from < tagBytes + 2) return NO_IP;
      next = u16(data, from + tagBytes);
      from += tagBytes + 2;
      continue;
    }
    if (!isTag(next)) return afterOther(next, data, from, to, link);
    if (link.tagCount === TAGS_MAX || to - from < 4) return NO_IP;
    link.tags[link.tagCount++] = u16(data, from) & 0x0fff;
    next = u16(data, from + 2);
    from += 4;
  }
  return NO_IP;
}

/** Bytes between the type and the next type of a tag that is no VLAN: port extension, redundancy, Cisco metadata, MACsec in clear. 0 for other types. */
function typedTagBytes(type: number, data: Uint8Array, at: number): number {
  switch (type) {
    case TYPE.vnTag:
    case TYPE.redundancy:
      return 4;
    case TYPE.eTag:
    case TYPE.metadata:
      return 6;
    case TYPE.macSec:
      return securityTagBytes(u8(data, at));
    default:
      return 0;
  }
}

/** MACsec (IEEE 802.1AE): bits 0x0c tell that the content is encrypted or changed, 0x20 that eight bytes name the channel. */
function securityTagBytes(control: number): number {
  if ((control & 0x0c) !== 0) return 0;
  return (control & 0x20) === 0 ? 6 : 14;
}

function isTag(type: number): boolean {
  return type === TYPE.vlan || type === TYPE.serviceVlan || type === TYPE.oldVlan || type === TYPE.olderVlan;
}

function afterOther(type: number, data: Uint8Array, at: number, to: number, link: Link): number {
  if (type <= LENGTH_MAX) return afterLlc(data, at, to, link);
  switch (type) {
    case TYPE.mpls:
    case TYPE.mplsMulticast:
      return afterLabels(data, at, to, link);
    case TYPE.pppoe:
      return afterSession(data, at, to, link);
    case TYPE.ppp:
      return afterPpp(data, at, to, link);
    case TYPE.bridged:
      return ethernet(data, at, to, link);
    case TYPE.backbone:
      return ethernet(data, at + 4, to, link);
    case TYPE.trill:
      // Options are counted in units of four bytes, in bits 6 to 10 of the first 16.
      return ethernet(data, at + 6 + ((u16(data, at) >> 6) & 0x1f) * 4, to, link);
    default:
      return NO_IP;
  }
}

/** PPPoE: version 1 of type 1, code 0 for data, session and length before the PPP protocol. */
export function afterSession(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 8 || u8(data, at + 1) !== 0) return NO_IP;
  return afterPpp(data, at + 6, to, link);
}

/** Organisations whose SNAP types are EtherTypes: none, Cisco's bridge, Apple. */
const ETHER_TYPE_OWNERS = new Set([0x000000, 0x0000f8, 0x080007]);
/** IEEE 802.1: its types 1 and 7 stand before an Ethernet frame (RFC 2684). */
const BRIDGE_OWNER = 0x0080c2;

/** LLC with SNAP, the service access point of IP, or that of network layer identifiers. */
export function afterLlc(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 3 || !link.enter()) return NO_IP;
  const destination = u8(data, at);
  if (destination === 0x06) return at + 3;
  if (destination === 0xfe && u8(data, at + 2) === 0x03) return afterIdentifier(data, at + 3, to, link);
  if (destination !== 0xaa || u8(data, at + 1) !== 0xaa || to - at < 8) return NO_IP;
  return afterSnap(data, at + 3, to, link);
}

function afterSnap(data: Uint8Array, at: number, to: number, link: Link): number {
  const owner = u24(data, at);
  const type = u16(data, at + 3);
  if (ETHER_TYPE_OWNERS.has(owner)) return type > LENGTH_MAX ? afterEtherType(type, data, at + 5, to, link) : NO_IP;
  if (owner !== BRIDGE_OWNER || (type !== 1 && type !== 7)) return NO_IP;
  // On ATM two bytes of padding follow; a frame without them begins with another address.
  const isPadded = u16(data, at + 5) === 0;
  return ethernet(data, at + (isPadded ? 7 : 5), to, link);
}

/** Network layer identifiers (ISO/IEC TR 9577), as in RFC 2427: IPv4, IPv6, SNAP, PPP. */
export function afterIdentifier(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 1 || !link.enter()) return NO_IP;
  switch (u8(data, at)) {
    case 0xcc:
    case 0x8e:
      return at + 1;
    case 0x80:
      return to - at < 6 ? NO_IP : afterSnap(data, at + 1, to, link);
    case 0xcf:
      return afterPpp(data, at + 1, to, link);
    default:
      return NO_IP;
  }
}

/** A stack of MPLS labels, then IP, or a pseudowire: an Ethernet frame with or without a control word before it. */
export function afterLabels(data: Uint8Array, at: number, to: number, link: Link): number {
  let from = at;
  let isBottom = false;
  for (let label = 0; label < LABELS_MAX && !isBottom; label++) {
    if (to - from < 4) return NO_IP;
    isBottom = (u8(data, from + 2) & 1) === 1;
    from += 4;
  }
  if (!isBottom || from >= to || !link.enter()) return NO_IP;
  const version = u8(data, from) >> 4;
  if (version === 4 || version === 6) return isIp(data, from, to) ? from : pseudowire(data, from, to, link);
  if (version === 1) return NO_IP;
  // A control word begins with four zero bits (RFC 4385); so does the address of many a frame without one.
  const behindWord = version === 0 ? pseudowire(data, from + 4, to, link) : NO_IP;
  return behindWord === NO_IP ? pseudowire(data, from, to, link) : behindWord;
}

/** Labels do not say what follows, so a frame is taken for one only when IP of the right version lies inside. */
function pseudowire(data: Uint8Array, at: number, to: number, link: Link): number {
  const { tagCount, sourceMac, destinationMac } = link;
  const found = ethernet(data, at, to, link);
  if (found !== NO_IP && isIp(data, found, to)) return found;
  link.tagCount = tagCount;
  link.sourceMac = sourceMac;
  link.destinationMac = destinationMac;
  return NO_IP;
}

function isIp(data: Uint8Array, at: number, to: number): boolean {
  const first = u8(data, at);
  if (first >> 4 === 4) return (first & 0x0f) >= 5 && to - at >= 20;
  return first >> 4 === 6 && to - at >= 40;
}

/** PPP protocols (IANA): IPv4, IPv6, a bridged frame, one link of several, MPLS. */
const PPP = {
  ip4: 0x0021,
  ip6: 0x0057,
  bridged: 0x0031,
  multilink: 0x003d,
  mpls: 0x0281,
  mplsMulticast: 0x0283,
} as const;

/** PPP protocol field (RFC 1661, maybe compressed to one byte) at `at`. */
export function afterPpp(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 2 || !link.enter()) return NO_IP;
  const isShort = (u8(data, at) & 1) === 1;
  const protocol = isShort ? u8(data, at) : u16(data, at);
  const from = at + (isShort ? 1 : 2);
  switch (protocol) {
    case PPP.ip4:
    case PPP.ip6:
      return from;
    case PPP.mpls:
    case PPP.mplsMulticast:
      return afterLabels(data, from, to, link);
    case PPP.bridged:
      return u8(data, from + 1) === 1 ? ethernet(data, from + 2, to, link) : NO_IP;
    case PPP.multilink:
      // Only a piece that is both the first and the last is a whole frame (RFC 1990).
      return (u8(data, from) & 0xc0) === 0xc0 ? afterPpp(data, from + 4, to, link) : NO_IP;
    default:
      return NO_IP;
  }
}
