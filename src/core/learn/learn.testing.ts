// Hand-made traffic for the learner's tests: conversations told in one line each. Not a capture.

import {
  type AddressTable,
  type Instant,
  type Mac,
  type NameFact,
  newObservation,
  type Observation,
  PROTOCOL,
  parseMac,
  SECOND,
  TCP,
} from '#model';
import type { Learner } from './learner.ts';

export const ROUTER_MAC = '02:00:00:00:00:01';

export interface Talk {
  readonly at: Instant;
  readonly from: string;
  readonly fromMac?: string;
  readonly to: string;
  readonly toMac?: string;
  readonly protocol?: number;
  readonly port: number;
  readonly fromPort?: number;
  readonly sizes?: readonly number[];
  readonly answers?: readonly number[];
  readonly more?: Partial<Observation>;
}

/** Tells a learner of made-up traffic. */
export class Teller {
  readonly #addresses: AddressTable;
  readonly #learner: Learner;
  #port = 40_000;

  constructor(addresses: AddressTable, learner: Learner) {
    this.#addresses = addresses;
    this.#learner = learner;
  }

  /** One conversation: the initiator's packets, then the answers, a millisecond apart. */
  talk(talk: Talk): void {
    const { protocol = PROTOCOL.udp, sizes = [100], answers = [200] } = talk;
    const fromPort = talk.fromPort ?? this.#nextPort();
    let at = talk.at;
    for (const [index, packetSize] of sizes.entries()) {
      const tcpFlags = protocol === PROTOCOL.tcp ? (index === 0 ? TCP.syn : TCP.ack) : -1;
      this.#packet({ ...talk, at: at++, protocol, fromPort }, { packetSize, tcpFlags });
    }
    for (const packetSize of answers) {
      const tcpFlags = protocol === PROTOCOL.tcp ? TCP.ack | TCP.psh : -1;
      this.#packet(turned({ ...talk, at: at++, protocol, fromPort }), { packetSize, tcpFlags });
    }
  }

  #nextPort(): number {
    this.#port = this.#port >= 60_000 ? 40_000 : this.#port + 1;
    return this.#port;
  }

  #packet(talk: Talk, { packetSize, tcpFlags }: { readonly packetSize: number; readonly tcpFlags: number }): void {
    const hasPorts = talk.protocol === PROTOCOL.tcp || talk.protocol === PROTOCOL.udp;
    this.#learner.observe({
      ...newObservation(),
      at: talk.at,
      source: this.#addresses.intern(talk.from),
      destination: this.#addresses.intern(talk.to),
      sourceMac: macOf(talk.fromMac),
      destinationMac: macOf(talk.toMac),
      protocol: talk.protocol ?? PROTOCOL.udp,
      sourcePort: hasPorts ? (talk.fromPort ?? -1) : -1,
      destinationPort: hasPorts ? talk.port : -1,
      bytes: packetSize,
      packetSize,
      tcpFlags,
      ...talk.more,
    });
  }

  /** The client was given `address` for `name`. */
  answer(fact: {
    readonly at: Instant;
    readonly client: string;
    readonly name: string;
    readonly address: string;
  }): void {
    this.#learner.name(
      this.#fact({ kind: 'dns-answer', at: fact.at, name: fact.name }, { client: fact.client, address: fact.address }),
    );
  }

  hostName(fact: { readonly at: Instant; readonly mac: string; readonly name: string }): void {
    const plain = this.#fact({ kind: 'dhcp-host', at: fact.at, name: fact.name }, { client: '0.0.0.0', address: null });
    this.#learner.name({ ...plain, clientMac: macOf(fact.mac), port: 67 });
  }

  #fact(
    about: Pick<NameFact, 'kind' | 'at' | 'name'>,
    { client, address }: { readonly client: string; readonly address: string | null },
  ): NameFact {
    return {
      ...about,
      client: this.#addresses.intern(client),
      server: this.#addresses.intern('10.0.0.1'),
      clientMac: -1,
      port: 53,
      value: address ?? '',
      address: address === null ? -1 : this.#addresses.intern(address),
      ttlSeconds: 60,
    };
  }
}

function macOf(text: string | undefined): Mac {
  return text === undefined ? -1 : (parseMac(text) ?? -1);
}

function turned(talk: Talk): Talk {
  const { from, fromMac, to, toMac, port, fromPort = -1 } = talk;
  return {
    ...talk,
    from: to,
    to: from,
    port: fromPort,
    fromPort: port,
    ...(toMac === undefined ? { fromMac: '' } : { fromMac: toMac }),
    ...(fromMac === undefined ? { toMac: '' } : { toMac: fromMac }),
  };
}

/** 2026-03-02T00:00:00Z, a Monday. */
export const MONDAY: Instant = 1_772_409_600 * SECOND;
