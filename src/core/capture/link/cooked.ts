// What Linux records on no interface in particular: a header of its own in place of the link layer's. Both versions.

import { u8, u16, u32 } from '../inspect/bytes.ts';
import { afterEtherType, afterLlc } from './ether-type.ts';
import { type Link, macAt, NO_IP } from './link.ts';
import { prism, radiotap, wireless } from './wireless.ts';

/** Types of interface (ARPHRD_*) whose frames follow as they are; their protocol field means nothing. */
const HARDWARE = { wireless: 801, prism: 802, radiotap: 803, netlink: 824 } as const;

/** In place of an EtherType: LLC follows. Other small numbers are no network layer. */
const LLC = 4;
const SMALL_MAX = 1500;

/** Version 1: 16 bytes, the sender's link address inside. */
export function cooked(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 16) return NO_IP;
  link.packetType = u16(data, at);
  if (u16(data, at + 4) === 6) link.sourceMac = macAt(data, at + 6);
  const hardware = u16(data, at + 2);
  if (isWhole(hardware)) return afterHardware(hardware, data, at + 16, to, link);
  return afterProtocol(u16(data, at + 14), data, at + 16, to, link);
}

/** Version 2: 20 bytes, protocol first. */
export function cookedTwo(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 20) return NO_IP;
  link.interfaceIndex = u32(data, at + 4);
  link.packetType = u8(data, at + 10);
  if (u8(data, at + 11) === 6) link.sourceMac = macAt(data, at + 12);
  const hardware = u16(data, at + 8);
  if (isWhole(hardware)) return afterHardware(hardware, data, at + 20, to, link);
  return afterProtocol(u16(data, at), data, at + 20, to, link);
}

function isWhole(hardware: number): boolean {
  return hardware === HARDWARE.netlink || (hardware >= HARDWARE.wireless && hardware <= HARDWARE.radiotap);
}

function afterHardware(hardware: number, data: Uint8Array, at: number, to: number, link: Link): number {
  switch (hardware) {
    case HARDWARE.wireless:
      return wireless(data, at, to, link);
    case HARDWARE.prism:
      return prism(data, at, to, link);
    case HARDWARE.radiotap:
      return radiotap(data, at, to, link);
    default:
      return NO_IP;
  }
}

function afterProtocol(protocol: number, data: Uint8Array, at: number, to: number, link: Link): number {
  if (protocol === LLC) return afterLlc(data, at, to, link);
  return protocol <= SMALL_MAX ? NO_IP : afterEtherType(protocol, data, at, to, link);
}
