// Live changes: one rule comes or goes, one element changes, and only sessions that this concerns are matched again.
// The same verdicts and events as applying the whole changed policy. Not the whole policy: see apply.ts.

import type { Element, Rule } from '#model';
import { BOND, type Wire } from './bonds.ts';
import { birthOfRule } from './floors.ts';
import { refreshBond, removeSession } from './lifecycle.ts';
import type { Contact } from './matcher.ts';
import { type CompiledRule, compileRule, portFits, protocolFits } from './program.ts';
import { rematch } from './rematch.ts';
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
  const successor = before === null ? -1 : state.ids.get(before);
  if (successor === null || state.ids.get(source.id) !== null) return false;
  const spare = isPlain(source) ? state.spareNumbers.take() : NO_SPARE;
  if (spare === NO_SPARE && matcher.order.count >= NUMBERS_MAX) return false;
  const number = matcher.order.insert(successor, spare);
  if (!state.ids.add(source.id, number)) {
    matcher.order.remove(number);
    return false;
  }
  const compiled = compileRule(source, number, program.atoms);
  const rule = ruleState(compiled, state);
  putInPlace(state, rule);
  program.rules[number] = compiled;
  current[number] = rule;
  // Sessions may still drain under an earlier rule of this id: it is told by where its id stands now.
  if (state.removals.size > 0)
    for (const earlier of state.rules) if (earlier.rule.source.id === source.id) earlier.index = number;
  matcher.addRule(compiled);
  matchConcerned(state, { added: compiled, removed: null, ends: NO_ENDS });
  birthOfRule(state, rule);
  if (compiled.until > state.time.now) state.timers.push(TIMER.ruleEnd, number, { at: compiled.until });
  return true;
}

function removeRule(state: State, id: string): boolean {
  const number = state.ids.get(id);
  const rule = number === null ? null : (state.current[number] ?? null);
  if (number === null || rule === null) return false;
  state.matcher.removeRule(rule.rule);
  state.ids.remove(id, number);
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
  const { bonds, removals } = state;
  const isEachJudged = state.program.guards.length > 0 || state.quarantined.size > 0;
  const concerned = isEachJudged ? bonds.live() : concernedBonds(state, concern);
  if (concerned.length === 0 && removals.size === 0) return;
  for (const slot of slotsUnder(state, concerned)) rematch(state, slot);
  // Ends may be other elements now, also of sessions that drain.
  if (concern.ends.size > 0) refreshAll(state);
  if (concern.removed !== null) noteDraining(state, concern.removed);
}

function refreshAll(state: State): void {
  for (let bond = 0; bond < state.bonds.extent; bond++) if (state.bonds.isLive(bond)) refreshBond(state, bond);
}

/** Bonds that each change concerns, those of a rule that is gone, those whose ends are others, and those that an added rule may take. */
function concernedBonds(state: State, { added, removed, ends }: Concern): readonly number[] {
  const { bonds } = state;
  const found = [...bonds.unsettled];
  if (removed !== null && bonds.countOf(removed.place) > 0) found.push(...bonds.under(removed.place));
  if (ends.size > 0) found.push(...bonds.between(ends));
  if (added !== null) found.push(...spokenTo(state, added).filter((bond) => isTaken(state, bond, added)));
  return found;
}

/** Bonds that speak what an added rule lets be spoken. */
function spokenTo({ bonds }: State, { services }: CompiledRule): readonly number[] {
  const [first, ...more] = services;
  const isOne = first !== undefined && more.length === 0 && first.protocol >= 0 && first.ports.length === 2;
  const [from = 0, to = -1] = first?.ports ?? [];
  const only = isOne && from === to ? { protocol: first.protocol, port: from } : null;
  const fits = ({ protocol, port }: Wire): boolean =>
    services.some((service) => protocolFits(service, protocol) && portFits(service, port));
  return bonds.speaking(only, fits);
}

function isTaken(state: State, bond: number, added: CompiledRule): boolean {
  const rule = state.rules[state.bonds.at(bond, BOND.rule)];
  if (rule === undefined) return true;
  const { order } = state.matcher;
  const isEarlier = order.keyOf(added.index) < order.keyOf(rule.rule.index);
  return isEarlier && state.matcher.fits(added, contactOf(state, bond));
}

/** Sessions that drain under a rule that is gone are concerned by each change to come. */
function noteDraining({ bonds }: State, { place }: RuleState): void {
  if (bonds.countOf(place) === 0) return;
  for (const bond of bonds.under(place)) bonds.unsettled.add(bond);
}

/** Live sessions of these bonds, and those that drain, in the order of their records; what is idle among them ends. */
function slotsUnder(state: State, concerned: readonly number[]): readonly number[] {
  const { sessions, bonds } = state;
  const slots = concerned.length === 0 ? [] : sessions.under(bonds.marked(concerned));
  const all = state.removals.size === 0 ? slots : [...new Set([...slots, ...state.removals.keys()])];
  const live: number[] = [];
  for (const slot of all.sort((one, other) => one - other)) {
    if (state.time.now >= sessions.idlesOutAt(slot)) removeSession(state, slot);
    else live.push(slot);
  }
  return live;
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
