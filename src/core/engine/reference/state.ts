// Everything the reference evaluator remembers, as plain data. No judging here.

import type { AddressId, AddressTable, DeciderEvent, Factor, Instant, Policy, Rule, Service } from '#model';
import type { Budget } from './budgets.ts';
import type { End, Ends } from './ends.ts';

export interface State {
  policy: Policy;
  readonly addresses: AddressTable;
  /** The latest instant seen (28). */
  now: Instant;
  /** One for each rule of the policy, in document order. */
  rules: RuleState[];
  readonly sessions: Map<string, Session>;
  readonly bindings: Map<string, Binding>;
  /** By element id. */
  readonly logons: Map<string, Map<Factor, Logon>>;
  readonly quarantined: Set<string>;
  events: DeciderEvent[];
}

/** A rule and what is counted under it. Outlives its policy while a session drains under it. */
export interface RuleState {
  rule: Rule;
  index: number;
  /** When the rule's own budgets were born: when the decider began or the policy was applied. */
  readonly born: Instant;
  /** By limit and pair. */
  readonly budgets: Map<string, Budget>;
  isOver: boolean;
}

export interface Binding {
  readonly client: AddressId;
  readonly server: AddressId;
  readonly name: string;
  readonly at: Instant;
  readonly expires: Instant;
}

export type Logon =
  /** `at` is when it logged on last, `on` when it was told so after being off. */
  | { readonly kind: 'on'; readonly at: Instant; readonly on: Instant }
  /** `since` is when the element was told to be off, `on` when it had been told to be on before. */
  | { readonly kind: 'off'; readonly since: Instant; readonly on: Instant };

export interface Session {
  readonly key: string;
  readonly protocol: number;
  ends: Ends;
  /** The ends it counts for: those it had when its rule took it, also while it drains under another policy (23). */
  counted: Ends;
  /** Null for a session that no rule governs and nobody enforces (24). */
  governor: RuleState | null;
  service: Service | null;
  readonly opened: Instant;
  lastSeen: Instant;
  /** Closed by its lifetime (22). */
  isCut: boolean;
  /** Ends of a TCP connection that send no more (8). */
  readonly done: Set<'initiator' | 'responder'>;
  /** Whether it opened while the logon it needs was on: only then a drain follows a logoff (25). */
  isInLogon: boolean;
  /** What every packet of a session without rule is recorded for (24). */
  readonly standing: { readonly reasons: number; readonly guardrail: number };
  /** Ends at `at` for `reason`, judged under its old rule until then (23). */
  draining: { readonly at: Instant; readonly reason: string } | null;
  /** Keys of the bindings it was opened under (5). */
  heldBindings: readonly string[];
  /** Up to which closing and which logoff cut events were given (25). */
  closingDone: Instant;
  logoffDone: Instant;
}

export function elementIdOf(state: State, end: End): string | null {
  return state.policy.elements[end.element]?.id ?? null;
}

export function pairOf(ends: Ends): string {
  return JSON.stringify([ends.initiator.id, ends.responder.id]);
}

/** The budget of a limit for these ends. That of a pair is born when a session is admitted, not when it is first looked at. */
export function budgetOf(governor: RuleState, which: { limit: string; scope: 'pair' | 'rule'; ends: Ends }): Budget {
  const isPair = which.scope === 'pair';
  const pair = isPair ? pairOf(which.ends) : '';
  const key = `${which.limit} ${pair}`;
  const known = governor.budgets.get(key);
  if (known !== undefined) return known;
  const budget: Budget = {
    pair,
    initiator: isPair ? which.ends.initiator.id : null,
    responder: isPair ? which.ends.responder.id : null,
    born: isPair ? null : governor.born,
    charges: [],
    shutSince: null,
    arrival: Number.NEGATIVE_INFINITY,
    floorDone: null,
  };
  governor.budgets.set(key, budget);
  return budget;
}
