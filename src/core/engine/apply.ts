// Taking another policy: budgets of unchanged rules are kept, live sessions matched again. Not the compiler.

import { BOND } from './bonds.ts';
import { birthOfRule, watchFloors } from './floors.ts';
import { HoursClock } from './hours.ts';
import { liveSlots, refreshBond } from './lifecycle.ts';
import { Plans, plansOf } from './plans.ts';
import type { Program } from './program.ts';
import { rematch } from './rematch.ts';
import { blocksOf, idsOf, type RuleState, ruleState, type State } from './state.ts';
import { TIMER } from './timers.ts';

/** Puts a program in force at the state's instant. */
export function applyProgram(state: State, program: Program): void {
  const live = liveSlots(state);
  const before = state.rules;
  state.spareNumbers.clear();
  state.sparePlaces.clear();
  const replaced = new Map(
    state.current.flatMap((rule) => (rule === null ? [] : [[rule.rule.source.id, rule] as const])),
  );
  state.program = program;
  state.guardClocks = guardClocks(program);
  state.timers.dropRules();
  state.floors = [];
  state.plans = new Plans();
  const rules = program.rules.map((rule) => ruleState(rule, state));
  state.current.length = 0;
  for (const rule of rules) state.current.push(rule);
  state.matcher.replace(program);
  for (const rule of rules) keepBudgets(state, rule, replaced);
  state.ids = idsOf(program);
  for (const rule of before) {
    rule.index = state.ids.get(rule.rule.source.id) ?? -1;
    rule.plans = plansOf(rule, state.plans);
  }
  state.rules = [...rules, ...before];
  state.bonds.renumber((rule) => rule + rules.length);
  for (const slot of live) rematch(state, slot);
  dropUnused(state, rules.length);
  refreshBonds(state);
  for (const rule of rules) birthOfRule(state, rule);
  startTimers(state);
}

/** Timers of rules' ends. */
export function startTimers(state: State): void {
  for (const { rule, index } of state.current.flatMap((one) => one ?? []))
    if (rule.until > state.time.now) state.timers.push(TIMER.ruleEnd, index, { at: rule.until });
}

/** Fills in anew what every bond takes from the policy in force. */
export function refreshBonds(state: State): void {
  for (let bond = 0; bond < state.bonds.extent; bond++) if (state.bonds.isLive(bond)) refreshBond(state, bond);
}

/** A clock for each guardrail that requires hours. */
export function guardClocks(program: Program): (HoursClock | null)[] {
  return program.guards.map(({ require }) => (require?.hours ? new HoursClock(require.hours) : null));
}

/** Hands the budgets of a replaced rule of the same id and equal limits to the new one; those of elements now gone as well, so that none begins anew by coming back. */
function keepBudgets(state: State, rule: RuleState, replaced: ReadonlyMap<string, RuleState>): void {
  const old = replaced.get(rule.rule.source.id);
  if (old === undefined || JSON.stringify(old.rule.source.limits) !== JSON.stringify(rule.rule.source.limits)) return;
  state.budgets.release(rule.block, rule.limitCount);
  rule.block = old.block;
  rule.pairs = old.pairs;
  watchFloors(state, rule);
}

/** Forgets earlier rules under which no session drains any more, and releases what they counted on. */
function dropUnused(state: State, current: number): void {
  const { bonds } = state;
  const used = new Set<number>();
  for (let bond = 0; bond < bonds.extent; bond++) if (bonds.isLive(bond)) used.add(bonds.at(bond, BOND.rule));
  const numbers = new Map<number, number>();
  const kept: RuleState[] = [];
  for (const [at, rule] of state.rules.entries()) {
    if (at >= current && !used.has(at)) continue;
    rule.place = kept.push(rule) - 1;
    numbers.set(at, rule.place);
  }
  const held = new Set(kept);
  const shared = new Set(kept.flatMap(blocksOf));
  for (const rule of state.rules) {
    if (held.has(rule)) continue;
    for (const block of blocksOf(rule)) if (!shared.has(block)) state.budgets.release(block, rule.limitCount);
  }
  bonds.renumber((rule) => numbers.get(rule) ?? -1);
  state.rules = kept;
}
