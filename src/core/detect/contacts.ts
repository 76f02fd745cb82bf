// First contacts and what became of them: answered, refused, or nothing. Not a conversation table: what has worked once is of no more interest.

import { type AddressId, type Instant, type Mac, type Observation, PROTOCOL, TCP } from '#model';
import { ANSWER_WAIT, KNOWN_MAX, PENDING_MAX, PENDING_PER_SOURCE_MAX } from './bounds.ts';
import { fingerprint, RecentSet } from './recent-set.ts';

/** A first contact of one end with a service of another. */
export interface Contact {
  readonly at: Instant;
  readonly source: AddressId;
  readonly sourceMac: Mac;
  readonly destination: AddressId;
  readonly destinationMac: Mac;
  readonly protocol: number;
  /** -1 for protocols without ports. */
  readonly port: number;
}

export type Outcome = 'answered' | 'refused' | 'unanswered' | 'denied';

export interface ContactTaker {
  concluded(contact: Contact, outcome: Outcome): void;
}

export class Contacts {
  readonly #taker: ContactTaker;
  readonly #worked = new RecentSet(KNOWN_MAX);
  /** By fingerprint, in the order of their beginning, which is that of their deadlines. */
  readonly #pending = new Map<number, Contact>();
  readonly #pendingOf = new Map<AddressId, number>();
  /** Contacts that were not judged because the table was full. */
  unjudged = 0;

  constructor(taker: ContactTaker) {
    this.#taker = taker;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** A conversation begins. */
  begin(observation: Observation, isAdmitted: boolean): void {
    if (!isBeginning(observation)) return;
    const { source, destination, protocol, destinationPort } = observation;
    const key = fingerprint(source, destination, protocol, destinationPort);
    if (this.#pending.has(key) || this.#worked.has(key)) return;
    const contact = contactOf(observation);
    const ofSource = this.#pendingOf.get(source) ?? 0;
    if (!isAdmitted) this.#taker.concluded(contact, 'denied');
    else if (ofSource >= PENDING_PER_SOURCE_MAX) this.#taker.concluded(contact, 'unanswered');
    else if (this.#pending.size >= PENDING_MAX) this.unjudged++;
    else {
      this.#pending.set(key, contact);
      this.#pendingOf.set(source, ofSource + 1);
    }
  }

  /** Any packet: an answer concludes its contact. */
  answer({ source, destination, protocol, sourcePort, tcpFlags }: Observation): void {
    const key = fingerprint(destination, source, protocol, sourcePort);
    const contact = this.#pending.get(key);
    if (contact === undefined || contact.source !== destination || contact.destination !== source) return;
    const isRefusal = protocol === PROTOCOL.tcp && tcpFlags >= 0 && (tcpFlags & TCP.rst) !== 0;
    if (!isRefusal) this.#worked.add(key);
    this.#conclude(key, contact, isRefusal ? 'refused' : 'answered');
  }

  /** Contacts that waited long enough have failed. */
  advance(now: Instant): void {
    for (const [key, contact] of this.#pending) {
      if (now - contact.at < ANSWER_WAIT) return;
      this.#conclude(key, contact, 'unanswered');
    }
  }

  /** Nobody looked for a while: what was pending is no evidence. */
  forget(): void {
    this.#pending.clear();
    this.#pendingOf.clear();
  }

  #conclude(key: number, contact: Contact, outcome: Outcome): void {
    this.#pending.delete(key);
    const left = (this.#pendingOf.get(contact.source) ?? 1) - 1;
    if (left === 0) this.#pendingOf.delete(contact.source);
    else this.#pendingOf.set(contact.source, left);
    this.#taker.concluded(contact, outcome);
  }
}

function contactOf(observation: Observation): Contact {
  const { at, source, sourceMac, destination, destinationMac, protocol, destinationPort } = observation;
  return { at, source, sourceMac, destination, destinationMac, protocol, port: destinationPort };
}

/**
 * Whether a packet can begin a conversation. In TCP a SYN does, and so do the odd flag sets by which closed ports are told
 * (none, FIN alone, FIN with PSH and URG); an ACK alone may belong to a conversation that is older than the recording.
 */
function isBeginning({ protocol, tcpFlags, initiator }: Observation): boolean {
  if (initiator === 2) return false;
  if (protocol !== PROTOCOL.tcp || tcpFlags < 0 || initiator === 1) return true;
  if (tcpFlags & (TCP.ack | TCP.rst)) return false;
  return true;
}
