// The learner: takes traffic in the order of time, keeps lines of it, and proposes a policy at the end. It reads no file and decides nothing.

import {
  type AddressTable,
  HOUR,
  hasPorts,
  type Instant,
  type NameFact,
  NO_PORT,
  type Observation,
  PROTOCOL,
  TCP,
  type TrafficSink,
} from '#model';
import { Bindings, NO_NAME } from './bindings.ts';
import { HIGH_PORT, HIGH_PORTS, idleMicros } from './bounds.ts';
import { Chosen } from './chosen.ts';
import { type Conversation, Conversations } from './conversations.ts';
import { Devices } from './devices.ts';
import { HiddenNames } from './hidden-names.ts';
import { LineBook, type Scope } from './lines.ts';
import { LocalTime } from './local-time.ts';
import type { Proposal } from './proposal.ts';
import { propose } from './propose.ts';
import { countApplication, countPacket, countStart, type HourBudget } from './sketch.ts';

export interface LearnerOptions {
  readonly addresses: AddressTable;
  /** IANA zone of hours and days. */
  readonly timezone: string;
  /** MACs or addresses to learn; without them, every device on the local side. */
  readonly elements?: readonly string[];
  /** Equal devices share one set of rules. Default false. */
  readonly isPooling?: boolean;
  /** What to do with keys that were seen only in a device's first contact period. Default `mark`. */
  readonly setup?: 'exclude' | 'mark' | 'keep';
  /** Only traffic of this span is learned from; names before it still bind. */
  readonly from?: Instant;
  readonly to?: Instant;
}

/** DHCP and DHCPv6 servers' ports: the host name a client states is its own only there. */
const DHCP_SERVER_PORTS = new Set([67, 547]);

/** Packets of several interfaces are out of order by less than this; more is a clock that was set back, or files that do not belong together. */
const BACKWARDS = HOUR;

export class Learner implements TrafficSink {
  readonly #options: LearnerOptions;
  readonly #from: Instant;
  readonly #to: Instant;
  readonly #chosen: Chosen;
  readonly #book: LineBook;
  readonly #devices: Devices;
  readonly #bindings = new Bindings();
  readonly #hidden = new HiddenNames();
  readonly #conversations = new Conversations();
  readonly #localTime: LocalTime;
  readonly #budget: HourBudget = { used: 0 };
  #now: Instant = Number.NEGATIVE_INFINITY;
  #start: Instant = Number.POSITIVE_INFINITY;
  #unportedFragments = 0;
  #backwards = 0;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#from = options.from ?? Number.NEGATIVE_INFINITY;
    this.#to = options.to ?? Number.POSITIVE_INFINITY;
    this.#chosen = new Chosen(options.elements ?? null, options.addresses);
    this.#book = new LineBook(options.addresses);
    this.#devices = new Devices(options.addresses);
    this.#localTime = new LocalTime(options.timezone);
  }

  observe(observation: Observation): void {
    // Written so that no number at all is outside as well: it would become the latest instant for good.
    if (!(observation.at >= this.#from && observation.at < this.#to)) return;
    if (observation.source < 0 || observation.destination < 0) return;
    // Time that runs backwards is taken as the latest instant seen, as deciders do.
    if (observation.at < this.#now - BACKWARDS) this.#backwards++;
    this.#now = Math.max(this.#now, observation.at);
    this.#start = Math.min(this.#start, this.#now);
    this.#seeEnds(observation);
    if (!this.#chosen.isWanted(observation)) return;
    if (isUnportedFragment(observation)) {
      this.#unportedFragments++;
      return;
    }
    const { conversation, isOpening, isSent } = this.#conversations.step(observation, this.#now);
    if (isOpening) this.#open(conversation, observation, isSent);
    this.#count(conversation, observation, isSent);
  }

  name(fact: NameFact): void {
    if (fact.at >= this.#to) return;
    this.#bindings.learn(fact);
    this.#hidden.learn(fact);
    if (fact.kind !== 'dhcp-host' || fact.clientMac < 0 || !DHCP_SERVER_PORTS.has(fact.port)) return;
    // Facts come before their packet, so a device that is heard for the first time is entered here.
    const scope = this.#book.scope(fact.client);
    this.#devices.see(fact.clientMac, fact.client, { instant: fact.at, scope, isSource: true });
    this.#devices.name(fact.clientMac, fact.name);
  }

  finish(): Proposal {
    return propose({
      options: this.#options,
      chosen: this.#chosen,
      book: this.#book,
      devices: this.#devices,
      bindings: this.#bindings,
      hidden: this.#hidden,
      localTime: this.#localTime,
      span: { from: this.#start, to: this.#now },
      forgotten: this.#conversations.forgotten,
      unportedFragments: this.#unportedFragments,
      backwards: this.#backwards,
    });
  }

  #seeEnds(observation: Observation): void {
    const { source, destination, sourceMac, destinationMac } = observation;
    const instant = this.#now;
    this.#devices.see(sourceMac, source, { instant, scope: this.#book.scope(source), isSource: true });
    if (isUnicastPair(destinationMac, this.#book.scope(destination)))
      this.#devices.see(destinationMac, destination, {
        instant,
        scope: this.#book.scope(destination),
        isSource: false,
      });
  }

  #open(conversation: Conversation, observation: Observation, isSent: boolean): void {
    const fromMac = isSent ? observation.sourceMac : observation.destinationMac;
    const toMac = isSent ? observation.destinationMac : observation.sourceMac;
    const { from, to, protocol, toPort } = conversation;
    // A frame to every host on the link is a broadcast, whatever subnet its address names.
    const scope: Scope = toMac === 0xffffffffffff ? 'group' : this.#book.scope(to);
    const binding = this.#bindings.live({ client: from, server: to, at: this.#now });
    conversation.binding = binding;
    conversation.line = this.#book.line({
      from: this.#book.end(fromMac, from),
      to: this.#book.end(toMac, to, scope),
      protocol,
      port: toPort >= HIGH_PORT && scope !== 'internet' ? HIGH_PORTS : toPort,
      name: scope === 'internet' ? (binding?.name ?? NO_NAME) : NO_NAME,
    });
    if (conversation.line === null) return;
    conversation.line.fromPortMin = Math.min(conversation.line.fromPortMin, conversation.fromPort);
    conversation.line.fromPortMax = Math.max(conversation.line.fromPortMax, conversation.fromPort);
    if (isOlder(observation)) conversation.line.sketch.unopened++;
    countStart(conversation.line.sketch, this.#now, this.#budget);
  }

  #count(conversation: Conversation, observation: Observation, isSent: boolean): void {
    const { line, binding } = conversation;
    // A binding lives as long as a session that was opened under it.
    if (binding !== undefined) binding.until = Math.max(binding.until, this.#now + idleMicros(conversation.protocol));
    if (line === null) return;
    countPacket(line.sketch, observation, {
      instant: this.#now,
      localHour: this.#localTime.hourNumber(this.#now),
      isSent,
      budget: this.#budget,
    });
    if (observation.application === conversation.application || observation.application === '') return;
    conversation.application = observation.application;
    countApplication(line.sketch, observation.application);
  }
}

/** Whether a destination MAC can be the MAC of that address. */
function isUnicastPair(mac: number, scope: Scope): boolean {
  return mac >= 0 && scope !== 'group';
}

/** A first packet of TCP that opens nothing: the conversation is older than the recording. */
function isOlder({ protocol, tcpFlags }: Observation): boolean {
  return protocol === PROTOCOL.tcp && tcpFlags >= 0 && (tcpFlags & TCP.syn) === 0;
}

function isUnportedFragment({ protocol, destinationPort }: Observation): boolean {
  return destinationPort === NO_PORT && hasPorts(protocol);
}
