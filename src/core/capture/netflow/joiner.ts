// Joins the records of the two directions of a conversation to one flow whose source began it. A record waits a bounded while for its twin.

import { type Instant, MINUTE, PROTOCOL, SECOND, TCP } from '#model';
import { type Order, sourceBegan } from './began.ts';
import { type FlowRecord, isTold, turnedRound } from './flow.ts';
import type { ExportTally } from './tally.ts';

/** Records that wait for their twin. When full, the one that waited longest goes on alone. */
const HELD_MAX = 65_536;
/** Exporters send both directions within seconds; a device that meters each on its own ends both after the same quiet time, 15 s as a rule. */
const HELD_TIME = MINUTE;
/** Two directions are one conversation when their times overlap; clocks are rounded to a second at worst. */
const SLACK = SECOND;
/** Conversations whose beginning is remembered, so that later pieces of long ones are not turned round. */
const REMEMBERED_MAX = 65_536;
/** A piece that begins later than this is a new conversation; the longest quiet that TCP sessions live through (RFC 5382). */
const REMEMBERED_TIME = 7_440 * SECOND;

interface Held {
  readonly record: FlowRecord;
  readonly since: Instant;
}

interface Remembered {
  /** Key of the direction that began. */
  readonly began: string;
  ends: Instant;
}

export class Joiner {
  readonly #give: (flow: FlowRecord) => void;
  readonly #held = new Map<string, Held>();
  readonly #remembered = new Map<string, Remembered>();
  /** Side of the device that meters each direction: what the other side says of the same packets is not counted again. */
  readonly #sides = new Map<string, number>();
  readonly #tally: ExportTally;

  constructor(give: (flow: FlowRecord) => void, tally: ExportTally) {
    this.#give = give;
    this.#tally = tally;
  }

  /** Takes a record; `now` is the latest instant known, and decides how long others have waited. */
  add(record: FlowRecord, now: Instant): void {
    this.passTime(now);
    if (isTold(record.received)) {
      this.#finish(record, orderOf(record, record));
      return;
    }
    const key = keyOf(record);
    if (this.#isMeteredTwice(key, record.direction)) {
      this.#tally.meteredTwice++;
      return;
    }
    const back = backKeyOf(record);
    const twin = this.#held.get(back)?.record;
    if (twin !== undefined && doOverlap(twin, record)) {
      this.#held.delete(back);
      this.#finish(joined(twin, record), orderOf(twin, record));
      return;
    }
    this.#hold(key, { record, since: now });
  }

  /** Gives on what waited too long. */
  passTime(now: Instant): void {
    for (const [key, { record, since }] of this.#held) {
      if (this.#held.size <= HELD_MAX && now - since < HELD_TIME) return;
      this.#held.delete(key);
      this.#alone(record);
    }
  }

  /** Gives on everything that still waits. */
  end(): void {
    for (const { record } of this.#held.values()) this.#alone(record);
    this.#held.clear();
  }

  #hold(key: string, held: Held): void {
    const earlier = this.#held.get(key);
    this.#held.delete(key);
    if (earlier !== undefined) this.#alone(earlier.record);
    this.#held.set(key, held);
  }

  /** Of a conversation of which one side alone was exported: who speaks in TCP may well be the one that answers. */
  #alone(record: FlowRecord): void {
    this.#finish(record, record.protocol === PROTOCOL.tcp ? 0 : 1);
  }

  #finish(record: FlowRecord, order: Order): void {
    const hasBegun = this.#remembers(record) ?? sourceBegan(record, order);
    const flow = hasBegun ? record : turnedRound(record);
    flow.began = 1;
    this.#remember(flow);
    this.#give(flow);
  }

  /** Whether the source began, where an earlier piece of the same conversation told; a SYN begins anew. */
  #remembers(record: FlowRecord): boolean | null {
    if (record.began !== 0 || hasSyn(record)) return null;
    const key = keyOf(record);
    const back = backKeyOf(record);
    const known = this.#remembered.get(pairKey(key, back));
    if (known === undefined || record.at - known.ends > REMEMBERED_TIME) return null;
    return known.began === key;
  }

  #remember(flow: FlowRecord): void {
    const key = keyOf(flow);
    const back = backKeyOf(flow);
    const both = pairKey(key, back);
    this.#remembered.delete(both);
    put(this.#remembered, both, { began: key, ends: flow.ends });
  }

  #isMeteredTwice(key: string, direction: number): boolean {
    if (direction < 0) return false;
    const side = this.#sides.get(key) ?? direction;
    this.#sides.delete(key);
    put(this.#sides, key, side);
    return side !== direction;
  }
}

/** Puts an entry last; when there are too many, the first is forgotten. */
function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  const [first] = map.keys();
  if (map.size >= REMEMBERED_MAX && first !== undefined) map.delete(first);
  map.set(key, value);
}

/** ICMP has no ports: its conversations are told apart by the addresses alone, as packets' are. */
function keyOf({ exporter, protocol, source, sourcePort, destination, destinationPort }: FlowRecord): string {
  return `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort} ${exporter}`;
}

function backKeyOf({ exporter, protocol, source, sourcePort, destination, destinationPort }: FlowRecord): string {
  return `${protocol} ${destination} ${destinationPort} ${source} ${sourcePort} ${exporter}`;
}

/** The same for both directions. */
function pairKey(key: string, back: string): string {
  return [key, back].sort().join();
}

function doOverlap(a: FlowRecord, b: FlowRecord): boolean {
  return a.at <= b.ends + SLACK && b.at <= a.ends + SLACK;
}

function hasSyn({ protocol, sent, received }: FlowRecord): boolean {
  const flags = Math.max(0, sent.flags) | Math.max(0, received.flags);
  return protocol === PROTOCOL.tcp && (flags & TCP.syn) !== 0;
}

/** Which of two records, the second turned against the first, began earlier. */
function orderOf(a: FlowRecord, b: FlowRecord): Order {
  if (a.at === b.at) return 0;
  return a.at < b.at ? 1 : 2;
}

/** One flow of two records that go against each other, seen from the first. */
function joined(first: FlowRecord, second: FlowRecord): FlowRecord {
  return {
    ...first,
    received: second.sent,
    at: Math.min(first.at, second.at),
    ends: Math.max(first.ends, second.ends),
    sourceMac: first.sourceMac >= 0 ? first.sourceMac : second.destinationMac,
    destinationMac: first.destinationMac >= 0 ? first.destinationMac : second.sourceMac,
    vlan: first.vlan >= 0 ? first.vlan : second.vlan,
    began: first.began !== 0 ? first.began : turnedRound(second).began,
    sampledOneIn: Math.max(first.sampledOneIn, second.sampledOneIn),
    isRefused: first.isRefused || second.isRefused,
  };
}
