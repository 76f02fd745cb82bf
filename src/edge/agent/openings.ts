// Conversations begun since the start, one row for each pair of ends and service: what a change of the policy is rehearsed on. Not a flow record.

import {
  type AddressId,
  type Instant,
  type NameFact,
  newObservation,
  type Observation,
  PROTOCOL,
  TCP,
  type Verdict,
} from '#model';

/** Different conversations kept. The one that was begun longest ago goes when a new one comes. */
const OPENINGS_MAX = 16_384;
/** Answers of DNS kept, for rules that name names. The oldest goes. */
const BINDINGS_MAX = 8_192;

/** One conversation, as its initiator began it last. */
export interface Opening {
  readonly observation: Observation;
  count: number;
  first: Instant;
}

export interface Binding {
  readonly client: AddressId;
  readonly server: AddressId;
  readonly name: string;
  readonly at: Instant;
  readonly ttlSeconds: number;
}

export class Openings {
  /** In the order of their last beginning. */
  readonly #rows = new Map<string, Opening>();
  readonly #bindings = new Map<string, Binding>();
  #isCut = false;
  readonly since: Instant;

  constructor(since: Instant) {
    this.since = since;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** In the order of time. */
  get rows(): readonly Opening[] {
    return [...this.#rows.values()];
  }

  get bindings(): readonly Binding[] {
    return [...this.#bindings.values()];
  }

  /** Notes a packet that opened a conversation, or was denied to. */
  note(packet: Observation, verdict: Verdict): void {
    const isForward = verdict.isFromInitiator;
    const source = isForward ? packet.source : packet.destination;
    const destination = isForward ? packet.destination : packet.source;
    const port = isForward ? packet.destinationPort : packet.sourcePort;
    const key = `${source}>${destination}:${packet.protocol}/${port}`;
    const known = this.#rows.get(key);
    const row = known ?? { observation: newObservation(), count: 0, first: packet.at };
    row.count++;
    fill(row.observation, packet, isForward);
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size > OPENINGS_MAX) this.#isCut = dropFirst(this.#rows);
  }

  name(fact: NameFact): void {
    const key = `${fact.client}>${fact.address}:${fact.name}`;
    const { client, address: server, name, at, ttlSeconds } = fact;
    this.#bindings.delete(key);
    this.#bindings.set(key, { client, server, name, at, ttlSeconds });
    if (this.#bindings.size > BINDINGS_MAX) dropFirst(this.#bindings);
  }
}

/** As the initiator's opening packet, whichever packet was seen first. */
function fill(row: Observation, packet: Observation, isForward: boolean): void {
  row.at = packet.at;
  row.source = isForward ? packet.source : packet.destination;
  row.destination = isForward ? packet.destination : packet.source;
  row.sourceMac = isForward ? packet.sourceMac : packet.destinationMac;
  row.destinationMac = isForward ? packet.destinationMac : packet.sourceMac;
  row.protocol = packet.protocol;
  row.sourcePort = isForward ? packet.sourcePort : packet.destinationPort;
  row.destinationPort = isForward ? packet.destinationPort : packet.sourcePort;
  row.bytes = packet.bytes;
  row.packetSize = packet.packetSize;
  row.tcpFlags = packet.protocol === PROTOCOL.tcp ? TCP.syn : -1;
  row.initiator = 1;
  row.application = packet.application;
}

function dropFirst(rows: Map<string, unknown>): true {
  const [first] = rows.keys();
  if (first !== undefined) rows.delete(first);
  return true;
}
