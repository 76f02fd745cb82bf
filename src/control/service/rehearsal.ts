// What a changed policy would make of recorded conversations: judged by two engines, the old policy's and the new one's. Nothing is opened or charged.
// Ceilings of volume and rate are held against recorded hours (amounts.ts); what roll-ups cannot tell is said with the plan.

import { Engine } from '#engine';
import {
  AddressTable,
  instantText,
  type Limits,
  type Mac,
  MILLISECOND,
  NO_MAC,
  newObservation,
  newVerdict,
  type Observation,
  type Policy,
  PROTOCOL,
  reasonsOf,
  TCP,
} from '#model';
import { type Ceiling, exceeded, unjudged } from './amounts.ts';
import type { Conversations } from './parts.ts';

/** Conversations told one by one; all are counted. */
const TOLD_MAX = 200;

export interface ChangedConversation {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number | null;
  /** Of the denial: after the change for what is denied newly, before it for what is permitted again. */
  readonly reason: string;
  readonly rule: string | null;
  readonly openings: number;
  readonly lastSeen: string;
}

/** A conversation that a ceiling stops from now on, and did not before. */
export interface ExceedingConversation extends Ceiling {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly rule: string;
}

export interface RehearsalView {
  readonly since: string;
  /** True where there are more conversations than were judged. */
  readonly isCut: boolean;
  readonly conversations: number;
  readonly openings: number;
  readonly deniedConversations: number;
  readonly deniedOpenings: number;
  readonly denied: readonly ChangedConversation[];
  readonly permittedConversations: number;
  readonly permittedOpenings: number;
  readonly permitted: readonly ChangedConversation[];
  readonly exceedingConversations: number;
  readonly exceeding: readonly ExceedingConversation[];
  /** What recorded traffic cannot tell of the limits of the new policy. */
  readonly unjudged: readonly string[];
}

export interface Rehearsal {
  readonly before: Policy;
  readonly after: Policy;
  readonly sinceMs: number;
  readonly seen: Conversations;
  readonly quarantined: readonly string[];
}

export function rehearse({ before, after, sinceMs, seen, quarantined }: Rehearsal): RehearsalView {
  const addresses = new AddressTable();
  const rows = seen.rows.toSorted((one, other) => one.lastMs - other.lastMs);
  const macs = new Map(
    before.elements.flatMap(({ id, macs: [mac] }) => (mac === undefined ? [] : [[id, mac] as const])),
  );
  const observations = rows.map((row) => observationOf(row, macs, addresses));
  const how = { addresses, observations, quarantined, start: sinceMs * MILLISECOND };
  const was = judgeAll(before, how);
  const is = judgeAll(after, how);
  const denied: ChangedConversation[] = [];
  const permitted: ChangedConversation[] = [];
  const exceeding: ExceedingConversation[] = [];
  const limits = { before: limitsOf(before), after: limitsOf(after) };
  const counts = { openings: 0, deniedOpenings: 0, permittedOpenings: 0 };
  for (const [at, row] of rows.entries()) {
    const old = was[at];
    const next = is[at];
    counts.openings += row.openings;
    if (old === undefined || next === undefined) continue;
    const ceiling = next.isDenied ? null : ceilingOf(limits.after, next, row);
    if (ceiling !== null && (old.isDenied || ceilingOf(limits.before, old, row) === null))
      exceeding.push({ ...endsOf(row), rule: next.rule ?? '', ...ceiling });
    if (old.isDenied === next.isDenied) continue;
    const told = { row, outcome: next.isDenied ? next : old };
    if (next.isDenied) denied.push(changeOf(told));
    else permitted.push(changeOf(told));
    counts[next.isDenied ? 'deniedOpenings' : 'permittedOpenings'] += row.openings;
  }
  return {
    since: instantText(how.start),
    isCut: seen.isCut,
    conversations: rows.length,
    ...counts,
    deniedConversations: denied.length,
    denied: busiest(denied),
    permittedConversations: permitted.length,
    permitted: busiest(permitted),
    exceedingConversations: exceeding.length,
    exceeding: exceeding.slice(0, TOLD_MAX),
    unjudged: unjudged(after),
  };
}

function limitsOf({ rules }: Policy): ReadonlyMap<string, Limits> {
  return new Map(rules.map(({ id, limits }) => [id, limits]));
}

function ceilingOf(limits: ReadonlyMap<string, Limits>, { rule }: Outcome, { busiestHour }: Row): Ceiling | null {
  const found = rule === null ? undefined : limits.get(rule);
  return found === undefined ? null : exceeded(found, busiestHour);
}

interface Outcome {
  readonly isDenied: boolean;
  readonly reason: string;
  readonly rule: string | null;
}

interface Judging {
  readonly addresses: AddressTable;
  readonly observations: readonly Observation[];
  readonly quarantined: readonly string[];
  readonly start: number;
}

function judgeAll(policy: Policy, { addresses, observations, quarantined, start }: Judging): readonly Outcome[] {
  const engine = new Engine({ policy, addresses, start });
  for (const element of quarantined) engine.setQuarantine(element, true, start);
  const verdict = newVerdict();
  return observations.map((observation) => {
    engine.check(observation, verdict);
    return {
      isDenied: verdict.reasons !== 0 && verdict.isEnforced,
      reason: reasonsOf(verdict.reasons)[0] ?? 'no-rule',
      rule: engine.ruleId(verdict.rule),
    };
  });
}

type Row = Conversations['rows'][number];

const PROTOCOLS: ReadonlyMap<string, number> = new Map(Object.entries(PROTOCOL));
/** A made-up port for the side that began: no policy speaks of it. */
const CLIENT_PORT = 49_152;
const BYTES = 60;

/** Roll-ups know the element, not its MAC: one that is known by a MAC shows that of its policy. */
function observationOf(row: Row, macs: ReadonlyMap<string, Mac>, addresses: AddressTable): Observation {
  const protocol = PROTOCOLS.get(row.protocol) ?? (Number(row.protocol) || 0);
  return {
    ...newObservation(),
    at: row.lastMs * MILLISECOND,
    source: addresses.intern(row.fromAddress),
    destination: addresses.intern(row.toAddress),
    sourceMac: macs.get(row.fromElement ?? '') ?? NO_MAC,
    destinationMac: macs.get(row.toElement ?? '') ?? NO_MAC,
    protocol,
    sourcePort: row.port === null ? -1 : CLIENT_PORT,
    destinationPort: row.port ?? -1,
    bytes: BYTES,
    packetSize: -1,
    tcpFlags: protocol === PROTOCOL.tcp ? TCP.syn : -1,
    initiator: 1,
  };
}

function endsOf({ fromElement, fromAddress, toElement, toAddress, protocol, port }: Row) {
  return { from: fromElement ?? fromAddress, to: toElement ?? toAddress, protocol, port };
}

function changeOf({ row, outcome }: { readonly row: Row; readonly outcome: Outcome }): ChangedConversation {
  return {
    ...endsOf(row),
    reason: outcome.reason,
    rule: outcome.rule,
    openings: row.openings,
    lastSeen: instantText(row.lastMs * MILLISECOND),
  };
}

function busiest(rows: readonly ChangedConversation[]): readonly ChangedConversation[] {
  return rows.toSorted((one, other) => other.openings - one.openings).slice(0, TOLD_MAX);
}
