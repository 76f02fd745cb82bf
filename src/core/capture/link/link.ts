// What a link-layer decoder gives: where the IP header begins, who spoke on the link, and the VLAN tags. One object, reused.

import { NO_MAC } from '#model';

/** No IP header in this frame. */
export const NO_IP = -1;

/** Tags looked at in one frame; deeper stacks are not seen in practice and the rest is taken for no IP. */
export const TAGS_MAX = 16;

/** Headers looked at in one frame, whatever their kind. Nothing real stacks half as many; each costs time, and bytes can be made to nest. */
const LAYERS_MAX = 32;

/** Kinds of packet (PACKET_* of Linux): to this host, to all, to a group, to another host, sent by this host. */
export const PACKET_TYPE = { unknown: -1, host: 0, broadcast: 1, multicast: 2, otherHost: 3, outgoing: 4 } as const;

export class Link {
  sourceMac: number = NO_MAC;
  destinationMac: number = NO_MAC;
  /** Where and how the frame was seen, as Linux cooked headers tell it: number of the interface (0 none), and the kind of packet. */
  interfaceIndex = 0;
  packetType: number = PACKET_TYPE.unknown;
  /** The VLAN ids of this frame, outermost first; the first `tagCount` hold. */
  readonly tags = new Uint16Array(TAGS_MAX);
  tagCount = 0;
  #layers = 0;

  clear(): void {
    this.sourceMac = NO_MAC;
    this.destinationMac = NO_MAC;
    this.interfaceIndex = 0;
    this.packetType = PACKET_TYPE.unknown;
    this.tagCount = 0;
    this.#layers = 0;
  }

  /** Counts one more header of this frame; false when there were too many. */
  enter(): boolean {
    this.#layers++;
    return this.#layers <= LAYERS_MAX;
  }
}

/** Finds the IP header of a frame that lies in `data` from `at` up to `to`: its offset, or NO_IP. */
export type LinkDecoder = (data: Uint8Array, at: number, to: number, link: Link) => number;

export function macAt(data: Uint8Array, at: number): number {
  const high = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  const middle = ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0);
  const low = ((data[at + 4] ?? 0) << 8) | (data[at + 5] ?? 0);
  return high * 0x1_0000_0000 + middle * 0x1_0000 + low;
}
