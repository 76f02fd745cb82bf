// Link layers of point-to-point lines: PPP and its kin, Cisco HDLC, frame relay, SLIP, ATM. Not of shared media.

import { u8, u16, u24 } from '../inspect/bytes.ts';
import { afterEtherType, afterIdentifier, afterLlc, afterPpp } from './ether-type.ts';
import { type Link, type LinkDecoder, NO_IP } from './link.ts';

/** PPP, with or without the address and control bytes of HDLC; a Cisco HDLC frame may come under the same link type. */
export function ppp(data: Uint8Array, at: number, to: number, link: Link): number {
  const first = u8(data, at);
  if (first === 0xff && u8(data, at + 1) === 0x03) return afterPpp(data, at + 2, to, link);
  return isCiscoAddress(first) && u8(data, at + 1) === 0 ? ciscoHdlc(data, at, to, link) : afterPpp(data, at, to, link);
}

/** PPP daemon on Linux: the direction in place of the address byte. */
export function pppOfDaemon(data: Uint8Array, at: number, to: number, link: Link): number {
  return afterPpp(data, u8(data, at + 1) === 0x03 ? at + 2 : at + 1, to, link);
}

/** Unicast 0x0f and broadcast 0x8f. */
function isCiscoAddress(first: number): boolean {
  return first === 0x0f || first === 0x8f;
}

/** Address, control, then an EtherType. */
export function ciscoHdlc(data: Uint8Array, at: number, to: number, link: Link): number {
  return to - at < 4 ? NO_IP : afterEtherType(u16(data, at + 2), data, at + 4, to, link);
}

/** One byte that tells the direction before each frame. */
export function withDirection(decoder: LinkDecoder): LinkDecoder {
  return (data, at, to, link) => (to > at ? decoder(data, at + 1, to, link) : NO_IP);
}

/** Bytes of a Q.922 address; the last has its lowest bit set. */
const FRAME_RELAY_ADDRESS_MAX = 4;

/** Frame relay: the address, then control 0x03 and an identifier (RFC 2427), or an EtherType at once (Cisco). */
export function frameRelay(data: Uint8Array, at: number, to: number, link: Link): number {
  let from = at;
  while (from - at < FRAME_RELAY_ADDRESS_MAX && (u8(data, from) & 1) === 0) from++;
  from++;
  if (to - from < 3) return NO_IP;
  if (u8(data, from) !== 0x03) return afterEtherType(u16(data, from), data, from + 2, to, link);
  // One byte of padding may stand before the identifier.
  return afterIdentifier(data, u8(data, from + 1) === 0 ? from + 2 : from + 1, to, link);
}

const SLIP_BYTES = 16;

/** SLIP as BSD records it: direction, kind of compression, and room for the compressed header; a kind other than none shows no IP. */
export function slip(data: Uint8Array, at: number, to: number): number {
  if (to - at <= SLIP_BYTES) return NO_IP;
  const version = u8(data, at + SLIP_BYTES) >> 4;
  return version === 4 || version === 6 ? at + SLIP_BYTES : NO_IP;
}

/** ATM adaptation layer 5 (RFC 2684): LLC, or IP at once where the circuit carries nothing else. */
export function atm(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 4) return NO_IP;
  const start = u24(data, at);
  const isLlc = start === 0xaaaa03 || start === 0xfefe03;
  if (isLlc) return afterLlc(data, at, to, link);
  const version = u8(data, at) >> 4;
  return version === 4 || version === 6 ? at : NO_IP;
}

/** SunATM: flags, path and channel before the frame; the low four bits of the flags tell its kind, 2 being LLC and 1 LAN emulation. */
export function sunAtm(data: Uint8Array, at: number, to: number, link: Link): number {
  if (to - at < 4) return NO_IP;
  return (u8(data, at) & 0x0f) === 2 ? atm(data, at + 4, to, link) : NO_IP;
}
