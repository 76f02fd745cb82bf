// What an engine remembers, and the mutable side of each rule. Not what is done with it.

import type { DeciderEvent, Factor, Instant, Observation, Reason, Scope, Verdict } from '#model';
import { REASONS } from '#model';
import type { Bonds } from './bonds.ts';
import { type Budgets, NO_BLOCK } from './budgets.ts';
import type { End } from './ends.ts';
import type { HoursClock } from './hours.ts';
import type { HoursGroup, HoursWatch } from './hours-watch.ts';
import type { Matcher } from './matcher.ts';
import type { Binding, NameBindings } from './names.ts';
import { type Plans, plansOf } from './plans.ts';
import type { CompiledRule, CompiledService, Program } from './program.ts';
import { RuleIds } from './rule-ids.ts';
import type { Sessions } from './sessions.ts';
import type { Spares } from './spares.ts';
import type { Time } from './time.ts';
import type { Timers } from './timers.ts';

/** Events kept until they are taken. When full later ones are left out; no verdict depends on events. */
const EVENTS_MAX = 1_000_000;
/** Operation texts whose answer is remembered per rule; when full the memory is emptied. */
const OPERATIONS_MAX = 4_096;
/** Block of every pair of a rule that counts nothing for pairs: it is never looked at. */
const ALL_PAIRS = 0;
/** Identities of elements stay far below this, so a pair fits in one exact double. */
const PAIR_RADIX = 2 ** 26;

/** One rule while it judges: its clock, its budgets. Limits are numbered volumes, rates, connections. */
export interface RuleState {
  /** Index in the policy in force, -1 for a rule of an earlier one. */
  index: number;
  /** Place in the engine's list. */
  place: number;
  readonly rule: CompiledRule;
  /** Its hours, with all rules of equal hours and drain. */
  readonly group: HoursGroup | null;
  readonly limitCount: number;
  /** Whether it limits how many sessions are open: then they end at the very instant at which they idle out. */
  readonly isCounting: boolean;
  /** First budget of the whole rule. */
  block: number;
  /** First budget of each pair, by identities of elements; goes from policy to policy with the limits. Null where no limit counts for pairs. */
  pairs: Map<number, number> | null;
  readonly operations: Map<string, boolean> | null;
  readonly patterns: readonly RegExp[] | null;
  /** Place of the plan of each service, see plans.ts. */
  plans: readonly number[];
}

/** One floor that is watched. Elements are those of the policy in force. */
export interface Floor {
  readonly rule: number;
  /** Place among the rule's volumes. */
  readonly at: number;
  readonly initiator: number;
  readonly responder: number;
  readonly budget: number;
}

/** Why and when a session is removed that nothing admits any more. */
export interface Removal {
  readonly at: Instant;
  readonly reason: Reason;
}

/** One packet under its rule; filled anew for each packet, never kept. */
export interface Judged {
  rule: RuleState;
  service: CompiledService;
  /** First budget of the pair. */
  block: number;
  isSent: boolean;
  /** Whether its rates were charged when they were judged. */
  isRateCharged: boolean;
}

export interface LogonState {
  /** When the factor last logged on, null when off. */
  at: Instant | null;
  /** Since when it is known to be on; a logon on top of another does not change it. */
  on: Instant;
  /** When it last logged off. */
  off: Instant;
}

/** What `logonAnswer` finds; one object, overwritten by the next question. */
export interface LogonAnswer {
  isOn: boolean;
  /** The age that `within` is held against. */
  age: number;
  /** Since when it is off, where it was on before. */
  off: Instant;
}

export interface State {
  program: Program;
  /** Those in force, and earlier ones under which sessions drain. */
  rules: RuleState[];
  /** Those in force by number; null where one was taken out since the policy was applied. */
  readonly current: (RuleState | null)[];
  ids: RuleIds;
  /** Numbers of rules that were taken out, and places in `rules` that nobody stands under. */
  readonly spareNumbers: Spares;
  readonly sparePlaces: Spares;
  guardClocks: (HoursClock | null)[];
  readonly time: Time;
  readonly matcher: Matcher;
  readonly names: NameBindings;
  readonly sessions: Sessions;
  readonly bonds: Bonds;
  readonly budgets: Budgets;
  readonly timers: Timers;
  readonly hours: HoursWatch;
  plans: Plans;
  /** Floors that are watched; timers tell them by their place. */
  floors: Floor[];
  /** By slot. */
  readonly removals: Map<number, Removal>;
  /** Sessions that came under another rule at an instant because theirs ended: a closing of that very instant is none of theirs. */
  readonly taken: { at: Instant; readonly slots: Set<number> };
  /** Raised by every change of a logon: what a bond knew before is to be asked again. */
  logonChanges: number;
  /** By element id, so that it outlives a change of policy. */
  readonly logons: Map<string, Record<Factor, LogonState>>;
  readonly quarantined: Set<string>;
  /** Bindings that a session was opened under, by slot. */
  readonly bindings: Map<number, readonly Binding[]>;
  events: DeciderEvent[];
  /** What is judged now, and the verdict to fill. */
  packet: Observation;
  verdict: Verdict;
  /** How a packet of a live session stands under its rule: filled anew for each one, made of the first. */
  judged: Judged | null;
  readonly logonAnswer: LogonAnswer;
  /** What a session is found to be denied for when it is matched again. */
  readonly rematched: Verdict;
}

export function ruleState(
  rule: CompiledRule,
  { budgets, hours, plans }: { budgets: Budgets; hours: HoursWatch; plans: Plans },
): RuleState {
  const { limits } = rule.source;
  const limitCount = limits.volumes.length + limits.rates.length + limits.connections.length;
  const group = limits.hours === null ? null : hours.groupOf(limits.hours, limits.drain);
  const hasPairs = [limits.volumes, limits.rates, limits.connections].some((of) => of.some(isOfPair));
  return {
    index: rule.index,
    place: rule.index,
    rule,
    group,
    limitCount,
    isCounting: limits.connections.some(({ kind }) => kind === 'open'),
    block: budgets.allocate(limitCount),
    // A million rules have no need of two million empty maps.
    pairs: hasPairs ? new Map() : null,
    operations: limits.operations === null ? null : new Map(),
    patterns: limits.operations?.map(patternOf) ?? null,
    plans: plansOf({ rule, group }, plans),
  };
}

function isOfPair({ scope }: { readonly scope: Scope }): boolean {
  return scope === 'pair';
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

/** Whether an operation fits one of the rule's patterns. */
export function isOperationAllowed(state: RuleState, operation: string): boolean {
  if (state.operations === null) return true;
  const known = state.operations.get(operation);
  if (known !== undefined) return known;
  const isAllowed = state.patterns?.some((pattern) => pattern.test(operation)) ?? true;
  if (state.operations.size >= OPERATIONS_MAX) state.operations.clear();
  state.operations.set(operation, isAllowed);
  return isAllowed;
}

/** Identities of the two elements of a key of `RuleState.pairs`. */
export function identitiesOf(pair: number): readonly [initiator: number, responder: number] {
  return [Math.floor(pair / PAIR_RADIX) - 1, (pair % PAIR_RADIX) - 1];
}

/** First budget of a pair under a rule, made when missing; `NO_BLOCK` when there is no room. */
export function pairBlock(state: State, rule: RuleState, ends: { from: End | null; to: End | null }): number {
  if (rule.pairs === null) return ALL_PAIRS;
  const known = knownPairBlock(rule, ends);
  if (known !== NO_BLOCK) return known;
  const block = state.budgets.allocate(rule.limitCount);
  if (block !== NO_BLOCK) rule.pairs.set(pairOf(ends), block);
  return block;
}

/** The same where it is there already, else `NO_BLOCK`. */
export function knownPairBlock(rule: RuleState, ends: { from: End | null; to: End | null }): number {
  return rule.pairs === null ? ALL_PAIRS : (rule.pairs.get(pairOf(ends)) ?? NO_BLOCK);
}

function pairOf({ from, to }: { from: End | null; to: End | null }): number {
  return ((from?.identity ?? -1) + 1) * PAIR_RADIX + (to?.identity ?? -1) + 1;
}

/** Numbers of a program's rules by their id. */
export function idsOf({ rules }: Program): RuleIds {
  const ids = new RuleIds((number) => rules[number]?.source.id ?? '');
  // A rule that is not found by its id could not be taken out again.
  for (const { index, source } of rules) if (!ids.add(source.id, index)) throw new RangeError('no place for a rule');
  return ids;
}

export function report(state: State, event: DeciderEvent): void {
  if (state.events.length < EVENTS_MAX) state.events.push(event);
}

/** All blocks that a rule counts on. */
export function blocksOf(rule: RuleState): readonly number[] {
  return rule.pairs === null ? [rule.block] : [rule.block, ...rule.pairs.values()];
}

/** Places of the reasons in a verdict's arrays, and their bits. */
export const AT: Readonly<Record<Reason, number>> = {
  quarantined: REASONS.indexOf('quarantined'),
  'stale-program': REASONS.indexOf('stale-program'),
  guardrail: REASONS.indexOf('guardrail'),
  'unknown-element': REASONS.indexOf('unknown-element'),
  'no-rule': REASONS.indexOf('no-rule'),
  'wrong-protocol': REASONS.indexOf('wrong-protocol'),
  'bad-state': REASONS.indexOf('bad-state'),
  'not-logged-on': REASONS.indexOf('not-logged-on'),
  'session-expired': REASONS.indexOf('session-expired'),
  'outside-hours': REASONS.indexOf('outside-hours'),
  'too-many-connections': REASONS.indexOf('too-many-connections'),
  'wrong-application': REASONS.indexOf('wrong-application'),
  'wrong-operation': REASONS.indexOf('wrong-operation'),
  'packet-size': REASONS.indexOf('packet-size'),
  'over-rate': REASONS.indexOf('over-rate'),
  'over-volume': REASONS.indexOf('over-volume'),
  'under-volume': REASONS.indexOf('under-volume'),
};
