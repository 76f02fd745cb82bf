// Which packets carry addresses that the kernel changes on the way, and what the true ones are. Fed by flows, asked for packets.
// Not connection tracking: it knows translated flows only, a bounded number of them.

import type { AddressId } from '#model';
import type { FlowEnds, FlowLine } from './flow-line.ts';

/** What becomes of a packet: the end that stands for the true one. */
export interface TrueEnd {
  readonly address: AddressId;
  readonly port: number;
}

/** Flows kept; the oldest is forgotten for a new one, and its packets are then told with the addresses they carry. */
const FLOWS_MAX = 65_536;
const PORTS = 65_537;
const PROTOCOLS = 256;

interface Entry {
  readonly keys: readonly Key[];
}

interface Key {
  readonly far: number;
  readonly near: number;
  readonly map: Map<number, Map<number, TrueEnd>>;
}

export class Translation {
  /** By the sender of an incoming packet, then by its destination: the true destination. */
  readonly #incoming = new Map<number, Map<number, TrueEnd>>();
  /** By the receiver of an outgoing packet, then by its source: the true source. */
  readonly #outgoing = new Map<number, Map<number, TrueEnd>>();
  readonly #entries = new Map<string, Entry>();

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Learns from a flow that began or goes on; one without translation forgets what its packets were taken for. */
  learn({ event, sent, answered }: FlowLine): void {
    const key = keyOf(answered, event.protocol);
    if (!event.isTranslated) {
      if (this.#entries.size > 0) this.#forget(key);
      return;
    }
    if (event.kind === 'ended' || this.#entries.has(key)) return;
    if (this.#entries.size >= FLOWS_MAX) this.#forgetOldest();
    const { protocol } = event;
    const initiator = { address: sent.source, port: sent.sourcePort };
    const responder = { address: answered.source, port: answered.sourcePort };
    const asked = { address: sent.destination, port: sent.destinationPort };
    const shown = { address: answered.destination, port: answered.destinationPort };
    this.#entries.set(key, {
      keys: [
        put(this.#incoming, { far: initiator, near: asked, protocol, truth: responder }),
        put(this.#incoming, { far: responder, near: shown, protocol, truth: initiator }),
        put(this.#outgoing, { far: responder, near: shown, protocol, truth: initiator }),
        put(this.#outgoing, { far: initiator, near: asked, protocol, truth: responder }),
      ],
    });
  }

  /** The true destination of an incoming packet, or undefined where it is what it says. */
  destinationOf(ends: FlowEnds, protocol: number): TrueEnd | undefined {
    const near = this.#incoming.get(farKey(ends.source, ends.sourcePort));
    return near?.get(nearKey(ends.destination, ends.destinationPort, protocol));
  }

  /** The true source of an outgoing packet, or undefined where it is what it says. */
  sourceOf(ends: FlowEnds, protocol: number): TrueEnd | undefined {
    const near = this.#outgoing.get(farKey(ends.destination, ends.destinationPort));
    return near?.get(nearKey(ends.source, ends.sourcePort, protocol));
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#forget(key);
      return;
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    for (const { far, near, map } of entry.keys) {
      const inner = map.get(far);
      inner?.delete(near);
      if (inner?.size === 0) map.delete(far);
    }
  }
}

interface Put {
  readonly far: TrueEnd;
  readonly near: TrueEnd;
  readonly protocol: number;
  readonly truth: TrueEnd;
}

function put(map: Map<number, Map<number, TrueEnd>>, { far, near, protocol, truth }: Put): Key {
  const key = {
    far: farKey(far.address, far.port),
    near: nearKey(near.address, near.port, protocol),
    map,
  };
  const inner = map.get(key.far) ?? new Map<number, TrueEnd>();
  inner.set(key.near, truth);
  map.set(key.far, inner);
  return key;
}

/** Ports of -1 (ICMP) make a key of their own, so pings of two clients to one address through one translated address are taken for the last one's. */
function farKey(address: AddressId, port: number): number {
  return address * PORTS + port + 1;
}

function nearKey(address: AddressId, port: number, protocol: number): number {
  return (address * PORTS + port + 1) * PROTOCOLS + protocol;
}

function keyOf({ source, destination, sourcePort, destinationPort }: FlowEnds, protocol: number): string {
  return `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`;
}
