// A small stage for the detectors' tests: ends by short names, packets by one line each. Not a capture: times are given.

import {
  AddressTable,
  HOUR,
  type Instant,
  newObservation,
  type Observation,
  PROTOCOL,
  parseMac,
  SECOND,
  TCP,
} from '#model';
import { Detectors, type DetectorsOptions } from './detectors.ts';
import type { Finding } from './finding.ts';

export const START: Instant = 1_700_000_000 * SECOND;

/** Elements of the stage; every other address is a stranger or a guest. */
const ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['10.0.0.5', 'camera'],
  ['10.0.0.6', 'sensor'],
  ['10.0.0.7', 'plc'],
  ['10.0.0.8', 'scada'],
  ['10.0.0.9', 'printer'],
]);

export interface Try {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol?: number;
  readonly mac?: string;
  /** What comes back: an answer, a reset, nothing; or nothing since it was denied. */
  readonly outcome?: 'answer' | 'reset' | 'none' | 'denied';
}

export class Stage {
  readonly addresses = new AddressTable();
  readonly detectors: Detectors;
  now: Instant = START;
  readonly found: Finding[] = [];

  constructor(options: Partial<DetectorsOptions> = {}) {
    const { addresses } = this;
    this.detectors = new Detectors({
      addresses,
      elementOf: (address) => ELEMENTS.get(addresses.text(address)) ?? null,
      ...options,
    });
    this.detectors.advance(this.now);
  }

  /** Time passes in steps of at most a minute, as an agent's timer does. */
  pass(micros: number, step = 60 * SECOND): this {
    const end = this.now + micros;
    while (this.now < end) {
      this.now = Math.min(end, this.now + step);
      this.detectors.advance(this.now);
    }
    this.#take();
    return this;
  }

  /** One conversation's opening and what came back; a tenth of a second passes. */
  try({ from, to, port, protocol = PROTOCOL.tcp, mac, outcome = 'answer' }: Try): this {
    const isTcp = protocol === PROTOCOL.tcp;
    const forth = this.packet(from, to, {
      protocol,
      sourcePort: 40_000,
      destinationPort: port,
      tcpFlags: isTcp ? TCP.syn : -1,
    });
    forth.sourceMac = mac === undefined ? -1 : (parseMac(mac) ?? -1);
    this.detectors.packet(forth);
    this.detectors.opening(forth, outcome !== 'denied');
    this.now += SECOND / 20;
    const flags = outcome === 'reset' ? TCP.rst | TCP.ack : TCP.syn | TCP.ack;
    const back = { protocol, sourcePort: port, destinationPort: 40_000, tcpFlags: isTcp ? flags : -1 };
    if (outcome === 'answer' || outcome === 'reset') this.detectors.packet(this.packet(to, from, back));
    this.now += SECOND / 20;
    this.#take();
    return this;
  }

  /** One packet that opens nothing. */
  say(from: string, to = '10.0.0.1'): this {
    this.detectors.packet(this.packet(from, to, { protocol: PROTOCOL.udp, sourcePort: 9, destinationPort: 9 }));
    this.#take();
    return this;
  }

  packet(from: string, to: string, fields: Partial<Observation>): Observation {
    const { addresses, now } = this;
    const ends = { source: addresses.intern(from), destination: addresses.intern(to) };
    return { ...newObservation(), at: now, ...ends, bytes: 60, packetSize: 60, ...fields };
  }

  claim(address: string, mac: string): this {
    this.detectors.neighbour({ at: this.now, address: this.addresses.intern(address), mac: parseMac(mac) ?? -1 });
    this.#take();
    return this;
  }

  /** Kinds and subjects found so far, one a case. */
  get cases(): readonly string[] {
    return [...new Set(this.found.map(({ kind, subject }) => `${kind} ${subject}`))];
  }

  #take(): void {
    this.found.push(...this.detectors.take());
  }
}

/** Learning ended long ago: an hour is enough for a test. */
export const SHORT = { learningMicros: HOUR } as const;
