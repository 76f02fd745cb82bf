// Ethernet frames as hexadecimal text, as a device or an attacker sends them. Only what the bridge tests need.

import { parseAddress } from '#model';
import { type PacketSketch, packetOf } from '../gateway/packets.testing.ts';

export interface FrameSketch {
  readonly from: string;
  readonly to: string;
  /** Tags from the outside in. */
  readonly tags?: readonly number[];
  readonly type: number;
  readonly body: Uint8Array;
}

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const TAG = 0x8100;

export function frameOf({ from, to, tags = [], type, body }: FrameSketch): string {
  const types = [...tags.flatMap((tag) => [TAG, tag]), type].map((value) => value.toString(16).padStart(4, '0'));
  const padded = body.length < 46 ? Uint8Array.from([...body, ...new Uint8Array(46 - body.length)]) : body;
  return `${(to + from).replaceAll(':', '')}${types.join('')}${Buffer.from(padded).toString('hex')}`;
}

/** A frame with an IP packet in it. */
export function ipFrame(ends: Pick<FrameSketch, 'from' | 'to' | 'tags'>, packet: PacketSketch): string {
  return frameOf({ ...ends, type: packet.from.includes(':') ? 0x86dd : 0x0800, body: packetOf(packet) });
}

export interface ArpSketch {
  readonly operation: 1 | 2;
  readonly sender: string;
  readonly senderAddress: string;
  readonly target?: string;
  readonly targetAddress: string;
}

export function arpBody({ operation, sender, senderAddress, target, targetAddress }: ArpSketch): Uint8Array {
  return Uint8Array.from([
    ...[0, 1, 8, 0, 6, 4, 0, operation],
    ...macBytes(sender),
    ...addressBytes(senderAddress).subarray(12),
    ...macBytes(target ?? '00:00:00:00:00:00'),
    ...addressBytes(targetAddress).subarray(12),
  ]);
}

/** A neighbour message: 135 solicits, 136 advertises, 133 asks for routers, 134 and 137 are a router's. */
export function neighbour(ends: { from: string; to: string }, kind: number, parts: NeighbourParts): PacketSketch {
  const { target, option, link } = parts;
  const address = target === undefined ? [] : [...addressBytes(target)];
  const payload = Uint8Array.from([...address, ...(link === undefined ? [] : [option ?? 1, 1, ...macBytes(link)])]);
  return { ...ends, protocol: 58, icmpKind: kind, icmpId: 0, hops: 255, payload };
}

export interface NeighbourParts {
  readonly target?: string;
  /** 1: source, 2: target link-layer address. */
  readonly option?: number;
  readonly link?: string;
}

/** A DHCP message whose client says that it has this MAC. */
export function dhcp(client: string): Uint8Array {
  const body = new Uint8Array(240);
  body.set([1, 1, 6, 0], 0);
  body.set(macBytes(client), 28);
  body.set([0x63, 0x82, 0x53, 0x63], 236);
  return body;
}

function macBytes(mac: string): readonly number[] {
  return mac.split(':').map((octet) => Number.parseInt(octet, 16));
}

function addressBytes(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === null) throw new Error(`no address: ${text}`);
  return bytes;
}
