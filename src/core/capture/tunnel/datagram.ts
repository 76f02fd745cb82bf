// Tunnels in UDP datagrams, told by their ports and checked by their headers.

import { u8, u16, u24, u32 } from '../inspect/bytes.ts';
import { gre } from './gre.ts';
import { KIND, NO_NUMBER } from './kinds.ts';
import { labels } from './packet.ts';
import { type Step, type StepReader, setContent, setTunnel } from './step.ts';

/** RFC 7348; the low four bits of reserved space are zero, as readers of this port require too. */
function vxlan(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 8 || (u8(data, at) & 0x08) === 0 || u8(data, at + 7) !== 0) return false;
  setTunnel(step, KIND.vxlan, u24(data, at + 4));
  setContent(step, 'ethernet', at + 8);
  return true;
}

const GPE_PROTOCOL = { ip4: 1, ip6: 2, ethernet: 3, labels: 5 } as const;

/** The generic extension names what follows; without it, an Ethernet frame does. */
function vxlanGpe(data: Uint8Array, at: number, to: number, step: Step): boolean {
  const flags = u8(data, at);
  if (to - at < 8 || (flags & 0x08) === 0) return false;
  setTunnel(step, KIND.vxlanGpe, u24(data, at + 4));
  const protocol = (flags & 0x04) === 0 ? GPE_PROTOCOL.ethernet : u8(data, at + 3);
  if (protocol === GPE_PROTOCOL.ip4 || protocol === GPE_PROTOCOL.ip6) setContent(step, 'ip', at + 8);
  else if (protocol === GPE_PROTOCOL.ethernet) setContent(step, 'ethernet', at + 8);
  else if (protocol === GPE_PROTOCOL.labels) setContent(step, 'labels', at + 8);
  return true;
}

/** RFC 8926: options are counted in units of four bytes in the low six bits of the first. */
function geneve(data: Uint8Array, at: number, to: number, step: Step): boolean {
  const first = u8(data, at);
  const behind = at + 8 + (first & 0x3f) * 4;
  if (behind > to || first >> 6 !== 0) return false;
  setTunnel(step, KIND.geneve, u24(data, at + 4));
  // Bit 0x80 of the second byte marks control messages.
  if ((u8(data, at + 1) & 0x80) === 0) setContent(step, 'typed', behind, u16(data, at + 2));
  return true;
}

/** Version 1, protocol type GTP; the message that carries a user's packet. */
const GTP = { versionMask: 0xf0, version: 0x30, hasMore: 0x07, hasExtension: 0x04, userData: 255 } as const;
/** Extension headers looked at in one packet; 3GPP defines a handful. */
const GTP_EXTENSIONS_MAX = 16;

/** 3GPP TS 29.281. Other messages than user data are not tunnelled traffic. */
function gtp(data: Uint8Array, at: number, to: number, step: Step): boolean {
  const flags = u8(data, at);
  const isUser = (flags & GTP.versionMask) === GTP.version && u8(data, at + 1) === GTP.userData;
  if (to - at < 8 || !isUser) return false;
  setTunnel(step, KIND.gtp, u32(data, at + 4));
  const behind = (flags & GTP.hasMore) === 0 ? at + 8 : afterGtpExtensions(flags, data, at + 12, to);
  if (behind >= 0 && behind < to && isIpVersion(data, behind)) setContent(step, 'ip', behind);
  return true;
}

/** Each extension tells its length in units of four bytes first and the next one's type last. -1 when they do not end. */
function afterGtpExtensions(flags: number, data: Uint8Array, at: number, to: number): number {
  let from = at;
  if ((flags & GTP.hasExtension) === 0) return from;
  for (let count = 0; count < GTP_EXTENSIONS_MAX && from <= to; count++) {
    if (u8(data, from - 1) === 0) return from;
    const length = u8(data, from) * 4;
    if (length === 0) return -1;
    from += length;
  }
  return -1;
}

/** RFC 4380: authentication and the origin's address may stand before the IPv6 packet. */
function teredo(data: Uint8Array, at: number, to: number, step: Step): boolean {
  let from = at;
  if (to - from >= 13 && u16(data, from) === 0x0001) from += 13 + u8(data, from + 2) + u8(data, from + 3);
  if (to - from >= 8 && u16(data, from) === 0x0000) from += 8;
  if (to - from < 40 || u8(data, from) >> 4 !== 6) return false;
  setTunnel(step, KIND.teredo, NO_NUMBER);
  setContent(step, 'ip', from);
  return true;
}

const L2TP = { control: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200, versionMask: 0x000f } as const;

/** Version 2 (RFC 2661) carries PPP; version 3 (RFC 3931) whatever both ends agreed on, behind a cookie whose length only they know. */
function l2tp(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 8) return false;
  const flags = u16(data, at);
  const version = flags & L2TP.versionMask;
  if ((flags & L2TP.control) !== 0) return false;
  if (version === 3) {
    setTunnel(step, KIND.l2tpThree, u32(data, at + 4));
    return true;
  }
  if (version !== 2) return false;
  const idsAt = at + ((flags & L2TP.length) === 0 ? 2 : 4);
  let behind = idsAt + 4 + ((flags & L2TP.sequence) === 0 ? 0 : 4);
  if ((flags & L2TP.offset) !== 0) behind += 2 + u16(data, behind);
  setTunnel(step, KIND.l2tp, u32(data, idsAt));
  if (behind < to) setContent(step, 'ppp', behind);
  return true;
}

/** RFC 3948: a datagram of IKE begins with four zeros where a security association is numbered; a single byte keeps the way open. */
function espInUdp(data: Uint8Array, at: number, to: number, step: Step): boolean {
  const association = u32(data, at);
  if (to - at < 8 || association === 0) return false;
  setTunnel(step, KIND.esp, association);
  return true;
}

/** Transport data: type 4, three zeros, receiver, counter, and at least the tag of an empty packet. */
function wireguard(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 32 || u32(data, at) !== 0x0400_0000) return false;
  setTunnel(step, KIND.wireguard, NO_NUMBER);
  return true;
}

/** By port (IANA; 8472 is what Linux took for VXLAN before). */
const BY_PORT: ReadonlyMap<number, StepReader> = new Map<number, StepReader>([
  [1701, l2tp],
  [2152, gtp],
  [3544, teredo],
  [4500, espInUdp],
  [4754, gre],
  [4789, vxlan],
  [4790, vxlanGpe],
  [6081, geneve],
  [6635, labels],
  [8472, vxlan],
  [51820, wireguard],
]);

/** The reader of tunnels on either port, the destination's first; undefined for ordinary traffic. */
export function datagramTunnel(sourcePort: number, destinationPort: number): StepReader | undefined {
  return BY_PORT.get(destinationPort) ?? BY_PORT.get(sourcePort);
}

function isIpVersion(data: Uint8Array, at: number): boolean {
  const version = u8(data, at) >> 4;
  return version === 4 || version === 6;
}
