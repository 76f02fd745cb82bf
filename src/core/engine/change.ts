// Live changes: one rule comes or goes, one element changes, and only sessions that this concerns are matched again.
// The same verdicts and events as applying the whole changed policy. Not the whole policy: see apply.ts.

import type { Element, Rule } from '#model';
import { BOND } from './bonds.ts';
import { birthOfRule } from './floors.ts';
import { liveSlots, refreshBond } from './lifecycle.ts';
import type { Contact } from './matcher.ts';
import { type CompiledRule, compileRule, logonOf } from './program.ts';
import { rematch } from './rematch.ts';
import { wantedAtoms } from './selectors.ts';
import { NO_SPARE } from './spares.ts';
import { blocksOf, type RuleState, ruleState, type State } from './state.ts';
import { TIMER } from './timers.ts';

/** Numbers of rules that end or have a floor are not given again until the next whole policy is applied; beyond this a change is refused. */
const NUMBERS_MAX = 16_000_000;

/** `before`: id of the rule that the new one stands before, null for last. An element is told by its id. */
export type Change =
  | { readonly kind: 'add-rule'; readonly rule: Rule; readonly before: string | null }
  | { readonly kind: 'remove-rule'; readonly id: string }
  | { readonly kind: 'replace-element'; readonly element: Element };

/** What of live sessions a change concerns. */
interface Concern {
  readonly added: CompiledRule | null;
  readonly removed: RuleState | null;
  readonly ends: ReadonlySet<number>;
}

const NO_ENDS: ReadonlySet<number> = new Set();

/** Makes a change at the state's instant; false where it names what is not there, or adds what is: nothing has changed then. */
export function change(state: State, what: Change): boolean {
  switch (what.kind) {
    case 'add-rule':
      return addRule(state, what.rule, what.before);
    case 'remove-rule':
      return removeRule(state, what.id);
    case 'replace-element':
      return replaceElement(state, what.element);
  }
}

function addRule(state: State, source: Rule, before: string | null): boolean {
  const { program, matcher, current } = state;
  const successor = before === null ? -1 : (state.numbers.get(before) ?? null);
  if (successor === null || state.numbers.has(source.id)) return false;
  const spare = isPlain(source) ? state.spareNumbers.take() : NO_SPARE;
  if (spare === NO_SPARE && matcher.order.count >= NUMBERS_MAX) return false;
  const number = matcher.order.insert(successor, spare);
  const compiled = compileRule(source, number, program.atoms);
  const rule = ruleState(compiled, state);
  putInPlace(state, rule);
  program.rules[number] = compiled;
  current[number] = rule;
  // Sessions may still drain under an earlier rule of this id: it is told by where its id stands now.
  if (state.removals.size > 0)
    for (const earlier of state.rules) if (earlier.rule.source.id === source.id) earlier.index = number;
  state.numbers.set(source.id, number);
  matcher.addRule(compiled);
  matchConcerned(state, { added: compiled, removed: null, ends: NO_ENDS });
  birthOfRule(state, rule);
  if (compiled.until > state.time.now) state.timers.push(TIMER.ruleEnd, number, { at: compiled.until });
  return true;
}

function removeRule(state: State, id: string): boolean {
  const number = state.numbers.get(id);
  const rule = number === undefined ? null : (state.current[number] ?? null);
  if (number === undefined || rule === null) return false;
  state.matcher.removeRule(rule.rule);
  state.numbers.delete(id);
  state.current[number] = null;
  // Until the next whole policy a session may drain under it: what it counts on stays.
  rule.index = -1;
  matchConcerned(state, { added: null, removed: rule, ends: NO_ENDS });
  if (isPlain(rule.rule.source)) state.spareNumbers.give(number);
  if (state.bonds.countOf(rule.place) === 0) forget(state, rule);
  return true;
}

function replaceElement(state: State, element: Element): boolean {
  const index = state.matcher.elementOf(element.id);
  const before = state.program.elements[index];
  if (before === undefined) return false;
  state.program.elements[index] = element;
  const ends = state.matcher.changeElement(index, before);
  matchConcerned(state, { added: null, removed: null, ends });
  return true;
}

/** Matches again the sessions of every bond that the change, or the instant, may concern. */
function matchConcerned(state: State, concern: Concern): void {
  const { bonds, sessions, removals } = state;
  const concerned = new Set<number>();
  const isEachJudged = state.program.guards.length > 0 || state.quarantined.size > 0;
  for (let bond = 0; bond < bonds.extent; bond++)
    if (bonds.isLive(bond) && (isEachJudged || isConcerned(state, bond, concern))) concerned.add(bond);
  if (concerned.size === 0 && removals.size === 0) return;
  const slots = liveSlots(state).filter((slot) => concerned.has(sessions.bond(slot)) || removals.has(slot));
  for (const slot of slots) rematch(state, slot);
  // Ends may be other elements now, also of sessions that drain.
  if (concern.ends.size > 0) refreshAll(state);
}

function refreshAll(state: State): void {
  for (let bond = 0; bond < state.bonds.extent; bond++) if (state.bonds.isLive(bond)) refreshBond(state, bond);
}

function isConcerned(state: State, bond: number, { added, removed, ends }: Concern): boolean {
  const { bonds } = state;
  const rule = state.rules[bonds.at(bond, BOND.rule)];
  if (rule === undefined || rule === removed || state.current[rule.rule.index] !== rule) return true;
  if (isTakenAnew(state, rule, bonds.at(bond, BOND.service))) return true;
  if (ends.size > 0 && (ends.has(bonds.at(bond, BOND.from)) || ends.has(bonds.at(bond, BOND.to)))) return true;
  if (added === null) return false;
  const { order } = state.matcher;
  const isEarlier = order.keyOf(added.index) < order.keyOf(rule.rule.index);
  return isEarlier && state.matcher.fits(added, contactOf(state, bond));
}

/** Sessions that asked for a logon or opened under a name take their rule anew with every change of the policy (23). */
function isTakenAnew(state: State, { rule }: RuleState, index: number): boolean {
  const service = rule.services[index];
  if (service === undefined || logonOf(rule, service) !== null) return true;
  return wantedAtoms(service.on).some((atom) => state.program.atoms.list[atom]?.kind === 'name');
}

function contactOf(state: State, bond: number): Contact {
  const { from, to, protocol, port } = state.bonds.copyKey(bond);
  return { from: state.matcher.end(from), to: state.matcher.end(to), protocol, port, now: state.time.now };
}

/** Whether no timer tells the rule by its number: only then the number may be another's later. */
function isPlain({ until, limits }: Rule): boolean {
  return until === null && limits.volumes.every(({ minBytes }) => minBytes === null);
}

function putInPlace(state: State, rule: RuleState): void {
  const free = state.sparePlaces.take();
  rule.place = free === NO_SPARE ? state.rules.length : free;
  state.rules[rule.place] = rule;
}

/** Gives back what a rule counted on, and its place in the list. */
function forget(state: State, rule: RuleState): void {
  for (const block of blocksOf(rule)) state.budgets.release(block, rule.limitCount);
  rule.block = -1;
  rule.pairs?.clear();
  state.sparePlaces.give(rule.place);
}
