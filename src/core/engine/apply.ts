// Taking another policy: budgets of unchanged rules are kept, live sessions matched again. Not the compiler.

import { birthOfRule, watchFloors } from './floors.ts';
import { HoursClock } from './hours.ts';
import { liveSlots, ruleOf } from './lifecycle.ts';
import type { Program } from './program.ts';
import { rematch } from './rematch.ts';
import { type RuleState, ruleState, type State } from './state.ts';
import { RANK, Timers } from './timers.ts';

/** Puts a program in force at the state's instant. */
export function applyProgram(state: State, program: Program): void {
  const before = state.rules;
  const replaced = before.slice(0, state.program.rules.length);
  state.program = program;
  state.guardClocks = guardClocks(program);
  state.matcher.replace(program);
  state.timers = new Timers(state.sessions);
  const rules = program.rules.map((rule) => ruleState(rule, state.budgets));
  for (const rule of rules) keepBudgets(state, rule, replaced);
  for (const rule of before)
    rule.index = rules.find(({ rule: { source } }) => source.id === rule.rule.source.id)?.index ?? -1;
  state.rules = [...rules, ...before];
  for (const slot of liveSlots(state)) {
    const rule = state.sessions.rule[slot] ?? -1;
    if (rule >= 0) state.sessions.rule[slot] = rule + rules.length;
  }
  for (const slot of liveSlots(state)) rematch(state, slot);
  dropUnused(state, rules.length);
  for (const rule of rules) birthOfRule(state, rule);
  startTimers(state);
}

/** Timers of rules' ends. */
export function startTimers(state: State): void {
  for (const { rule } of state.rules.slice(0, state.program.rules.length))
    if (rule.until > state.time.now) state.timers.push({ at: rule.until, rank: RANK.ruleEnd }, [rule.index], 0);
}

/** A clock for each guardrail that requires hours. */
export function guardClocks(program: Program): (HoursClock | null)[] {
  return program.guards.map(({ require }) => (require?.hours ? new HoursClock(require.hours) : null));
}

/** Hands the budgets of a replaced rule of the same id and equal limits to the new one; those of elements now gone as well, so that none begins anew by coming back. */
function keepBudgets(state: State, rule: RuleState, replaced: readonly RuleState[]): void {
  const old = replaced.find(
    (one) =>
      one.rule.source.id === rule.rule.source.id &&
      JSON.stringify(one.rule.source.limits) === JSON.stringify(rule.rule.source.limits),
  );
  if (old === undefined) return;
  state.budgets.release(rule.block, rule.limitCount);
  rule.block = old.block;
  rule.pairs = old.pairs;
  watchFloors(state, rule);
}

/** Forgets earlier rules under which no session drains any more, and releases what they counted on. */
function dropUnused(state: State, current: number): void {
  const slots = liveSlots(state);
  const used = new Set(slots.map((slot) => ruleOf(state, slot)));
  const kept = state.rules.filter((rule, at) => at < current || used.has(rule));
  const held = new Set(kept);
  const shared = new Set(kept.flatMap((rule) => [rule.block, ...rule.pairs.values()]));
  for (const rule of state.rules) {
    if (held.has(rule)) continue;
    for (const block of [rule.block, ...rule.pairs.values()])
      if (!shared.has(block)) state.budgets.release(block, rule.limitCount);
  }
  for (const slot of slots) {
    const rule = ruleOf(state, slot);
    state.sessions.rule[slot] = rule === null ? -1 : kept.indexOf(rule);
  }
  state.rules = kept;
}
