// The session table: one record of 32 bytes a session in a row, found by canonical 5-tuple through a directory. Not what is done with a session.

import { type Instant, type Observation, PROTOCOL, SECOND } from '#model';
import { Directory, NOT_FOUND, RECORDS_MAX } from './directory.ts';
import { grownWords, multipliers, nextSize, words } from './memory.ts';

/** Default bound. When full, those that are idle are removed; if none is, an opening is denied with `too-many-connections`. Nothing live is forgotten. */
const SESSIONS_MAX = 4_194_304;
const FIRST_SIZE = 1_024;
/** RFC 5382 for TCP; the others as docs/semantics.md says. */
const IDLE_TCP = 7_440 * SECOND;
const IDLE_UDP = 180 * SECOND;
const IDLE_ICMP = 30 * SECOND;
const IDLE_OTHER = 600 * SECOND;
/** Records looked at for idle ones by each opening: the whole table is swept while a quarter of it opens. */
export const SWEPT_AT_ONCE = 4;
const KEY_WORDS = 4;

export const NO_SESSION = NOT_FOUND;

/** Words of a record, and the bits of two of them. Instants have 53 bits: 32 in `seen` and `opened`, 21 below the bits of `kind` and `flags`. */
export const SESSION_WIDTH = 8;
export const SESSION = {
  low: 0,
  high: 1,
  ports: 2,
  bond: 3,
  seen: 4,
  opened: 5,
  kind: 6,
  flags: 7,
  highMask: 0x1fffff,
  /** In `kind`: the protocol's eight bits, whether the lower and the higher end have no port, whether the lower end began. */
  protocolShift: 24,
  keyShift: 22,
  lowBeganShift: 21,
  lowBegan: 1 << 21,
  /** In `flags`: four bits of generation, then what follows. */
  generationShift: 28,
  /** The lower and the higher end of TCP said that they send no more; both where the connection is closed. */
  isLowDone: 1 << 27,
  isHighDone: 1 << 21,
  isLive: 1 << 26,
  isCut: 1 << 25,
  isInHours: 1 << 24,
  isInLogon: 1 << 23,
  hasIdleTimer: 1 << 22,
} as const;
const WIDTH = SESSION_WIDTH;
const AT = SESSION;
const TWO_32 = 2 ** 32;

/** Idle time by protocol number. */
export const IDLE_TIMES = Float64Array.from({ length: 256 }, (_, protocol) => idleTime(protocol));

function idleTime(protocol: number): number {
  if (protocol === PROTOCOL.tcp) return IDLE_TCP;
  if (protocol === PROTOCOL.udp) return IDLE_UDP;
  return protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6 ? IDLE_ICMP : IDLE_OTHER;
}

/** The tuple of a packet whose direction is forgotten. */
export interface TupleOf {
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
}

export class Sessions {
  readonly max: number;
  count = 0;
  words = words(FIRST_SIZE * WIDTH);
  readonly directory: Directory;
  /** Raised by every addition and removal: places found before may have changed. */
  changes = 0;
  /** Secret multipliers of the hash. */
  readonly by: readonly [number, number, number, number];
  /** The key looked for: four words of an array from a place on. */
  #asked: Int32Array = new Int32Array(KEY_WORDS);
  #askedAt = 0;
  readonly #isAsked = (slot: number): boolean => this.#hasKey(slot);
  #size = FIRST_SIZE;
  #free = -1;
  #used = 0;
  #swept = 0;
  /** Before this instant no session of a full table is idle. */
  #idleFrom: Instant = Number.NEGATIVE_INFINITY;

  constructor(max = SESSIONS_MAX, seed = 0) {
    this.max = Math.max(1, Math.min(max, RECORDS_MAX));
    this.by = multipliers(seed);
    this.directory = new Directory((slot) => this.#hashOfSlot(slot));
  }

  get isFull(): boolean {
    return this.count >= this.max;
  }

  /** Records in use or free: slots to walk over. */
  get extent(): number {
    return this.#used;
  }

  hashOf(packet: TupleOf): number {
    const isLow = isSourceLow(packet);
    const low = isLow ? packet.source : packet.destination;
    const high = isLow ? packet.destination : packet.source;
    return hashed(this.by, { low, high, ports: portsOf(packet, isLow), key: keyOf(packet, isLow) });
  }

  /** Slot of a canonical key (four words from `at` on) by its hash, or `NO_SESSION`. */
  findKey(hash: number, keys: Int32Array, at: number): number {
    this.#asked = keys;
    this.#askedAt = at;
    return this.directory.find(hash, this.#isAsked);
  }

  /** A fresh record for the packet's tuple at `now`, or `NO_SESSION` when full. The tuple must not be there. */
  add(packet: Observation, isFromInitiator: boolean, now: Instant): number {
    const slot = this.isFull ? NO_SESSION : this.#freeSlot();
    if (slot === NO_SESSION) return slot;
    const isLow = isSourceLow(packet);
    const at = slot * WIDTH;
    const generation = ((this.words[at + AT.flags] ?? 0) >>> AT.generationShift) + 1;
    this.words[at + AT.low] = isLow ? packet.source : packet.destination;
    this.words[at + AT.high] = isLow ? packet.destination : packet.source;
    this.words[at + AT.ports] = portsOf(packet, isLow);
    this.words[at + AT.kind] = (keyOf(packet, isLow) << AT.keyShift) | (isLow === isFromInitiator ? AT.lowBegan : 0);
    this.words[at + AT.flags] = (generation << AT.generationShift) | AT.isLive;
    this.#set(at, AT.opened, now);
    this.see(slot, now);
    if (!this.directory.insert(this.#hashOfSlot(slot), slot)) {
      this.#release(slot);
      return NO_SESSION;
    }
    this.count++;
    this.changes++;
    return slot;
  }

  remove(slot: number): void {
    this.directory.remove(this.#hashOfSlot(slot), slot);
    this.#release(slot);
    this.count--;
    this.changes++;
  }

  /** Slots of live sessions whose bond is marked. */
  under(marks: Uint8Array): number[] {
    const { words: table } = this;
    const slots: number[] = [];
    for (let slot = 0; slot < this.#used; slot++) {
      const at = slot * WIDTH;
      if (marks[table[at + AT.bond] ?? 0] === 1 && ((table[at + AT.flags] ?? 0) & AT.isLive) !== 0) slots.push(slot);
    }
    return slots;
  }

  isLive(slot: number): boolean {
    return this.#has(slot, AT.isLive);
  }

  bond(slot: number): number {
    return this.words[slot * WIDTH + AT.bond] ?? 0;
  }

  setBond(slot: number, bond: number): void {
    this.words[slot * WIDTH + AT.bond] = bond;
  }

  protocol(slot: number): number {
    return (this.words[slot * WIDTH + AT.kind] ?? 0) >>> AT.protocolShift;
  }

  opened(slot: number): Instant {
    const at = slot * WIDTH;
    return ((this.words[at + AT.flags] ?? 0) & AT.highMask) * TWO_32 + ((this.words[at + AT.opened] ?? 0) >>> 0);
  }

  lastSeen(slot: number): Instant {
    const at = slot * WIDTH;
    return ((this.words[at + AT.kind] ?? 0) & AT.highMask) * TWO_32 + ((this.words[at + AT.seen] ?? 0) >>> 0);
  }

  see(slot: number, now: Instant): void {
    this.#set(slot * WIDTH, AT.seen, now);
  }

  /** Tells timers of this record from those set before they no longer applied. Few bits: who finds its own again looks twice. */
  generation(slot: number): number {
    return (this.words[slot * WIDTH + AT.flags] ?? 0) >>> AT.generationShift;
  }

  raise(slot: number): void {
    const at = slot * WIDTH + AT.flags;
    this.words[at] = ((this.words[at] ?? 0) + (1 << AT.generationShift)) & ~AT.hasIdleTimer;
  }

  /** Closed for good by its lifetime. */
  isCut(slot: number): boolean {
    return this.#has(slot, AT.isCut);
  }

  cut(slot: number): void {
    this.#mark(slot, AT.isCut, true);
  }

  /** A TCP connection that both ends ended, or one of them broke off: it counts as open no more, and lives on until it idles out (8). */
  isClosed(slot: number): boolean {
    return this.#has(slot, AT.isLowDone) && this.#has(slot, AT.isHighDone);
  }

  /** The sender of a packet sends no more, or nobody does. */
  noteDone(slot: number, packet: TupleOf, isBrokenOff: boolean): void {
    const isLow = isSourceLow(packet);
    if (isLow || isBrokenOff) this.#mark(slot, AT.isLowDone, true);
    if (!isLow || isBrokenOff) this.#mark(slot, AT.isHighDone, true);
  }

  /** Whether it opened while its rule's hours were open, or its logon was on: only then a drain follows their end. */
  isInHours(slot: number): boolean {
    return this.#has(slot, AT.isInHours);
  }

  isInLogon(slot: number): boolean {
    return this.#has(slot, AT.isInLogon);
  }

  noteOpening(slot: number, was: { isInHours: boolean; isInLogon: boolean }): void {
    this.#mark(slot, AT.isInHours, was.isInHours);
    this.#mark(slot, AT.isInLogon, was.isInLogon);
  }

  hasIdleTimer(slot: number): boolean {
    return this.#has(slot, AT.hasIdleTimer);
  }

  noteIdleTimer(slot: number): void {
    this.#mark(slot, AT.hasIdleTimer, true);
  }

  isFromInitiator(slot: number, packet: TupleOf): boolean {
    return isSourceLow(packet) === (((this.words[slot * WIDTH + AT.kind] ?? 0) & AT.lowBegan) !== 0);
  }

  /** Instant from which the session is idle (8). */
  idlesOutAt(slot: number): Instant {
    return this.lastSeen(slot) + (IDLE_TIMES[this.protocol(slot)] ?? IDLE_OTHER);
  }

  /** The next slot in turn, for whoever looks for idle sessions; `NO_SESSION` where it is free. */
  nextSwept(): number {
    this.#swept = this.#swept + 1 >= this.#used ? 0 : this.#swept + 1;
    return this.isLive(this.#swept) ? this.#swept : NO_SESSION;
  }

  /** Whether a look through the full table could find an idle session at `now`; remembers until when it can not. */
  mayHaveIdle(now: Instant): boolean {
    if (now < this.#idleFrom) return false;
    this.#idleFrom = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < this.#used; slot++)
      if (this.isLive(slot)) this.#idleFrom = Math.min(this.#idleFrom, this.idlesOutAt(slot));
    return this.#idleFrom <= now;
  }

  #has(slot: number, flag: number): boolean {
    return ((this.words[slot * WIDTH + AT.flags] ?? 0) & flag) !== 0;
  }

  #mark(slot: number, flag: number, is: boolean): void {
    const at = slot * WIDTH + AT.flags;
    const flags = this.words[at] ?? 0;
    this.words[at] = is ? flags | flag : flags & ~flag;
  }

  /** Instants before 1970 count as 1970. */
  #set(at: number, which: 4 | 5, instant: Instant): void {
    const held = Math.max(0, instant);
    const high = Math.floor(held / TWO_32);
    this.words[at + which] = held - high * TWO_32;
    this.words[at + which + 2] = ((this.words[at + which + 2] ?? 0) & ~AT.highMask) | high;
  }

  #hasKey(slot: number): boolean {
    const at = slot * WIDTH;
    const asked = this.#asked;
    const from = this.#askedAt;
    return (
      this.words[at] === asked[from] &&
      this.words[at + AT.high] === asked[from + 1] &&
      this.words[at + AT.ports] === asked[from + 2] &&
      (this.words[at + AT.kind] ?? 0) >>> AT.keyShift === asked[from + 3]
    );
  }

  #hashOfSlot(slot: number): number {
    const at = slot * WIDTH;
    return hashed(this.by, {
      low: this.words[at] ?? 0,
      high: this.words[at + AT.high] ?? 0,
      ports: this.words[at + AT.ports] ?? 0,
      key: (this.words[at + AT.kind] ?? 0) >>> AT.keyShift,
    });
  }

  /** Free records are a list through their first word. */
  #freeSlot(): number {
    const slot = this.#free;
    if (slot >= 0) {
      this.#free = this.words[slot * WIDTH] ?? -1;
      return slot;
    }
    if (this.#used >= this.#size && !this.#grow()) return NO_SESSION;
    return this.#used++;
  }

  #release(slot: number): void {
    const at = slot * WIDTH;
    this.words[at] = this.#free;
    this.words[at + AT.flags] = (this.words[at + AT.flags] ?? 0) & ~AT.isLive;
    this.#free = slot;
  }

  #grow(): boolean {
    const size = nextSize(this.#size, this.max);
    const larger = size > this.#size ? grownWords(this.words, size * WIDTH) : null;
    if (larger === null) return false;
    this.words = larger;
    this.#size = size;
    return true;
  }
}

export function isSourceLow(packet: TupleOf): boolean {
  if (packet.source !== packet.destination) return packet.source < packet.destination;
  return packet.sourcePort <= packet.destinationPort;
}

export function portsOf(packet: TupleOf, isLow: boolean): number {
  const { sourcePort, destinationPort } = packet;
  return isLow ? (sourcePort << 16) | (destinationPort & 0xffff) : (destinationPort << 16) | (sourcePort & 0xffff);
}

/** Protocol and which ends have no port, since a port of none looks like 65535 among the ports. */
export function keyOf(packet: TupleOf, isLow: boolean): number {
  const { sourcePort, destinationPort } = packet;
  const lowPort = isLow ? sourcePort : destinationPort;
  const highPort = isLow ? destinationPort : sourcePort;
  return ((packet.protocol & 0xff) << 2) | (lowPort < 0 ? 2 : 0) | (highPort < 0 ? 1 : 0);
}

/** Multilinear in secret odd numbers, so that colliding keys can not be chosen, then mixed so that every bit may index. */
function hashed(
  by: readonly [number, number, number, number],
  of: { low: number; high: number; ports: number; key: number },
): number {
  const [one, two, three, four] = by;
  return finished(
    Math.imul(of.low, one) + Math.imul(of.high, two) + Math.imul(of.ports, three) + Math.imul(of.key, four),
  );
}

export function finished(sum: number): number {
  const hash = sum | 0;
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
