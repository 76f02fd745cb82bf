// Taking another policy: budgets of unchanged rules are kept, live sessions matched again. Not the compiler.

import { birthOfRule, watchFloor } from './floors.ts';
import { liveSlots, rematch, ruleOf } from './lifecycle.ts';
import type { Program } from './program.ts';
import { PAIR_RADIX, pairKey, type RuleState, ruleState, type State } from './state.ts';
import { RANK, Timers } from './timers.ts';

/** Puts a program in force at the state's instant. */
export function applyProgram(state: State, program: Program): void {
  const before = state.rules;
  const elements = elementMoves(state.program, program);
  state.program = program;
  state.matcher.replace(program);
  state.timers = new Timers();
  const rules = program.rules.map((rule) => ruleState(rule, state.budgets));
  for (const rule of rules) keepBudgets(state, { rule, before, elements });
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

/** Timers of rules' ends, and of floors that were kept. */
export function startTimers(state: State): void {
  for (const { rule } of state.rules.slice(0, state.program.rules.length))
    if (rule.until > state.now) state.timers.push({ at: rule.until, rank: RANK.ruleEnd }, [rule.index], 0);
}

function elementMoves(from: Program, to: Program): (index: number) => number | null {
  const places = new Map(to.policy.elements.map(({ id }, at) => [id, at]));
  return (index) => {
    if (index < 0) return -1;
    return places.get(from.policy.elements[index]?.id ?? '') ?? null;
  };
}

/** Hands the budgets of an earlier rule of the same id and equal limits to the new one. */
function keepBudgets(
  state: State,
  what: { rule: RuleState; before: readonly RuleState[]; elements: (index: number) => number | null },
): void {
  const { rule, before, elements } = what;
  const old = before.find(
    (one) =>
      one.index >= 0 &&
      one.rule.source.id === rule.rule.source.id &&
      JSON.stringify(one.rule.source.limits) === JSON.stringify(rule.rule.source.limits),
  );
  if (old === undefined) return;
  state.budgets.release(rule.block, rule.limitCount);
  rule.block = old.block;
  for (const [key, block] of old.pairs) {
    const initiator = elements(Math.floor(key / PAIR_RADIX) - 1);
    const responder = elements((key % PAIR_RADIX) - 1);
    if (initiator === null || responder === null) continue;
    rule.pairs.set(pairKey(initiator, responder), block);
    watchKept(state, { rule, initiator, responder, block }, 'pair');
  }
  watchKept(state, { rule, initiator: -1, responder: -1, block: rule.block }, 'rule');
}

function watchKept(
  state: State,
  what: { rule: RuleState; initiator: number; responder: number; block: number },
  kept: 'pair' | 'rule',
): void {
  const { rule, block, initiator, responder } = what;
  for (const [at, { minBytes, scope }] of rule.rule.source.limits.volumes.entries()) {
    const isBorn = (state.budgets.floorStart[block + at] ?? 0) !== 0;
    if (minBytes !== null && scope === kept && isBorn)
      watchFloor(state, { rule: rule.index, at, initiator, responder }, block + at);
  }
}

/** Forgets earlier rules under which no session drains any more, and releases what they counted on. */
function dropUnused(state: State, current: number): void {
  const slots = liveSlots(state);
  const used = new Set(slots.map((slot) => ruleOf(state, slot)));
  const kept = state.rules.filter((rule, at) => at < current || used.has(rule));
  const shared = new Set(kept.flatMap((rule) => [rule.block, ...rule.pairs.values()]));
  for (const rule of state.rules) {
    if (kept.includes(rule)) continue;
    for (const block of [rule.block, ...rule.pairs.values()])
      if (!shared.has(block)) state.budgets.release(block, rule.limitCount);
  }
  for (const slot of slots) {
    const rule = ruleOf(state, slot);
    state.sessions.rule[slot] = rule === null ? -1 : kept.indexOf(rule);
  }
  state.rules = kept;
}
