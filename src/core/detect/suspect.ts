// What is kept of one source of first contacts: the sequential test's score, the failed targets, and how many there were. Judges nothing.

import type { AddressId, Instant, Mac } from '#model';
import { Bitmap } from './bitmap.ts';
import { FAILED_MAX, HIGH_PORT, SUSPICION_HALVES, SWEEP_TIME, WALK_STEP } from './bounds.ts';
import type { Contact, Outcome } from './contacts.ts';
import { fingerprint } from './recent-set.ts';
import { isInfrastructure } from './services.ts';

/** How the failed targets of a source lie. */
export interface Pattern {
  /** Most ports tried in vain at one host, and that host. */
  readonly ports: number;
  readonly host: AddressId;
  /** Most hosts of the house tried in vain at one service, most strangers, and most at one service of infrastructure. */
  readonly hosts: Row;
  readonly strangers: Row;
  readonly infrastructure: Row;
}

/** Hosts tried in vain at one service. */
export interface Row {
  readonly count: number;
  readonly protocol: number;
  readonly port: number;
}

interface Failed {
  readonly at: Instant;
  readonly host: AddressId;
  readonly protocol: number;
  readonly port: number;
  readonly group: 'hosts' | 'strangers' | 'infrastructure' | 'named';
}

export class Suspect {
  /** Hardware address of its packets, and whether it was always the same. */
  readonly mac: Mac;
  isMacSteady = true;
  first: Instant;
  last: Instant;
  /** Targets tried in vain; those beyond what is kept one by one count while the bitmaps tell them apart. */
  failures = 0;
  answers = 0;
  denied = 0;
  refused = 0;
  /** Made when there are more targets than are kept one by one, so that a flood of made-up sources costs little. */
  #many: { readonly hosts: Bitmap; readonly ports: Bitmap } | null = null;
  #score = 0;
  readonly #failed: Failed[] = [];
  #sweepBegan: Instant;
  #sweep: Bitmap | null = null;

  constructor(contact: Contact) {
    this.mac = contact.sourceMac;
    this.first = contact.at;
    this.last = contact.at;
    this.#sweepBegan = contact.at;
  }

  /** Whether anything ever came back to it, or was held back by us: else our view may have one side only. */
  get isHeard(): boolean {
    return this.answers + this.refused + this.denied > 0;
  }

  /** The score of the sequential test at `at`. */
  score(at: Instant): number {
    if (this.#score === 0) return 0;
    return this.#score * 0.5 ** (Math.max(0, at - this.last) / SUSPICION_HALVES);
  }

  meet(contact: Contact): void {
    this.#score = this.score(contact.at);
    this.last = Math.max(this.last, contact.at);
    if (contact.sourceMac !== this.mac) this.isMacSteady = false;
  }

  /** Below zero nothing is kept: an honest past is no credit for a scan. */
  succeed(): void {
    this.answers++;
    this.#score = Math.max(0, this.#score - WALK_STEP);
  }

  /** Counts a failed target once. Gives whether it was a new one. */
  fail(
    contact: Contact,
    kind: { readonly isNamed: boolean; readonly isInside: boolean; readonly outcome: Outcome },
  ): boolean {
    const { destination: host, protocol, port } = contact;
    this.#forgetOld(contact.at);
    if (this.#failed.some((one) => one.host === host && one.protocol === protocol && one.port === port)) return false;
    if (this.#failed.length >= FAILED_MAX && !this.#isNewAmongMany(contact)) return false;
    this.failures++;
    if (kind.outcome === 'denied') this.denied++;
    if (kind.outcome === 'refused') this.refused++;
    if (!isInfrastructure(port)) this.#score += WALK_STEP;
    if (this.#failed.length < FAILED_MAX)
      this.#failed.push({ at: contact.at, host, protocol, port, group: groupOf(port, kind) });
    return true;
  }

  /** Different hosts and ports tried in vain: exact while few, about otherwise. */
  get hosts(): number {
    return this.#many?.hosts.count ?? new Set(this.#failed.map(({ host }) => host)).size;
  }

  get ports(): number {
    return (
      this.#many?.ports.count ?? new Set(this.#failed.map(({ protocol, port }) => fingerprint(protocol, port))).size
    );
  }

  #isNewAmongMany({ destination, protocol, port }: Contact): boolean {
    if (this.#many === null) {
      this.#many = { hosts: new Bitmap(), ports: new Bitmap() };
      for (const failed of this.#failed) {
        this.#many.hosts.add(failed.host);
        this.#many.ports.add(fingerprint(failed.protocol, failed.port));
      }
    }
    const isNewHost = this.#many.hosts.add(destination);
    return this.#many.ports.add(fingerprint(protocol, port)) || isNewHost;
  }

  /** Counts an answered first contact, and gives how many there were in the present sweep. High ports are handed out at random, so they are one. */
  sweep(contact: Contact): number {
    if (this.#sweep === null || contact.at - this.#sweepBegan > SWEEP_TIME) {
      this.#sweep = new Bitmap();
      this.#sweepBegan = contact.at;
    }
    this.#sweep.add(fingerprint(contact.destination, contact.protocol, Math.min(contact.port, HIGH_PORT)));
    return this.#sweep.count;
  }

  pattern(): Pattern {
    const portsOf = new Map<AddressId, number>();
    const hostsOf = {
      hosts: new Map<number, number>(),
      strangers: new Map<number, number>(),
      infrastructure: new Map<number, number>(),
    };
    for (const { host, protocol, port, group } of this.#failed) {
      if (group !== 'infrastructure') portsOf.set(host, (portsOf.get(host) ?? 0) + 1);
      if (group === 'named') continue;
      const service = protocol * PORTS + port + 1;
      hostsOf[group].set(service, (hostsOf[group].get(service) ?? 0) + 1);
    }
    const [host, ports] = largest(portsOf);
    return {
      ports,
      host,
      hosts: rowOf(hostsOf.hosts),
      strangers: rowOf(hostsOf.strangers),
      infrastructure: rowOf(hostsOf.infrastructure),
    };
  }

  /** Targets that failed long ago are forgotten with the suspicion that they raised. */
  #forgetOld(at: Instant): void {
    const oldest = this.#failed[0];
    if (oldest === undefined || at - oldest.at <= SUSPICION_HALVES) return;
    const kept = this.#failed.filter((failed) => at - failed.at <= SUSPICION_HALVES);
    this.#failed.splice(0, this.#failed.length, ...kept);
  }
}

/** Ports are -1 to 65,535. */
const PORTS = 65_537;

function rowOf(hostsOf: ReadonlyMap<number, number>): Row {
  const [service, count] = largest(hostsOf);
  return { count, protocol: Math.floor(service / PORTS), port: (service % PORTS) - 1 };
}

function groupOf(port: number, kind: { readonly isNamed: boolean; readonly isInside: boolean }): Failed['group'] {
  if (isInfrastructure(port)) return 'infrastructure';
  if (kind.isNamed) return 'named';
  return kind.isInside ? 'hosts' : 'strangers';
}

function largest(counts: ReadonlyMap<number, number>): readonly [number, number] {
  let best: readonly [number, number] = [-1, 0];
  for (const entry of counts) if (entry[1] > best[1]) best = entry;
  return best;
}
