// What follows an EtherType: IP at once, or tags, labels and PPPoE before it. Shared by Ethernet and Linux cooked captures.

import { u8, u16 } from '../inspect/bytes.ts';
import { type Link, NO_IP, TAGS_MAX } from './link.ts';

const TYPE = {
  ip4: 0x0800,
  ip6: 0x86dd,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  oldVlan: 0x9100,
  olderVlan: 0x9200,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoe: 0x8864,
  vnTag: 0x8926,
  eTag: 0x893f,
} as const;

/** Values up to this are a length (IEEE 802.3), not a type. */
const LENGTH_MAX = 1500;

/** Labels looked at in one stack. */
const LABELS_MAX = 16;

/** Follows the type `type` whose content begins at `at`. */
export function afterEtherType(type: number, data: Uint8Array, at: number, to: number, link: Link): number {
  let next = type;
  let from = at;
  for (let depth = 0; depth <= TAGS_MAX; depth++) {
    if (next === TYPE.ip4 || next === TYPE.ip6) return from;
    const bridgeBytes = bridgeTagBytes(next);
    if (bridgeBytes > 0) {
      if (to - from < bridgeBytes + 2) return NO_IP;
      next = u16(data, from + bridgeBytes);
      from += bridgeBytes + 2;
      continue;
    }
    if (!isTag(next)) return afterOther(next, data, from, to);
    if (depth === TAGS_MAX || to - from < 4) return NO_IP;
    link.tags[link.tagCount++] = u16(data, from) & 0x0fff;
    next = u16(data, from + 2);
    from += 4;
  }
  return NO_IP;
}

/** Bytes between the type and the next type of a port-extension tag (VN-Tag, IEEE 802.1BR E-Tag), 0 for other types. */
function bridgeTagBytes(type: number): number {
  if (type === TYPE.vnTag) return 4;
  return type === TYPE.eTag ? 6 : 0;
}

function isTag(type: number): boolean {
  return type === TYPE.vlan || type === TYPE.serviceVlan || type === TYPE.oldVlan || type === TYPE.olderVlan;
}

function afterOther(type: number, data: Uint8Array, at: number, to: number): number {
  if (type <= LENGTH_MAX) return afterLlc(data, at, to);
  if (type === TYPE.mpls || type === TYPE.mplsMulticast) return afterLabels(data, at, to);
  if (type === TYPE.pppoe) return to - at < 8 ? NO_IP : afterPpp(data, at + 6, to);
  return NO_IP;
}

/** LLC with SNAP and an EtherType of IP, or with the service access point of IP. */
export function afterLlc(data: Uint8Array, at: number, to: number): number {
  if (to - at < 3) return NO_IP;
  if (u8(data, at) === 0x06) return at + 3;
  if (u8(data, at) !== 0xaa || u8(data, at + 1) !== 0xaa || to - at < 8) return NO_IP;
  const type = u16(data, at + 6);
  return type === TYPE.ip4 || type === TYPE.ip6 ? at + 8 : NO_IP;
}

function afterLabels(data: Uint8Array, at: number, to: number): number {
  let from = at;
  for (let label = 0; label < LABELS_MAX; label++) {
    if (to - from < 4) return NO_IP;
    const isBottom = (u8(data, from + 2) & 1) === 1;
    from += 4;
    if (isBottom) break;
  }
  const version = u8(data, from) >> 4;
  return version === 4 || version === 6 ? from : NO_IP;
}

/** PPP protocol field (RFC 1661, maybe compressed to one byte) at `at`. */
export function afterPpp(data: Uint8Array, at: number, to: number): number {
  if (to - at < 2) return NO_IP;
  const isShort = (u8(data, at) & 1) === 1;
  const protocol = isShort ? u8(data, at) : u16(data, at);
  return protocol === 0x0021 || protocol === 0x0057 ? at + (isShort ? 1 : 2) : NO_IP;
}
