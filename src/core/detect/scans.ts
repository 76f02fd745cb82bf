// Scans: who tries many ports of a host, or many hosts at a port, mostly in vain; fast or over hours. Follows the threshold random walk
// of Jung et al. (2004) with a pattern beside it, since a device whose servers are down fails as often but not like this.

import { type AddressId, NO_ADDRESS, NO_MAC } from '#model';
import {
  INFRASTRUCTURE_MIN,
  SOURCES_LOOKED_AT,
  SOURCES_MAX,
  SWEEP_MIN,
  SWEEP_TIME,
  type Thresholds,
  WALK_LIMIT,
} from './bounds.ts';
import type { Cases } from './cases.ts';
import type { Contact, Outcome } from './contacts.ts';
import type { End, Ends } from './ends.ts';
import { isInfrastructure, serviceText } from './services.ts';
import { spanText } from './span-text.ts';
import { type Pattern, Suspect } from './suspect.ts';

/** Subject of the one case of all strangers: the internet always scans, and a case each would bury the rest. */
const STRANGERS = 'internet';

export class Scans {
  readonly #ends: Ends;
  readonly #cases: Cases;
  readonly #thresholds: Thresholds;
  readonly #macOf: (address: AddressId) => number;
  readonly #suspects = new Map<AddressId, Suspect>();
  /** Who is under suspicion, in places that a hand goes round. */
  readonly #places: AddressId[] = [];
  #hand = 0;
  /** Sources that were let go because the table was full. */
  forgotten = 0;

  constructor(options: {
    readonly ends: Ends;
    readonly cases: Cases;
    readonly thresholds: Thresholds;
    /** The hardware address that an address is bound to, -1 where none is known. */
    readonly macOf: (address: AddressId) => number;
  }) {
    this.#ends = options.ends;
    this.#cases = options.cases;
    this.#thresholds = options.thresholds;
    this.#macOf = options.macOf;
  }

  /** Whether a source is in the middle of what looks like a scan. */
  isSuspect(contact: Contact): boolean {
    const suspect = this.#suspects.get(contact.source);
    return suspect !== undefined && suspect.score(contact.at) >= WALK_LIMIT / 2;
  }

  conclude(contact: Contact, outcome: Outcome): void {
    const source = this.#ends.end(contact.source, contact.sourceMac);
    const suspect = this.#suspect(contact);
    suspect.meet(contact);
    if (outcome === 'answered') suspect.succeed();
    else this.#failed(source, suspect, { contact, outcome });
    if (outcome === 'answered' && source.isInside) this.#swept(source, suspect, contact);
  }

  #failed(source: End, suspect: Suspect, { contact, outcome }: { contact: Contact; outcome: Outcome }): void {
    const target = this.#ends.end(contact.destination, contact.destinationMac);
    const isNamed = this.#ends.isNamed(contact.source, contact.destination);
    const isNew = suspect.fail(contact, { isNamed, isInside: target.isInside, outcome });
    if (!isNew) return;
    const isUnlucky = suspect.score(contact.at) >= WALK_LIMIT;
    if (!isUnlucky && !isInfrastructure(contact.port)) return;
    const pattern = suspect.pattern();
    if (isUnlucky ? this.#isScan(pattern) : pattern.infrastructure.count >= INFRASTRUCTURE_MIN)
      this.#tell(source, suspect, pattern);
  }

  #isScan({ ports, hosts, strangers }: Pattern): boolean {
    const { scanPortsMin, scanHostsMin, scanStrangersMin } = this.#thresholds;
    return ports >= scanPortsMin || hosts.count >= scanHostsMin || strangers.count >= scanStrangersMin;
  }

  #tell(source: End, suspect: Suspect, pattern: Pattern): void {
    const { last: at } = suspect;
    const boundMac = this.#macOf(source.address);
    const isItself = suspect.isMacSteady && (boundMac < 0 || suspect.mac < 0 || boundMac === suspect.mac);
    const doubt = doubtText(isItself, suspect.isHeard);
    this.#cases.see({ kind: 'scan', subject: source.isInside ? source.name : STRANGERS, at }, () => ({
      address: source.isInside ? source.text : STRANGERS,
      element: source.element,
      evidence: `${source.name} ${this.#triedText(suspect, pattern)}${doubt}`,
      severity: source.isInside ? 'alarm' : 'note',
      isWorthQuarantine: source.element !== null && doubt === '',
    }));
  }

  #triedText(suspect: Suspect, pattern: Pattern): string {
    const { failures, answers, denied, hosts, ports, first, last } = suspect;
    const tried = `tried at least ${failures} services in vain within ${spanText(last - first)} (${denied} denied; ${answers} others answered)`;
    return `${tried}: about ${hosts} hosts, ${ports} ports, ${this.#mostText(pattern)} among them`;
  }

  #mostText({ ports, host, hosts, strangers, infrastructure }: Pattern): string {
    if (ports >= this.#thresholds.scanPortsMin) return `${ports} ports of ${this.#ends.end(host, NO_MAC).name}`;
    const [most] = [hosts, strangers, infrastructure].toSorted((a, b) => b.count - a.count);
    return most === undefined ? '' : `${most.count} hosts at ${serviceText(most.protocol, most.port)}`;
  }

  /** Many first contacts inside the house in a short time that were answered: a new monitor does this, and so does a scan of open ports. */
  #swept(source: End, suspect: Suspect, contact: Contact): void {
    if (!this.#ends.end(contact.destination, contact.destinationMac).isInside) return;
    const services = suspect.sweep(contact);
    if (services < SWEEP_MIN) return;
    this.#cases.see({ kind: 'scan', variant: 'answered', subject: source.name, at: contact.at }, () => ({
      address: source.text,
      element: source.element,
      evidence: `${source.name} met about ${services} services of the house for the first time within ${spanText(SWEEP_TIME)}, and they answered`,
      severity: 'note',
      isWorthQuarantine: false,
    }));
  }

  #suspect(contact: Contact): Suspect {
    const known = this.#suspects.get(contact.source);
    if (known !== undefined) return known;
    const suspect = new Suspect(contact);
    const place = this.#places.length < SOURCES_MAX ? this.#places.length : this.#makeRoom(contact);
    this.#places[place] = contact.source;
    this.#suspects.set(contact.source, suspect);
    return suspect;
  }

  /** Lets the least suspicious of the next few places go, so that all get their turn. Gives its place. */
  #makeRoom({ at }: Contact): number {
    let least = this.#hand;
    let score = Number.POSITIVE_INFINITY;
    for (let looked = 0; looked < SOURCES_LOOKED_AT; looked++) {
      const place = (this.#hand + looked) % SOURCES_MAX;
      const own = this.#suspects.get(this.#places[place] ?? NO_ADDRESS)?.score(at) ?? 0;
      if (own < score) {
        least = place;
        score = own;
      }
    }
    this.#hand = (this.#hand + SOURCES_LOOKED_AT) % SOURCES_MAX;
    this.#suspects.delete(this.#places[least] ?? NO_ADDRESS);
    this.forgotten++;
    return least;
  }
}

/** Why nobody is to be isolated for it, or nothing. */
function doubtText(isItself: boolean, isHeard: boolean): string {
  if (!isItself) return '; the packets came from more than one hardware address, so it may be another host in its name';
  return isHeard ? '' : '; nothing ever came back to it, so only one direction may be seen here';
}
