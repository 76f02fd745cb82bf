// The detectors side by side: hands each fact to whom it concerns and keeps their clock. Decides nothing itself.

import {
  type AddressId,
  type AddressTable,
  type Instant,
  type Mac,
  type NameFact,
  type Observation,
  PROTOCOL,
} from '#model';
import { Beacons } from './beacons.ts';
import { ANSWER_WAIT, BLIND_AFTER, THRESHOLDS, type Thresholds } from './bounds.ts';
import { Cases } from './cases.ts';
import { Claims, type NeighbourClaim, type SpoofAttempt } from './claims.ts';
import { type Contact, Contacts, type Outcome } from './contacts.ts';
import { Edges } from './edges.ts';
import { type End, Ends, isToGroup } from './ends.ts';
import type { Finding } from './finding.ts';
import { type RhythmMemory, Rhythms } from './rhythms.ts';
import { Scans } from './scans.ts';

/** What was learned, as plain data to be kept over a restart. */
export interface DetectorsMemory {
  /** How long was learned so far, in microseconds. */
  readonly learnedMicros: number;
  /** Initiators and whom they talked with, by name. */
  readonly edges: readonly (readonly [string, readonly string[]])[];
  readonly rhythms: readonly RhythmMemory[];
}

export interface DetectorsOptions {
  readonly addresses: AddressTable;
  /** The element of an end, by id; asked once per address and hardware address until `renamed()`. */
  readonly elementOf: (address: AddressId, mac: Mac) => string | null;
  readonly thresholds?: Partial<Thresholds>;
  /** Hardware addresses that answer for others by right: routers, this gateway itself. */
  readonly proxies?: ReadonlySet<Mac>;
  readonly memory?: DetectorsMemory;
}

/** What was not looked at because a table was full. */
export interface DetectorLosses {
  readonly contacts: number;
  readonly sources: number;
  readonly edges: number;
  readonly rhythms: number;
  readonly findings: number;
}

export class Detectors {
  readonly #thresholds: Thresholds;
  readonly #cases = new Cases();
  readonly #ends: Ends;
  readonly #contacts: Contacts;
  readonly #claims: Claims;
  readonly #scans: Scans;
  readonly #edges: Edges;
  readonly #rhythms: Rhythms;
  readonly #beacons: Beacons;
  #learnedMicros: number;
  #now: Instant = -1;

  constructor({ addresses, elementOf, thresholds, proxies, memory }: DetectorsOptions) {
    this.#thresholds = { ...THRESHOLDS, ...thresholds };
    this.#learnedMicros = memory?.learnedMicros ?? 0;
    const shared = { ends: new Ends(addresses, elementOf), cases: this.#cases, thresholds: this.#thresholds };
    this.#ends = shared.ends;
    this.#contacts = new Contacts({ concluded: (contact, outcome) => this.#concluded(contact, outcome) });
    this.#claims = new Claims({ ...shared, addresses, proxies: proxies ?? new Set() });
    this.#scans = new Scans({ ...shared, macOf: (address) => this.#claims.macOf(address) });
    this.#edges = new Edges(this.#cases, memory?.edges ?? []);
    this.#rhythms = new Rhythms(this.#cases, this.#thresholds, memory?.rhythms ?? []);
    this.#beacons = new Beacons(this.#cases);
  }

  /** Every packet (or flow record): who is alive, and which first contact was answered. Two look-ups a packet, nothing is made. */
  packet(observation: Observation): void {
    this.#tick(observation.at);
    const end = this.#ends.end(observation.source, observation.sourceMac);
    end.heardAt = observation.at;
    this.#rhythms.heard(end, observation.at);
    if (this.#contacts.pending > 0) this.#contacts.answer(observation);
  }

  /** A packet that opened a conversation, after `packet` was told of it; `isAdmitted` is whether it was let through. */
  opening(observation: Observation, isAdmitted: boolean): void {
    const to = this.#ends.end(observation.destination, observation.destinationMac);
    if (isToGroup(to, observation) || isLikelyError(observation, to)) return;
    this.#contacts.begin(observation, isAdmitted);
    if (!isAdmitted || to.isInside || this.#isLearning) return;
    const { source, destination, protocol, destinationPort: port, at } = observation;
    const from = this.#ends.end(source, observation.sourceMac);
    if (from.isInside && !this.#ends.isNamed(source, destination)) this.#beacons.call({ from, to, protocol, port, at });
  }

  name(fact: NameFact): void {
    this.#ends.name(fact);
  }

  /** A host said that it has an address. */
  neighbour(claim: NeighbourClaim): void {
    this.#tick(claim.at);
    this.#claims.claim(claim);
  }

  /** A bridge port refused a packet in another's name. */
  spoof(attempt: SpoofAttempt): void {
    this.#tick(attempt.at);
    this.#claims.attempt(attempt);
  }

  /** Time passes; call it every second or so. Contacts time out and silences are told here. */
  advance(now: Instant): void {
    this.#tick(now);
    this.#contacts.advance(now);
    if (!this.#isLearning) this.#rhythms.advance(now);
  }

  /** Observation had a gap until `now` (an observer restarted): no silence and no failed contact is concluded from it. */
  blind(now: Instant): void {
    this.#contacts.forget();
    this.#rhythms.blind(now);
    this.#now = now;
  }

  /** Elements were named anew. */
  renamed(): void {
    this.#ends.forget();
  }

  /** Findings since the last call, oldest first. */
  take(): readonly Finding[] {
    return this.#cases.take();
  }

  remember(): DetectorsMemory {
    return { learnedMicros: this.#learnedMicros, edges: this.#edges.remember(), rhythms: this.#rhythms.remember() };
  }

  get losses(): DetectorLosses {
    return {
      contacts: this.#contacts.unjudged,
      sources: this.#scans.forgotten,
      edges: this.#edges.unjudged,
      rhythms: this.#rhythms.ignored,
      findings: this.#cases.dropped,
    };
  }

  get #isLearning(): boolean {
    return this.#learnedMicros < this.#thresholds.learningMicros;
  }

  #concluded(contact: Contact, outcome: Outcome): void {
    this.#scans.conclude(contact, outcome);
    const isOneWay = outcome === 'unanswered' && contact.protocol === PROTOCOL.udp && !this.#scans.isSuspect(contact);
    if (outcome !== 'answered' && !isOneWay) return;
    const from = this.#ends.end(contact.source, contact.sourceMac);
    const to = this.#ends.end(contact.destination, contact.destinationMac);
    this.#edges.meet(contact, { from, to, isLearning: this.#isLearning });
  }

  /** Time that nobody accounted for, forwards or back, is time in which nobody looked. */
  #tick(at: Instant): void {
    const passed = at - this.#now;
    if (this.#now < 0) this.#now = at;
    else if (passed > BLIND_AFTER || passed < -BLIND_AFTER) this.blind(at);
    else if (passed > 0) {
      this.#learnedMicros += passed;
      this.#now = at;
    }
  }
}

/** ICMP to an end that was just heard is as a rule an error about what it sent, which nobody answers. Observations do not tell the type. */
function isLikelyError({ protocol, at }: Observation, to: End): boolean {
  if (protocol !== PROTOCOL.icmp && protocol !== PROTOCOL.icmpv6) return false;
  return at - to.heardAt < ANSWER_WAIT;
}
