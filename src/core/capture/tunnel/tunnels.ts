// Looks into the tunnels of a packet: names them and finds the IP headers inside, one frame per header, all reused.
// Not a meter: flows and policy count the outermost header, whatever is found here.

import { type AddressTable, PROTOCOL } from '#model';
import { type Frame, newFrame } from '../frame.ts';
import { IpDecoder, type PacketPlace } from '../ip.ts';
import { afterEtherType, afterLabels, ethernet } from '../link/ether-type.ts';
import { Link, NO_IP } from '../link/link.ts';
import { ppp } from '../link/serial.ts';
import { Chains, NO_CHAIN } from './chains.ts';
import { datagramTunnel } from './datagram.ts';
import { packetTunnel } from './packet.ts';
import { newStep, type StepReader } from './step.ts';

/** Tunnels looked at in one packet. Real traffic nests two or three; what lies deeper is not looked at. */
export const TUNNELS_MAX = 8;

export class Tunnels {
  /** How many IP headers were found inside the last packet; the first `count` of `inside` hold. */
  count = 0;
  /** What was found, from the outside in. Frame number, times and lengths on the wire are those of the frame around it. */
  readonly inside: readonly Frame[];
  readonly #ip: IpDecoder;
  readonly #chains = new Chains();
  readonly #link = new Link();
  readonly #step = newStep();
  readonly #place: PacketPlace;

  /** The frames found lie in the same bytes as the frame around them: those of `place`. */
  constructor(addresses: AddressTable, place: PacketPlace) {
    this.#ip = new IpDecoder(addresses);
    this.#place = { data: place.data, linkAt: 0, at: 0, to: 0 };
    this.inside = Array.from({ length: TUNNELS_MAX }, () => frameOver(place));
  }

  /** Sets `tunnel` of a frame whose payload lies in `place` and fills `inside`. Offsets are those of `place`. */
  look(frame: Frame, place: PacketPlace): void {
    const at = this.#place;
    at.data = place.data;
    at.linkAt = place.linkAt;
    this.count = 0;
    let chain = NO_CHAIN;
    let current = frame;
    for (let depth = 0; depth < TUNNELS_MAX; depth++) {
      at.to = current.payloadOffset + current.payloadCaptured;
      const reader = tunnelOf(current);
      if (reader === undefined || !reader(at.data, current.payloadOffset, at.to, this.#step)) break;
      const { kind, number } = this.#step;
      chain = this.#chains.push(chain, kind, number);
      const inner = this.inside[depth];
      if (inner === undefined || !this.#open(inner, frame)) break;
      inner.tunnel = this.#chains.text(chain);
      inner.network = this.#chains.network(chain);
      this.count = depth + 1;
      current = inner;
    }
    frame.tunnel = this.#chains.text(chain);
  }

  /** Fills `inner` from the content of the step; false when there is no IP header. */
  #open(inner: Frame, frame: Frame): boolean {
    const at = this.#place;
    const ipAt = this.#findIp();
    if (ipAt === NO_IP || ipAt >= at.to) return false;
    at.at = ipAt;
    inner.index = frame.index;
    inner.at = frame.at;
    inner.seconds = frame.seconds;
    inner.nanoseconds = frame.nanoseconds;
    inner.wireLength = frame.wireLength;
    inner.capturedLength = frame.capturedLength;
    inner.vlans = frame.vlans;
    inner.sourceMac = this.#link.sourceMac;
    inner.destinationMac = this.#link.destinationMac;
    return this.#ip.decode(inner, at);
  }

  #findIp(): number {
    const { data, to } = this.#place;
    const { content, at, type } = this.#step;
    const link = this.#link;
    link.clear();
    switch (content) {
      case 'ip':
        return at;
      case 'ethernet':
        return ethernet(data, at, to, link);
      case 'ppp':
        return ppp(data, at, to, link);
      case 'labels':
        return afterLabels(data, at, to, link);
      case 'typed':
        return afterEtherType(type, data, at, to, link);
      case 'closed':
        return NO_IP;
    }
  }
}

/** Whether a packet may carry a tunnel, so that all others cost one look at protocol and ports. */
export function mayCarry(frame: Frame): boolean {
  return tunnelOf(frame) !== undefined;
}

/** A later fragment begins in the middle of its datagram, whatever its protocol says. */
function tunnelOf(frame: Frame): StepReader | undefined {
  if (frame.isLaterFragment || frame.protocol === PROTOCOL.tcp) return undefined;
  if (frame.protocol === PROTOCOL.udp) return datagramTunnel(frame.sourcePort, frame.destinationPort);
  return packetTunnel(frame.protocol, frame.ipVersion);
}

function frameOver(place: PacketPlace): Frame {
  return {
    ...newFrame(),
    get data(): Uint8Array {
      return place.data.subarray(place.linkAt, place.to);
    },
  };
}
