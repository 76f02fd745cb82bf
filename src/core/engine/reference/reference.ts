// The reference evaluator: keeps the state and sends each call to the sentence that answers it. Slow on purpose.

import {
  type AddressTable,
  clearVerdict,
  type Decider,
  type DeciderEvent,
  type Instant,
  type LogonChange,
  type Observation,
  type Policy,
  type Rule,
  type Verdict,
} from '#model';
import { bind, forgetBindings } from './bindings.ts';
import { bearFloors } from './floors.ts';
import { judge } from './judging.ts';
import { matchAgain } from './rematching.ts';
import { idlesOutAt } from './sessions.ts';
import type { RuleState, State } from './state.ts';
import { runTimers } from './timers.ts';

export class Reference implements Decider {
  readonly #state: State;

  constructor(options: { policy: Policy; addresses: AddressTable; start: Instant }) {
    this.#state = {
      policy: options.policy,
      addresses: options.addresses,
      now: Math.max(0, options.start),
      rules: [],
      sessions: new Map(),
      bindings: new Map(),
      logons: new Map(),
      quarantined: new Set(),
      events: [],
    };
    enact(this.#state, options.policy);
  }

  judge(observation: Observation, verdict: Verdict): void {
    this.advance(observation.at);
    clearVerdict(verdict);
    judge(this.#state, observation, verdict);
  }

  bindName(binding: Parameters<Decider['bindName']>[0]): void {
    this.advance(binding.at);
    bind(this.#state, { ...binding, at: this.#state.now });
  }

  setLogon(change: LogonChange, now: Instant): void {
    this.advance(now);
    const factors = this.#state.logons.get(change.element) ?? new Map();
    const known = factors.get(change.factor);
    // Logging off twice is being off since the first time.
    const on = known?.kind === 'on' ? known.on : this.#state.now;
    if (change.at !== null) factors.set(change.factor, { kind: 'on', at: change.at, on });
    else if (known?.kind === 'on') factors.set(change.factor, { kind: 'off', since: this.#state.now, on });
    this.#state.logons.set(change.element, factors);
    this.advance(now);
  }

  setQuarantine(element: string, isQuarantined: boolean, now: Instant): void {
    this.advance(now);
    if (isQuarantined) this.#state.quarantined.add(element);
    else this.#state.quarantined.delete(element);
  }

  advance(now: Instant): void {
    runTimers(this.#state, Math.max(this.#state.now, now));
    forgetBindings(this.#state);
  }

  apply(policy: Policy, now: Instant): void {
    this.advance(now);
    enact(this.#state, policy);
    for (const session of [...this.#state.sessions.values()])
      if (this.#state.now < idlesOutAt(session)) matchAgain(this.#state, session);
    this.advance(now);
  }

  takeEvents(): readonly DeciderEvent[] {
    const { events } = this.#state;
    this.#state.events = [];
    return events;
  }
}

/** Puts a policy in force; what was counted under a rule of the same id and equal limits goes on counting (23). */
function enact(state: State, policy: Policy): void {
  const before = state.rules;
  state.policy = policy;
  state.rules = policy.rules.map((rule, index) => ruleStateOf(state, { before, rule, index }));
  const ids = policy.rules.map((rule) => rule.id);
  // Sessions may still drain under a rule of this policy or of one before it: it is told by where its id stands now.
  for (const { governor } of state.sessions.values())
    if (governor !== null && !state.rules.includes(governor)) governor.index = ids.indexOf(governor.rule.id);
  for (const governor of state.rules) bearFloors(state, governor, null);
}

function ruleStateOf(state: State, made: { before: readonly RuleState[]; rule: Rule; index: number }): RuleState {
  const { rule, index } = made;
  const isOver = rule.until !== null && rule.until <= state.now;
  const same = made.before.find((old) => old.rule.id === rule.id && isEqual(old.rule.limits, rule.limits));
  if (same === undefined) return { rule, index, born: state.now, budgets: new Map(), isOver };
  same.rule = rule;
  same.index = index;
  same.isOver = isOver;
  return same;
}

function isEqual(one: Rule['limits'], other: Rule['limits']): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
