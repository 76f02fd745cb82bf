// The live monitor: everything observed goes through the engine, the learner and the detectors, and into the records. It changes nothing in the kernel;
// what should be cut it only tells.

import { reasonOf } from '#bridge';
import { Detectors, type DetectorsMemory, type Finding } from '#detect';
import { Engine } from '#engine';
import { Learner, type Proposal } from '#learn';
import {
  type AddressTable,
  type DeciderEvent,
  type Instant,
  type LogonChange,
  type Micros,
  type NameFact,
  newObservation,
  newVerdict,
  type Observation,
  type Policy,
  REASONS,
  type Reason,
  reasonsOf,
  SECOND,
} from '#model';
import type { FlowEvent, Neighbour, ObserverSink, VerdictRecord } from '#observe';
import { Ends } from './ends.ts';
import { FloorWatch, type MissedFloor } from './floor-watch.ts';
import { FlowBook, type FlowRow, type Judged } from './flow-book.ts';
import { Inbox } from './inbox.ts';
import { Macs } from './macs.ts';
import { readMark } from './marks.ts';
import type { MonitorOptions } from './monitor-options.ts';
import { Openings } from './openings.ts';
import { askedBy, endsOf, guardrailId, opens } from './packets.ts';
import { PerSecond } from './per-second.ts';
import { Ring } from './ring.ts';
import { isServed, ServiceBook } from './service-book.ts';
import { Ticketed } from './ticketed.ts';
import { VerdictBook, type VerdictRow } from './verdict-book.ts';

/** Names kept for listing. */
const NAMES_MAX = 10_000;
const PROPOSAL_EVERY: Micros = 10 * SECOND;
const PROPOSAL_SHARE = 50;
/** Conversations begun in one second that are learned from and written down: a fifth of a processor. */
const BEGINNINGS_PER_SECOND_MAX = 1_000;
/** What the kernel cannot tell and this judges in its place. */
const WRONG = (1 << REASONS.indexOf('wrong-operation')) | (1 << REASONS.indexOf('wrong-application'));

export class Monitor implements ObserverSink {
  readonly addresses: AddressTable;
  readonly ends: Ends;
  readonly flows = new FlowBook();
  readonly verdicts = new VerdictBook();
  readonly services = new ServiceBook();
  readonly names = new Ring<NameFact>(NAMES_MAX);
  readonly inbox: Inbox;
  readonly openings: Openings;
  readonly macs: Macs;
  readonly tickets = new Ticketed();
  readonly #options: MonitorOptions;
  #learner: Learner;
  readonly #detectors: Detectors;
  #floors: FloorWatch;
  #engine: Engine;
  readonly #verdict = newVerdict();
  readonly #asked = newObservation();
  readonly #seen = new Map<string, { first: Instant; last: Instant }>();
  #policy: Policy;
  #proposal: { readonly made: Proposal; readonly freshUntil: Micros } | null = null;
  readonly #beginnings = new PerSecond(BEGINNINGS_PER_SECOND_MAX);
  #packets = 0;
  #bytes = 0;

  constructor(options: MonitorOptions) {
    const { policy, addresses, start, timezone, memory } = options;
    this.#options = options;
    this.#policy = policy;
    this.addresses = addresses;
    this.ends = new Ends(policy, addresses);
    this.inbox = new Inbox(this.ends);
    this.openings = new Openings(start);
    this.macs = new Macs(policy, addresses);
    this.#engine = new Engine({ policy, addresses, start });
    this.#learner = new Learner({ addresses, timezone });
    this.#floors = this.#floorWatch(start);
    this.#detectors = new Detectors({
      addresses,
      elementOf: (address, mac) => this.ends.elementOf(address, mac),
      proxies: options.ownMacs,
      ...(memory === undefined ? {} : { memory }),
    });
  }

  get packets(): number {
    return this.#packets;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** When an element was seen first and last, since the start. */
  seen(element: string): { readonly first: Instant; readonly last: Instant } | null {
    return this.#seen.get(element) ?? null;
  }

  /** What would be proposed now. It walks all that was learned and nothing else runs meanwhile, so it is made anew only after fifty times as long. */
  propose(): Proposal {
    const { elapsed } = this.#options;
    const begun = elapsed();
    if (this.#proposal !== null && begun < this.#proposal.freshUntil) return this.#proposal.made;
    const made = this.#learner.finish();
    this.#proposal = { made, freshUntil: elapsed() + Math.max(PROPOSAL_EVERY, PROPOSAL_SHARE * (elapsed() - begun)) };
    return made;
  }

  remember(): DetectorsMemory {
    return this.#detectors.remember();
  }

  observe(packet: Observation): void {
    this.#packets += packet.packets;
    this.#bytes += packet.bytes;
    this.#engine.judge(packet, this.#verdict);
    this.tickets.judge(packet, this.#verdict, this.#policy);
    const { reasons, isOpening, isEnforced, rule } = this.#verdict;
    const isDenied = reasons !== 0 && isEnforced;
    // A flood costs no more than its judging: what begins beyond the bound is counted, and goes nowhere else.
    if ((isOpening || (isDenied && opens(packet))) && !this.#beginnings.take(packet.at)) {
      this.#passOver();
      return;
    }
    this.#learner.observe(packet);
    this.#detectors.packet(packet);
    if (isOpening) this.#opened(packet);
    else if (reasons !== 0 && (isEnforced || rule >= 0)) this.#denied(packet);
  }

  name(fact: NameFact): void {
    this.#learner.name(fact);
    this.#detectors.name(fact);
    this.inbox.name(fact);
    this.names.push(fact);
  }

  /** INVARIANT: only what the kernel passed to its client binds; a packet that was merely seen may never have got there. */
  answer(fact: NameFact): void {
    this.name(fact);
    if (fact.address >= 0) this.#bind(fact);
  }

  #bind(fact: NameFact): void {
    const { client, address: server, name, at, ttlSeconds } = fact;
    this.#engine.bindName({ client, server, name, at, ttlSeconds });
    this.openings.name(fact);
    this.ends.name(server, name);
    this.#options.onName({ client: this.ends.text(client), server: this.ends.text(server), name, ttlSeconds });
  }

  flow(event: FlowEvent): void {
    this.#floors.flow(event);
    const row = this.flows.find(event) ?? this.#openByEvent(event);
    if (row === null) return;
    const wasAnswered = row.isAnswered;
    this.flows.count(row, event);
    if (event.kind === 'ended') this.tickets.ended(event);
    if (wasAnswered || !row.isAnswered) return;
    if (!isServed(event)) {
      row.isAnswered = false;
      return;
    }
    this.services.answered(row);
    for (const end of [row.source, row.destination])
      if (this.ends.elementOf(end, this.macs.of(end)) === null) this.inbox.host(end, event.at);
  }

  verdict(record: VerdictRecord): void {
    if (reasonOf(record.mark) !== null) this.#spoofed(record);
    else this.#denial(record);
  }

  /** A port of a bridge refused a frame in another's name. */
  #spoofed({ at, inInterface, source, sourceMac }: VerdictRecord): void {
    const element = this.ends.elementOf(source, sourceMac);
    this.#detectors.spoof({ at, port: inInterface, address: source, mac: sourceMac, element });
  }

  #denial(record: VerdictRecord): void {
    const reading = readMark(record.mark, this.#policy, this.#options.ofMark);
    this.verdicts.count('kernel', reading.reason, reading.isHeld);
    if (!this.verdicts.hasRoom(record.at)) return;
    this.verdicts.ring.push({
      ...endsOf(record),
      at: record.at,
      by: 'kernel',
      sourceElement: this.ends.elementOf(record.source, record.sourceMac),
      destinationElement: this.ends.elementOf(record.destination, this.macs.of(record.destination)),
      reasons: [reading.reason],
      isEnforced: reading.isHeld,
      rule: reading.rule,
      guardrail: null,
      action: null,
    });
  }

  neighbour(fact: Neighbour): void {
    this.inbox.neighbour(fact);
    if (fact.address < 0) return;
    this.macs.see(fact.address, fact.mac, fact.at);
    this.#detectors.neighbour(fact);
  }

  /** Another policy is in force. */
  apply(policy: Policy, now: Instant): void {
    this.#policy = policy;
    this.#engine.apply(policy, now);
    this.#floors.apply(policy, now);
    this.ends.apply(policy);
    this.macs.apply(policy);
    this.#detectors.renamed();
  }

  setQuarantine(element: string, isQuarantined: boolean, now: Instant): void {
    this.#engine.setQuarantine(element, isQuarantined, now);
  }

  setLogon(change: LogonChange, now: Instant): void {
    this.#engine.setLogon(change, now);
  }

  /** The clock was set: windows, sessions and what is being learned begin anew, because the instants in them are of another time. */
  beginAnew(
    now: Instant,
    { quarantined, logons }: { readonly quarantined: ReadonlySet<string>; readonly logons: readonly LogonChange[] },
  ): void {
    this.#engine = new Engine({ policy: this.#policy, addresses: this.addresses, start: now });
    this.#learner = new Learner({ addresses: this.addresses, timezone: this.#options.timezone });
    this.#floors = this.#floorWatch(now);
    for (const element of quarantined) this.#engine.setQuarantine(element, true, now);
    for (const logon of logons) this.#engine.setLogon({ ...logon, at: now }, now);
    this.blind(now);
  }

  /** Nothing was seen until now: nothing is concluded from the silence. */
  blind(now: Instant): void {
    this.#detectors.blind(now);
  }

  /** Time passes. Returns the findings since the last call. */
  tick(now: Instant): readonly Finding[] {
    this.#engine.advance(now);
    for (const event of this.#engine.takeEvents()) this.#event(event);
    for (const missed of this.#floors.take(now)) this.#missed(missed);
    this.#detectors.advance(now);
    return this.#detectors.take();
  }

  #passOver(): void {
    this.flows.pass();
    const [first] = reasonsOf(this.#verdict.reasons);
    if (first !== undefined) this.verdicts.count('engine', first, this.#verdict.isEnforced);
  }

  #floorWatch(start: Instant): FloorWatch {
    return new FloorWatch({
      policy: this.#policy,
      addresses: this.addresses,
      start,
      macOf: (address) => this.macs.of(address),
    });
  }

  #opened(packet: Observation): void {
    const judged = this.#judged();
    this.openings.note(packet, this.#verdict);
    const row = this.flows.open(packet, judged);
    this.#see(judged, packet.at);
    if (this.#verdict.isFromInitiator) this.#detectors.opening(packet, true);
    if (this.#verdict.reasons !== 0) this.#record(packet, judged, row);
  }

  /** A packet of a session was denied, or an opening that left none. */
  #denied(packet: Observation): void {
    const judged = this.#judged();
    const isBegun = this.#verdict.isFromInitiator && opens(packet);
    if (!isBegun) {
      this.#record(packet, judged, null);
      return;
    }
    this.openings.note(packet, this.#verdict);
    const row = this.flows.open(packet, judged);
    this.#detectors.opening(packet, false);
    if (row !== null) this.services.denied(row);
    this.#record(packet, judged, row);
  }

  #judged(): Judged {
    const verdict = this.#verdict;
    return {
      verdict,
      rule: this.#engine.ruleId(verdict.rule),
      initiator: this.#policy.elements[verdict.initiator]?.id ?? null,
      responder: this.#policy.elements[verdict.responder]?.id ?? null,
    };
  }

  #record(packet: Observation, judged: Judged, _row: FlowRow | null): void {
    const { verdict } = judged;
    const [first = 'no-rule'] = reasonsOf(verdict.reasons);
    this.verdicts.count('engine', first, verdict.isEnforced);
    const isWrong = verdict.isEnforced && (verdict.reasons & WRONG) !== 0;
    const action = isWrong ? this.#options.onWrongOperation(packet) : null;
    if (action === null && !this.verdicts.hasRoom(packet.at)) return;
    this.verdicts.ring.push({
      ...endsOf(packet),
      at: packet.at,
      by: 'engine',
      sourceElement: verdict.isFromInitiator ? judged.initiator : judged.responder,
      destinationElement: verdict.isFromInitiator ? judged.responder : judged.initiator,
      reasons: reasonsOf(verdict.reasons),
      isEnforced: verdict.isEnforced,
      rule: judged.rule,
      guardrail: guardrailId(this.#policy, verdict.guardrail),
      action,
    });
  }

  /** A flow that began before this process, or whose first packet was lost. */
  #openByEvent(event: FlowEvent): FlowRow | null {
    if (event.kind === 'ended') return null;
    if (!this.#beginnings.take(event.at)) {
      this.flows.pass();
      return null;
    }
    const asked = askedBy(event, this.#asked, (address) => this.macs.of(address));
    this.#engine.check(asked, this.#verdict);
    this.tickets.judge(asked, this.#verdict, this.#policy);
    const judged = this.#judged();
    this.#see(judged, event.at);
    return this.flows.openByEvent(event, judged);
  }

  #see({ initiator, responder }: Judged, at: Instant): void {
    for (const element of [initiator, responder]) {
      if (element === null) continue;
      const known = this.#seen.get(element);
      if (known === undefined) this.#seen.set(element, { first: at, last: at });
      else known.last = Math.max(known.last, at);
    }
  }

  #event(event: DeciderEvent): void {
    if (event.kind === 'under-volume') this.#floors.missedByPackets(event);
    else
      this.#tell({
        at: event.at,
        source: event.source,
        destination: event.destination,
        reasons: REASONS.filter((reason) => reason === event.reason),
        rule: this.#engine.ruleId(event.rule),
        action: 'session ended',
      });
  }

  #missed({ at, rule, initiator, responder, observedBytes, minBytes }: MissedFloor): void {
    this.verdicts.count('engine', 'under-volume', false);
    this.#tell({
      at,
      source: -1,
      destination: -1,
      sourceElement: this.#policy.elements[initiator]?.id ?? null,
      destinationElement: this.#policy.elements[responder]?.id ?? null,
      reasons: ['under-volume'],
      rule: this.#engine.ruleId(rule),
      action: `alarm: ${observedBytes} of at least ${minBytes} bytes`,
    });
  }

  #tell(
    what: Pick<VerdictRow, 'at' | 'source' | 'destination' | 'rule' | 'action'> &
      Partial<VerdictRow> & { readonly reasons: readonly Reason[] },
  ): void {
    this.verdicts.ring.push({
      by: 'engine',
      sourcePort: -1,
      destinationPort: -1,
      sourceElement: this.ends.elementOf(what.source),
      destinationElement: this.ends.elementOf(what.destination),
      protocol: 0,
      isEnforced: false,
      guardrail: null,
      ...what,
    });
  }
}
