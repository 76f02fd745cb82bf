// Tunnels that are protocols of IP: IP itself, GRE, EtherIP, labels, L2TP version 3; and the closed ones by name.

import { u8, u32 } from '../inspect/bytes.ts';
import { gre } from './gre.ts';
import { KIND, NO_NUMBER } from './kinds.ts';
import { type Step, type StepReader, setContent, setTunnel } from './step.ts';

/** Protocols of IP (IANA). */
const PROTOCOL = { ip4: 4, ip6: 41, gre: 47, esp: 50, ah: 51, etherIp: 97, l2tp: 115, labels: 137 } as const;

/** Of a packet in a packet: the kind by the version of the outer and the inner header. */
function insideFour(data: Uint8Array, at: number, to: number, step: Step): boolean {
  return bare(KIND.fourInFour, KIND.sixInFour, data, at, to, step);
}

function insideSix(data: Uint8Array, at: number, to: number, step: Step): boolean {
  return bare(KIND.fourInSix, KIND.sixInSix, data, at, to, step);
}

function bare(four: number, six: number, data: Uint8Array, at: number, to: number, step: Step): boolean {
  const version = u8(data, at) >> 4;
  if (to <= at || (version !== 4 && version !== 6)) return false;
  setTunnel(step, version === 4 ? four : six, NO_NUMBER);
  setContent(step, 'ip', at);
  return true;
}

/** RFC 3378: version 3 in the upper four bits of two bytes. */
function etherIp(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 2 || u8(data, at) >> 4 !== 3) return false;
  setTunnel(step, KIND.etherIp, NO_NUMBER);
  setContent(step, 'ethernet', at + 2);
  return true;
}

/** Labels of MPLS (RFC 4023), and the same in UDP (RFC 7510). */
export function labels(_data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 4) return false;
  setTunnel(step, KIND.mpls, NO_NUMBER);
  setContent(step, 'labels', at);
  return true;
}

/** Session 0 is control. What a session carries and how long its cookie is, only its ends know. */
function l2tpThree(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 4 || u32(data, at) === 0) return false;
  setTunnel(step, KIND.l2tpThree, u32(data, at));
  return true;
}

/** Association 0 is none: it must not be sent (RFC 4302, RFC 4303). */
function esp(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 4 || u32(data, at) === 0) return false;
  setTunnel(step, KIND.esp, u32(data, at));
  return true;
}

/** The association is numbered behind next header, length and two reserved bytes. */
function ah(data: Uint8Array, at: number, to: number, step: Step): boolean {
  if (to - at < 8 || u32(data, at + 4) === 0) return false;
  setTunnel(step, KIND.ah, u32(data, at + 4));
  return true;
}

/** The reader of tunnels of an IP protocol inside IP of a version; undefined for ordinary traffic. */
export function packetTunnel(protocol: number, ipVersion: number): StepReader | undefined {
  switch (protocol) {
    case PROTOCOL.ip4:
    case PROTOCOL.ip6:
      return ipVersion === 4 ? insideFour : insideSix;
    case PROTOCOL.gre:
      return gre;
    case PROTOCOL.esp:
      return esp;
    case PROTOCOL.ah:
      return ah;
    case PROTOCOL.etherIp:
      return etherIp;
    case PROTOCOL.l2tp:
      return l2tpThree;
    case PROTOCOL.labels:
      return labels;
    default:
      return undefined;
  }
}
