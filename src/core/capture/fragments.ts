// Remembers the ports of first fragments, so that policy can judge the later ones. A fixed table; not reassembly.

import type { AddressId, Instant } from '#model';

const SETS = 2_048;
const WAYS = 4;
const SLOTS = SETS * WAYS;

/** RFC 8200 gives a datagram 60 seconds to arrive whole. */
const LIFETIME_MICROS = 60_000_000;

/** Names one datagram. Reused by the caller. */
export interface DatagramKey {
  source: AddressId;
  destination: AddressId;
  protocol: number;
  id: number;
}

/** When full, the oldest of the four slots of a set goes: its later fragments then have no ports, which permits less. */
export class FragmentPorts {
  readonly #source = new Int32Array(SLOTS).fill(-1);
  readonly #destination = new Int32Array(SLOTS);
  readonly #protocol = new Uint8Array(SLOTS);
  readonly #id = new Uint32Array(SLOTS);
  readonly #at = new Float64Array(SLOTS);
  readonly #sourcePort = new Uint16Array(SLOTS);
  readonly #destinationPort = new Uint16Array(SLOTS);

  remember(
    key: DatagramKey,
    at: Instant,
    ports: { readonly sourcePort: number; readonly destinationPort: number },
  ): void {
    const slot = this.#slotFor(key);
    this.#source[slot] = key.source;
    this.#destination[slot] = key.destination;
    this.#protocol[slot] = key.protocol;
    this.#id[slot] = key.id;
    this.#at[slot] = at;
    this.#sourcePort[slot] = ports.sourcePort;
    this.#destinationPort[slot] = ports.destinationPort;
  }

  /** The slot that holds the ports of this datagram at `at`, or -1. */
  find(key: DatagramKey, at: Instant): number {
    const first = setOf(key);
    for (let slot = first; slot < first + WAYS; slot++)
      if (this.#holds(slot, key)) return Math.abs(at - (this.#at[slot] ?? 0)) <= LIFETIME_MICROS ? slot : -1;
    return -1;
  }

  sourcePort(slot: number): number {
    return this.#sourcePort[slot] ?? -1;
  }

  destinationPort(slot: number): number {
    return this.#destinationPort[slot] ?? -1;
  }

  #slotFor(key: DatagramKey): number {
    const first = setOf(key);
    let oldest = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#holds(slot, key) || this.#source[slot] === -1) return slot;
      if ((this.#at[slot] ?? 0) < (this.#at[oldest] ?? 0)) oldest = slot;
    }
    return oldest;
  }

  #holds(slot: number, key: DatagramKey): boolean {
    return (
      this.#source[slot] === key.source &&
      this.#id[slot] === key.id &&
      this.#destination[slot] === key.destination &&
      this.#protocol[slot] === key.protocol
    );
  }
}

function setOf(key: DatagramKey): number {
  let hash = Math.imul(key.source, 0x9e3779b1) ^ Math.imul(key.destination, 0x85ebca6b);
  hash = Math.imul(hash ^ key.id ^ (key.protocol << 24), 0xc2b2ae35);
  return ((hash >>> 16) & (SETS - 1)) * WAYS;
}
