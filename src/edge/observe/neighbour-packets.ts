// The packets that say who lives at which MAC, read from bytes: ARP in a Linux cooked frame (RFC 826), neighbour discovery (RFC 4861),
// DHCP (RFC 2131). Every length is checked; what does not fit is null. Not a client of any of them.

import { type Mac, NO_MAC } from '#model';

const COOKED_BYTES = 20;
const ETHER_TYPE_ARP = 0x0806;
const ARP_BYTES = 28;
const HARDWARE_ETHERNET = 1;
const TYPE_IP4 = 0x0800;

export interface ArpClaim {
  readonly mac: Mac;
  /** 32 bits. */
  readonly address: number;
}

/** The sender of an ARP message, request or answer; a probe (sender 0.0.0.0) claims nothing. */
export function readArp(data: Uint8Array): ArpClaim | null {
  if (data.length < COOKED_BYTES + ARP_BYTES || u16(data, 0) !== ETHER_TYPE_ARP) return null;
  const at = COOKED_BYTES;
  const isIp = u16(data, at) === HARDWARE_ETHERNET && u16(data, at + 2) === TYPE_IP4;
  if (!isIp || data[at + 4] !== 6 || data[at + 5] !== 4) return null;
  const address = u32(data, at + 14);
  return address === 0 ? null : { mac: mac(data, at + 8), address };
}

const DISCOVERY = { routerAsked: 133, router: 134, asked: 135, told: 136 } as const;
const OPTION_SOURCE = 1;
const OPTION_TARGET = 2;
/** Options of one message that are walked; a packet of 1,500 bytes holds at most 180. */
const OPTIONS_MAX = 64;

export interface DiscoveryClaim {
  /** The address that is claimed, or null for the packet's source. */
  readonly target: Uint8Array | null;
  /** The link-layer address in its option, or -1 for that of the frame. */
  readonly mac: Mac;
}

/**
 * A neighbour advertisement claims its target; the other messages claim their source, where they name its link-layer address.
 * A solicitation from the unspecified address only asks whether somebody has the address.
 */
export function readAdvertisement(data: Uint8Array, from: number, to: number): DiscoveryClaim | null {
  const type = data[from];
  const head = type === DISCOVERY.routerAsked ? 8 : type === DISCOVERY.router ? 16 : 24;
  if (type === undefined || type < DISCOVERY.routerAsked || type > DISCOVERY.told || to - from < head) return null;
  const isTold = type === DISCOVERY.told;
  const found = linkOption(data, { from: from + head, to, kind: isTold ? OPTION_TARGET : OPTION_SOURCE });
  if (isTold) return { target: data.slice(from + 8, from + 24), mac: found };
  return found === NO_MAC ? null : { target: null, mac: found };
}

function linkOption(data: Uint8Array, { from, to, kind }: { from: number; to: number; kind: number }): Mac {
  let at = from;
  for (let count = 0; count < OPTIONS_MAX && to - at >= 8; count++) {
    const length = (data[at + 1] ?? 0) * 8;
    if (length === 0) return NO_MAC;
    if (data[at] === kind && length === 8) return mac(data, at + 2);
    at += length;
  }
  return NO_MAC;
}

const BOOTP_BYTES = 240;
const MAGIC_COOKIE = 0x63825363;
const REQUEST = 1;
const REPLY = 2;
const DHCP = { pad: 0, hostName: 12, type: 53, vendorClass: 60, end: 255 } as const;
const ACKNOWLEDGED = 5;
/** Characters kept of a text that a client gives. */
const TEXT_MAX = 128;

export interface DhcpClaim {
  readonly mac: Mac;
  /** 32 bits; 0 where none is told. */
  readonly address: number;
  readonly hostName: string;
  readonly vendorClass: string;
}

/** What a client says of itself, or the address that a server acknowledges for it. */
export function readDhcp(data: Uint8Array, from: number, to: number): DhcpClaim | null {
  const operation = data[from];
  const isMessage = to - from >= BOOTP_BYTES && u32(data, from + 236) === MAGIC_COOKIE;
  const isEthernet = data[from + 1] === HARDWARE_ETHERNET && data[from + 2] === 6;
  if (!isMessage || !isEthernet || (operation !== REQUEST && operation !== REPLY)) return null;
  let type = 0;
  let hostName = '';
  let vendorClass = '';
  let at = from + BOOTP_BYTES;
  // Every option has at least one byte, so the walk ends with the packet.
  while (at < to) {
    const code = data[at];
    if (code === DHCP.end) break;
    if (code === DHCP.pad) {
      at++;
      continue;
    }
    const begin = at + 2;
    const end = begin + (data[at + 1] ?? 0);
    if (end > to) break;
    if (code === DHCP.type) type = data[begin] ?? 0;
    if (code === DHCP.hostName) hostName = plainText(data, begin, end);
    if (code === DHCP.vendorClass) vendorClass = plainText(data, begin, end);
    at = end;
  }
  const client = { mac: mac(data, from + 28), hostName, vendorClass };
  if (operation === REQUEST) return { ...client, address: u32(data, from + 12) };
  const address = u32(data, from + 16);
  return type === ACKNOWLEDGED && address !== 0 ? { mac: client.mac, address, hostName: '', vendorClass: '' } : null;
}

/** Printable ASCII as it is, every other byte as `?`; a client may end its text with zero bytes. */
function plainText(data: Uint8Array, from: number, to: number): string {
  let end = Math.min(to, from + TEXT_MAX);
  while (end > from && data[end - 1] === 0) end--;
  let text = '';
  for (let at = from; at < end; at++) {
    const byte = data[at] ?? 0;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text;
}

function mac(data: Uint8Array, at: number): Mac {
  return u16(data, at) * 2 ** 32 + u32(data, at + 2);
}

function u16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

function u32(data: Uint8Array, at: number): number {
  return u16(data, at) * 0x1_0000 + u16(data, at + 2);
}
