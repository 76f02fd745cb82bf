// The gate before the inspector: each packet that crosses this host passes once, with its true ends. Not a judge of packets.

import { type Frame, type FrameGate, PACKET_TYPE } from '#capture';
import { type AddressId, PROTOCOL } from '#model';
import type { FlowEnds } from './flow-line.ts';
import { COUNTS, countsOf, type Interface } from './interfaces.ts';
import type { Translation } from './translation.ts';

/** Numbers of interfaces above this are looked up as if unknown; Linux counts up from 1, so few hosts come near. */
const INDEX_MAX = 65_535;

export class Crossing implements FrameGate {
  readonly #translation: Translation;
  readonly #onUnknown: () => void;
  /** By the interface's number: `COUNTS` bits and whether it is known; and its MTU. */
  readonly #counts = new Uint8Array(INDEX_MAX + 1);
  readonly #mtus = new Uint32Array(INDEX_MAX + 1);
  #own: ReadonlySet<AddressId> = new Set();
  #known: readonly number[] = [];
  readonly #ends = { source: -1, destination: -1, sourcePort: -1, destinationPort: -1 };

  /** `onUnknown` is told of packets of interfaces that are not in the table, and must be cheap. */
  constructor(translation: Translation, onUnknown: () => void) {
    this.#translation = translation;
    this.#onUnknown = onUnknown;
  }

  /** Takes a new table. `names` limits what is counted; null is all. */
  use(interfaces: readonly Interface[], names: ReadonlySet<string> | null): void {
    for (const index of this.#known) this.#counts[index] = 0;
    this.#known = interfaces.map(({ index }) => index).filter((index) => index <= INDEX_MAX);
    this.#own = new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
    for (const one of interfaces) {
      if (one.index > INDEX_MAX) continue;
      const isCounted = names === null || names.has(one.name);
      this.#counts[one.index] = KNOWN | (isCounted ? (names === null ? countsOf(one) : COUNTS.in | COUNTS.out) : 0);
      this.#mtus[one.index] = one.mtu;
    }
  }

  isOwn(address: AddressId): boolean {
    return this.#own.has(address);
  }

  passes(frame: Frame): boolean {
    const counts = this.#countsAt(frame.interfaceIndex);
    if (frame.packetType === PACKET_TYPE.outgoing) {
      if ((counts & COUNTS.out) === 0 || frame.ipVersion === 0 || !this.#isSent(frame)) return false;
    } else {
      if ((counts & COUNTS.in) === 0) return false;
      if (!this.#translation.isEmpty && frame.ipVersion !== 0) this.#showDestination(frame);
    }
    // Segments that the network card joined, or has yet to cut, are larger than any packet on the wire: how large those were is not known.
    if (frame.protocol === PROTOCOL.tcp && frame.bytes > this.#mtuAt(frame.interfaceIndex)) frame.packetSize = -1;
    return true;
  }

  #countsAt(index: number): number {
    const counts = index <= INDEX_MAX ? (this.#counts[index] ?? 0) : 0;
    if ((counts & KNOWN) !== 0) return counts;
    this.#onUnknown();
    return COUNTS.in | COUNTS.out;
  }

  #mtuAt(index: number): number {
    const mtu = index <= INDEX_MAX ? (this.#mtus[index] ?? 0) : 0;
    return mtu === 0 ? USUAL_MTU : mtu;
  }

  /** Whether this host sent the packet itself; what it only passes on was counted when it came in. */
  #isSent(frame: Frame): boolean {
    if (!this.#translation.isEmpty) {
      const truth = this.#translation.sourceOf(this.#endsOf(frame), frame.protocol);
      if (truth !== undefined) {
        if (!this.#own.has(truth.address)) return false;
        frame.source = truth.address;
        frame.sourcePort = truth.port;
        return true;
      }
    }
    return this.#own.has(frame.source);
  }

  #showDestination(frame: Frame): void {
    const truth = this.#translation.destinationOf(this.#endsOf(frame), frame.protocol);
    if (truth === undefined) return;
    frame.destination = truth.address;
    frame.destinationPort = truth.port;
  }

  #endsOf(frame: Frame): FlowEnds {
    const ends = this.#ends;
    ends.source = frame.source;
    ends.destination = frame.destination;
    ends.sourcePort = frame.sourcePort;
    ends.destinationPort = frame.destinationPort;
    return ends;
  }
}

/** Beside the bits of `COUNTS`. */
const KNOWN = 4;
/** Where an interface's size is not known, Ethernet's. */
const USUAL_MTU = 1_500;
