// Gathers what a report shows while traffic is judged: who talks to whom, and each element's hours, volumes, sizes, ports, operations.

import {
  type AddressTable,
  type Element,
  type NameFact,
  type Observation,
  type Policy,
  PROTOCOL,
  REASONS,
  type Verdict,
} from '#model';
import { packetsOf } from '../replay/packets.ts';
import type { Counts, ElementReport, Link, ReportData, RuleUse } from './data.ts';
import { LocalWeek, openCells } from './local-week.ts';
import { Use } from './use.ts';

/** Different (from, to, service, rule) lines kept; what comes later is summed in one line "others". */
const LINKS_MAX = 20_000;
/** Elements and other ends kept with details of their own. */
const ENDS_MAX = 20_000;
/** Names of (client, address) pairs kept for labels. */
const NAMES_MAX = 100_000;

interface End extends Counts {
  readonly element: Element | null;
  readonly hours: number[];
  readonly uses: Map<string, Use>;
}

const newCounts = (): Counts => ({ packets: 0, bytes: 0, denied: 0, recorded: 0 });

export class ReportCollector {
  readonly #addresses: AddressTable;
  readonly #policy: Policy;
  readonly #week: LocalWeek;
  readonly #totals = newCounts();
  readonly #ends = new Map<string, End>();
  readonly #links = new Map<string, Link & Counts>();
  readonly #names = new Map<number, string>();
  readonly #reasons = new Float64Array(REASONS.length);
  readonly #notes = new Set<string>();
  #from: number | null = null;
  #to: number | null = null;

  constructor(options: { readonly addresses: AddressTable; readonly policy: Policy }) {
    this.#addresses = options.addresses;
    this.#policy = options.policy;
    this.#week = new LocalWeek(options.policy.timezone);
  }

  /** Remembers a DNS answer, so that peers are shown by the name this client asked for. */
  name(fact: NameFact): void {
    if (fact.kind !== 'dns-answer' || fact.address < 0 || this.#names.size >= NAMES_MAX) return;
    this.#names.set(pairKey(fact.client, fact.address), fact.name.toLowerCase());
  }

  add(observation: Observation, verdict: Verdict): void {
    this.#from = Math.min(this.#from ?? observation.at, observation.at);
    this.#to = Math.max(this.#to ?? observation.at, observation.at);
    count(this.#totals, observation, verdict);
    const first = verdict.reasons === 0 ? -1 : 31 - Math.clz32(verdict.reasons & -verdict.reasons);
    if (first >= 0) this.#reasons[first] = (this.#reasons[first] ?? 0) + packetsOf(observation, verdict);
    const [initiator, responder] = verdict.isFromInitiator
      ? [observation.source, observation.destination]
      : [observation.destination, observation.source];
    const from = this.#label(verdict.initiator, initiator, initiator);
    const to = this.#label(verdict.responder, initiator, responder);
    const service = serviceName(observation, verdict.isFromInitiator);
    this.#link({ from, to, service, verdict, observation });
    this.#end({ label: from, index: verdict.initiator, role: 'initiator', service, verdict, observation });
    if (to !== from)
      this.#end({ label: to, index: verdict.responder, role: 'responder', service, verdict, observation });
  }

  finish(): ReportData {
    const silent = this.#policy.elements.filter(({ id }) => !this.#ends.has(id));
    const elements = [...this.#ends]
      .map(([id, end]) => this.#elementReport(id, end))
      .concat(silent.map((element) => this.#elementReport(element.id, newEnd(element))));
    return {
      timezone: this.#policy.timezone,
      from: this.#from,
      to: this.#to,
      totals: this.#totals,
      elements: elements.sort(
        (a, b) => Number(b.kind !== '') - Number(a.kind !== '') || b.denied - a.denied || b.bytes - a.bytes,
      ),
      links: [...this.#links.values()].sort(
        (a, b) => b.denied - a.denied || b.recorded - a.recorded || b.bytes - a.bytes,
      ),
      reasons: REASONS.map((reason, at) => ({ reason, packets: this.#reasons[at] ?? 0 }))
        .filter(({ packets }) => packets > 0)
        .sort((a, b) => b.packets - a.packets),
      notes: [...this.#notes],
    };
  }

  #label(element: number, client: number, address: number): string {
    const known = this.#policy.elements[element];
    if (known !== undefined) return known.id;
    return this.#names.get(pairKey(client, address)) ?? this.#addresses.text(address);
  }

  #link(line: { from: string; to: string; service: string; verdict: Verdict; observation: Observation }): void {
    const rule = this.#policy.rules[line.verdict.rule]?.id ?? null;
    let key = `${line.from}\n${line.to}\n${line.service}\n${rule ?? ''}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      const isFull = this.#links.size >= LINKS_MAX;
      if (isFull)
        this.#notes.add(`more than ${LINKS_MAX} different lines of traffic: the later ones are summed as "others"`);
      key = isFull ? 'others' : key;
      const named = isFull
        ? { from: 'others', to: 'others', service: 'others', rule: null }
        : { from: line.from, to: line.to, service: line.service, rule };
      link = this.#links.get(key) ?? { ...named, ...newCounts() };
      this.#links.set(key, link);
    }
    count(link, line.observation, line.verdict);
  }

  #end(at: {
    label: string;
    index: number;
    role: 'initiator' | 'responder';
    service: string;
    verdict: Verdict;
    observation: Observation;
  }): void {
    let end = this.#ends.get(at.label);
    if (end === undefined) {
      if (this.#ends.size >= ENDS_MAX) {
        this.#notes.add(`more than ${ENDS_MAX} ends: later ones appear among the lines of traffic only`);
        return;
      }
      end = newEnd(this.#policy.elements[at.index] ?? null);
      this.#ends.set(at.label, end);
    }
    count(end, at.observation, at.verdict);
    const hour = this.#week.hourOf(at.observation.at);
    end.hours[hour] = (end.hours[hour] ?? 0) + at.observation.packets;
    if (end.element === null) return;
    const key = `${at.role}${at.verdict.rule}`;
    let use = end.uses.get(key);
    if (use === undefined) {
      use = new Use(this.#policy.rules[at.verdict.rule] ?? null, at.role);
      end.uses.set(key, use);
    }
    use.add(at.observation, at.verdict);
    use.addPort(at.service, at.observation.packets);
  }

  #elementReport(id: string, end: End): ElementReport {
    const { element, hours, uses: counted, ...counts } = end;
    const uses: RuleUse[] = [...counted.values()].map((use) => use.finish()).sort((a, b) => b.bytes - a.bytes);
    const used = this.#policy.rules.filter(({ id: rule }) => uses.some((use) => use.rule === rule));
    const open = new Array<number>(168).fill(0);
    for (const rule of used)
      for (const [cell, share] of openCells(rule.limits.hours).entries()) open[cell] = Math.max(open[cell] ?? 0, share);
    return { id, kind: element?.kind ?? '', mode: element?.mode ?? '', ...counts, hours, open, uses };
  }
}

function newEnd(element: Element | null): End {
  return { ...newCounts(), element, hours: new Array<number>(168).fill(0), uses: new Map() };
}

function count(counts: Counts, observation: Observation, verdict: Verdict): void {
  const packets = packetsOf(observation, verdict);
  counts.packets += packets;
  counts.bytes += observation.bytes;
  if (verdict.reasons === 0) return;
  if (verdict.isEnforced) counts.denied += packets;
  else counts.recorded += packets;
}

/** `tcp/443`: the responder's port; `icmp` where there is none. */
function serviceName(observation: Observation, isFromInitiator: boolean): string {
  const port = isFromInitiator ? observation.destinationPort : observation.sourcePort;
  const protocol = PROTOCOL_NAMES.get(observation.protocol) ?? `protocol ${observation.protocol}`;
  return port < 0 ? protocol : `${protocol}/${port}`;
}

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PROTOCOL).map(([name, number]) => [number, name]),
);

/** Address numbers stay below 2^26 each, so the pair is exact in a double. */
function pairKey(client: number, address: number): number {
  return client * 2 ** 26 + address;
}
