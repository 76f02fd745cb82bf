// Generic routing encapsulation and what builds on it: keys, PPTP's version 1, ERSPAN I to III, NVGRE.

import { u8, u16, u32 } from '../inspect/bytes.ts';
import { KIND, NO_NUMBER } from './kinds.ts';
import { type Step, setContent, setTunnel } from './step.ts';

const FLAG = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, acknowledgment: 0x0080 } as const;
const VERSION_MASK = 0x0007;
const TYPE = { bridged: 0x6558, ppp: 0x880b, erspan: 0x88be, erspanThree: 0x22eb } as const;

/** Virtual subnets below are reserved (RFC 7637), so a smaller number is the key of bridged GRE. */
const SUBNET_MIN = 0x1000;

export function gre(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 4) return false;
  const flags = u16(data, at);
  const type = u16(data, at + 2);
  const version = flags & VERSION_MASK;
  if (version === 1) return type === TYPE.ppp && pptp(flags, data, at, to, step);
  if (version !== 0) return false;
  const hasKey = (flags & FLAG.key) !== 0;
  const keyAt = at + ((flags & (FLAG.checksum | FLAG.routing)) === 0 ? 4 : 8);
  const behind = keyAt + (hasKey ? 4 : 0) + ((flags & FLAG.sequence) === 0 ? 0 : 4);
  if (behind > to) return false;
  if (type === TYPE.erspan) return erspan(flags, data, behind, to, step);
  if (type === TYPE.erspanThree) return erspanThree(data, behind, to, step);
  const key = hasKey ? u32(data, keyAt) : NO_NUMBER;
  const isSubnet = type === TYPE.bridged && flags === FLAG.key && key >>> 8 >= SUBNET_MIN;
  if (isSubnet) setTunnel(step, KIND.nvgre, key >>> 8);
  else setTunnel(step, KIND.gre, key);
  // Source routes have a length of their own that nobody sends any more (RFC 2784 left them out).
  if ((flags & FLAG.routing) === 0) setContent(step, 'typed', behind, type);
  return true;
}

/** The key is the length and the number of the call; a packet that only acknowledges carries nothing. */
function pptp(flags: number, data: Uint8Array, at: number, to: number, step: Step): boolean {
  if ((flags & FLAG.key) === 0 || to - at < 8) return false;
  const hasSequence = (flags & FLAG.sequence) !== 0;
  const behind = at + 8 + (hasSequence ? 4 : 0) + ((flags & FLAG.acknowledgment) === 0 ? 0 : 4);
  setTunnel(step, KIND.pptp, u16(data, at + 6));
  if (hasSequence && behind < to) setContent(step, 'ppp', behind);
  return true;
}

/** Type I has no header and no sequence number; type II has eight bytes with the session in the lower ten bits of the second 16. */
function erspan(flags: number, data: Uint8Array, at: number, to: number, step: Step): boolean {
  if ((flags & FLAG.sequence) === 0) {
    setTunnel(step, KIND.erspan, NO_NUMBER);
    setContent(step, 'ethernet', at);
    return true;
  }
  if (to - at < 8) return false;
  setTunnel(step, KIND.erspan, u16(data, at + 2) & 0x03ff);
  setContent(step, 'ethernet', at + 8);
  return true;
}

/** Twelve bytes, eight more when the last bit says so; bits 10 to 14 of the last 16 tell the frame type: 0 Ethernet, 2 IP. */
function erspanThree(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 12) return false;
  setTunnel(step, KIND.erspan, u16(data, at + 2) & 0x03ff);
  const frameType = (u8(data, at + 10) >> 2) & 0x1f;
  const behind = at + 12 + ((u8(data, at + 11) & 1) === 0 ? 0 : 8);
  if (frameType === 0) setContent(step, 'ethernet', behind);
  else if (frameType === 2) setContent(step, 'ip', behind);
  return true;
}
