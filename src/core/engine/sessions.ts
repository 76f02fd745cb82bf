// The session table: open addressing over canonical 5-tuples, fixed records in typed arrays. Not what is done with a session.

import { type Instant, type Observation, PROTOCOL, SECOND } from '#model';

/** Default bound. When full an opening is denied with `too-many-connections`; nothing live is forgotten. */
const SESSIONS_MAX = 4_194_304;
const FIRST_SIZE = 1_024;
/** RFC 5382 for TCP; the others as docs/semantics.md says. */
const IDLE_TCP = 7_440 * SECOND;
const IDLE_UDP = 180 * SECOND;
const IDLE_ICMP = 30 * SECOND;
const IDLE_OTHER = 600 * SECOND;

export const NO_SESSION = -1;

function idleTime(protocol: number): number {
  if (protocol === PROTOCOL.tcp) return IDLE_TCP;
  if (protocol === PROTOCOL.udp) return IDLE_UDP;
  return protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6 ? IDLE_ICMP : IDLE_OTHER;
}

export class Sessions {
  readonly max: number;
  count = 0;
  /** Number that tells a session from earlier ones in the same record; 0 is free. */
  serial = new Float64Array(FIRST_SIZE);
  low = new Int32Array(FIRST_SIZE);
  high = new Int32Array(FIRST_SIZE);
  lowPort = new Int32Array(FIRST_SIZE);
  highPort = new Int32Array(FIRST_SIZE);
  protocol = new Int16Array(FIRST_SIZE);
  /** 1 where the lower end of the key began. */
  isLowInitiator = new Uint8Array(FIRST_SIZE);
  from = new Int32Array(FIRST_SIZE);
  to = new Int32Array(FIRST_SIZE);
  /** Port of the responder. */
  port = new Int32Array(FIRST_SIZE);
  /** Index in the engine's list of rules, -1 for none; service within the rule. */
  rule = new Int32Array(FIRST_SIZE);
  service = new Int32Array(FIRST_SIZE);
  /** First budget of the session's pair. */
  block = new Int32Array(FIRST_SIZE);
  /** Reasons and guardrail of an opening under no rule. */
  reasons = new Int32Array(FIRST_SIZE);
  guardrail = new Int32Array(FIRST_SIZE);
  isEnforced = new Uint8Array(FIRST_SIZE);
  /** 1 once the lifetime cut it. */
  isCut = new Uint8Array(FIRST_SIZE);
  /** 1 while the hours' closing was already told. */
  isClosed = new Uint8Array(FIRST_SIZE);
  /** 1 where it opened while its rule's hours were open, or its logon was on: only then a drain follows their end. */
  isInHours = new Uint8Array(FIRST_SIZE);
  isInLogon = new Uint8Array(FIRST_SIZE);
  /** Raised whenever timers set before no longer apply. */
  epoch = new Float64Array(FIRST_SIZE);
  opened = new Float64Array(FIRST_SIZE);
  lastSeen = new Float64Array(FIRST_SIZE);
  /** Instant at which a session without a rule is removed, else 0; and why, as an index of REASONS. */
  removal = new Float64Array(FIRST_SIZE);
  removalReason = new Uint8Array(FIRST_SIZE);
  #index = new Int32Array(FIRST_SIZE * 2);
  #free: number[] = [];
  #used = 0;
  #serials = 0;

  constructor(max = SESSIONS_MAX) {
    this.max = Math.max(1, Math.min(max, SESSIONS_MAX));
  }

  get isFull(): boolean {
    return this.count >= this.max;
  }

  /** Records in use or free: slots to walk over. */
  get extent(): number {
    return this.#used;
  }

  /** Slot of the packet's tuple, either direction, or `NO_SESSION`. */
  find(packet: Observation): number {
    const isLow = isSourceLow(packet);
    const low = isLow ? packet.source : packet.destination;
    const high = isLow ? packet.destination : packet.source;
    const lowPort = isLow ? packet.sourcePort : packet.destinationPort;
    const highPort = isLow ? packet.destinationPort : packet.sourcePort;
    const mask = this.#index.length - 1;
    let at = hashOf(mix(low, high), mix(highPort, lowPort), packet.protocol) & mask;
    for (;;) {
      const slot = (this.#index[at] ?? 0) - 1;
      if (slot < 0) return NO_SESSION;
      if (
        this.low[slot] === low &&
        this.high[slot] === high &&
        this.lowPort[slot] === lowPort &&
        this.highPort[slot] === highPort &&
        this.protocol[slot] === packet.protocol
      )
        return slot;
      at = (at + 1) & mask;
    }
  }

  /** A fresh record for the packet's tuple, or `NO_SESSION` when full. The tuple must not be there. */
  add(packet: Observation, isFromInitiator: boolean): number {
    if (this.isFull) return NO_SESSION;
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.serial.length) this.#grow();
    const isLow = isSourceLow(packet);
    this.serial[slot] = ++this.#serials;
    this.low[slot] = isLow ? packet.source : packet.destination;
    this.high[slot] = isLow ? packet.destination : packet.source;
    this.lowPort[slot] = isLow ? packet.sourcePort : packet.destinationPort;
    this.highPort[slot] = isLow ? packet.destinationPort : packet.sourcePort;
    this.protocol[slot] = packet.protocol;
    this.isLowInitiator[slot] = isLow === isFromInitiator ? 1 : 0;
    this.isCut[slot] = 0;
    this.removal[slot] = 0;
    this.count++;
    this.#insert(slot);
    return slot;
  }

  remove(slot: number): void {
    const mask = this.#index.length - 1;
    let hole = this.#home(slot) & mask;
    while ((this.#index[hole] ?? 0) !== slot + 1) hole = (hole + 1) & mask;
    let at = (hole + 1) & mask;
    while ((this.#index[at] ?? 0) !== 0) {
      const home = this.#home((this.#index[at] ?? 0) - 1) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.#index[hole] = this.#index[at] ?? 0;
        hole = at;
      }
      at = (at + 1) & mask;
    }
    this.#index[hole] = 0;
    this.serial[slot] = 0;
    this.#free.push(slot);
    this.count--;
  }

  isFromInitiator(slot: number, packet: Observation): boolean {
    return isSourceLow(packet) === (this.isLowInitiator[slot] === 1);
  }

  /** Instant from which the session is idle (8). */
  idlesOutAt(slot: number): Instant {
    return (this.lastSeen[slot] ?? 0) + idleTime(this.protocol[slot] ?? 0);
  }

  #home(slot: number): number {
    const addresses = mix(this.low[slot] ?? 0, this.high[slot] ?? 0);
    const ports = mix(this.highPort[slot] ?? 0, this.lowPort[slot] ?? 0);
    return hashOf(addresses, ports, this.protocol[slot] ?? 0);
  }

  #insert(slot: number): void {
    const mask = this.#index.length - 1;
    let at = this.#home(slot) & mask;
    while ((this.#index[at] ?? 0) !== 0) at = (at + 1) & mask;
    this.#index[at] = slot + 1;
  }

  #grow(): void {
    const size = this.serial.length * 2;
    this.serial = grown(this.serial, new Float64Array(size));
    this.low = grown(this.low, new Int32Array(size));
    this.high = grown(this.high, new Int32Array(size));
    this.lowPort = grown(this.lowPort, new Int32Array(size));
    this.highPort = grown(this.highPort, new Int32Array(size));
    this.protocol = grown(this.protocol, new Int16Array(size));
    this.isLowInitiator = grown(this.isLowInitiator, new Uint8Array(size));
    this.from = grown(this.from, new Int32Array(size));
    this.to = grown(this.to, new Int32Array(size));
    this.port = grown(this.port, new Int32Array(size));
    this.rule = grown(this.rule, new Int32Array(size));
    this.service = grown(this.service, new Int32Array(size));
    this.block = grown(this.block, new Int32Array(size));
    this.reasons = grown(this.reasons, new Int32Array(size));
    this.guardrail = grown(this.guardrail, new Int32Array(size));
    this.isEnforced = grown(this.isEnforced, new Uint8Array(size));
    this.isCut = grown(this.isCut, new Uint8Array(size));
    this.isClosed = grown(this.isClosed, new Uint8Array(size));
    this.isInHours = grown(this.isInHours, new Uint8Array(size));
    this.isInLogon = grown(this.isInLogon, new Uint8Array(size));
    this.epoch = grown(this.epoch, new Float64Array(size));
    this.opened = grown(this.opened, new Float64Array(size));
    this.lastSeen = grown(this.lastSeen, new Float64Array(size));
    this.removal = grown(this.removal, new Float64Array(size));
    this.removalReason = grown(this.removalReason, new Uint8Array(size));
    this.#index = new Int32Array(size * 2);
    for (let slot = 0; slot < this.#used; slot++)
      if ((this.serial[slot] ?? 0) > 0 && slot < size / 2) this.#insert(slot);
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

function isSourceLow(packet: Observation): boolean {
  if (packet.source !== packet.destination) return packet.source < packet.destination;
  return packet.sourcePort <= packet.destinationPort;
}

/** Murmur3's finisher over what `mix` made of the addresses and of the ports, and the protocol. All in 32 bits, so that no number is allocated. */
function hashOf(addresses: number, ports: number, protocol: number): number {
  let hash = Math.imul(addresses ^ protocol, 0x9e3779b1) ^ ports;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(one: number, other: number): number {
  return Math.imul(one, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b);
}
