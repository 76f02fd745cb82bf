// Reads what the netfilter log says beside the packet: mark, interfaces, MAC, prefix, time. Source: linux/netfilter/nfnetlink_log.h.
// Not the packet's own decoder; a value that is cut or unknown is passed over.

import { type Instant, type Mac, NO_MAC } from '#model';

/** Reused. */
export interface NflogHead {
  mark: number;
  prefix: string;
  inIndex: number;
  outIndex: number;
  mac: Mac;
  /** When the packet came, or -1 where the kernel does not say. */
  at: Instant;
}

/** Family, version, group. */
const HEADER_BYTES = 4;
/** Values looked at in one message; the kernel writes about fifteen. */
const VALUES_MAX = 64;
/** The two highest bits of a type are flags of netlink. */
const TYPE_BITS = 0x3fff;
const VALUE = { mark: 2, time: 3, inIndex: 4, outIndex: 5, mac: 8, prefix: 10 } as const;
/** The kernel keeps 127 characters; Picket's table gives fewer than ten. */
const PREFIX_MAX = 64;

export function newNflogHead(): NflogHead {
  return { mark: 0, prefix: '', inIndex: 0, outIndex: 0, mac: NO_MAC, at: -1 };
}

/** Fills `head` from one message of LINKTYPE_NFLOG. */
export function readNflog(data: Uint8Array, head: NflogHead): void {
  head.mark = 0;
  head.prefix = '';
  head.inIndex = 0;
  head.outIndex = 0;
  head.mac = NO_MAC;
  head.at = -1;
  // Lengths are in the order of the machine; the first value is short, so its larger byte is 0.
  const isBig = data[HEADER_BYTES] === 0;
  let at = HEADER_BYTES;
  for (let count = 0; count < VALUES_MAX && data.length - at >= 4; count++) {
    const length = small16(data, at, isBig);
    if (length < 4 || at + length > data.length) return;
    const type = small16(data, at + 2, isBig) & TYPE_BITS;
    readValue(data, { type, from: at + 4, to: at + length }, head);
    at += Math.ceil(length / 4) * 4;
  }
}

interface Value {
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

/** Values themselves are in network order. */
function readValue(data: Uint8Array, { type, from, to }: Value, head: NflogHead): void {
  const bytes = to - from;
  if (type === VALUE.prefix) head.prefix = prefixText(data, from, to);
  else if (type === VALUE.time && bytes >= 16) head.at = u32(data, from + 4) * 1_000_000 + u32(data, from + 12);
  else if (type === VALUE.mac && bytes >= 10)
    head.mac = small16(data, from, true) === 6 ? macAt(data, from + 4) : NO_MAC;
  else if (bytes < 4) return;
  else if (type === VALUE.mark) head.mark = u32(data, from);
  else if (type === VALUE.inIndex) head.inIndex = u32(data, from);
  else if (type === VALUE.outIndex) head.outIndex = u32(data, from);
}

/** Printable ASCII up to the first zero byte, every other byte as `?`. */
function prefixText(data: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < Math.min(to, from + PREFIX_MAX); at++) {
    const byte = data[at] ?? 0;
    if (byte === 0) break;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text;
}

function small16(data: Uint8Array, at: number, isBig: boolean): number {
  const first = data[at] ?? 0;
  const second = data[at + 1] ?? 0;
  return isBig ? (first << 8) | second : (second << 8) | first;
}

function u32(data: Uint8Array, at: number): number {
  return small16(data, at, true) * 0x1_0000 + small16(data, at + 2, true);
}

function macAt(data: Uint8Array, at: number): Mac {
  return small16(data, at, true) * 2 ** 32 + u32(data, at + 2);
}
