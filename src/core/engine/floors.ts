// Volume floors: when a budget is born, which window is judged first, and what its end says. Floors never deny.

import { END_OF_TIME, type Instant, type Volume } from '#model';
import { ABSENT } from './matcher.ts';
import { type Floor, identitiesOf, type RuleState, report, type State } from './state.ts';
import { TIMER } from './timers.ts';
import { type Span, windowAt } from './window.ts';

interface Pair {
  readonly initiator: number;
  readonly responder: number;
  readonly block: number;
}

/** Begins the floors of the whole rule. */
export function birthOfRule(state: State, rule: RuleState): void {
  birth(state, rule, { scope: 'rule', initiator: -1, responder: -1, block: rule.block });
}

/** Begins the floors of a pair whose first session was admitted; a pair already born stays as it is. */
export function birthOfPair(state: State, rule: RuleState, pair: Pair): void {
  birth(state, rule, { scope: 'pair', ...pair });
}

function birth(state: State, rule: RuleState, owner: Pair & { scope: 'pair' | 'rule' }): void {
  const { volumes } = rule.rule.source.limits;
  for (let at = 0; at < volumes.length; at++) {
    const volume = volumes[at];
    if (volume === undefined || volume.minBytes === null || volume.scope !== owner.scope) continue;
    const id = owner.block + at;
    if (state.budgets.floorStart(id) !== 0) continue;
    state.budgets.startFloor(id, firstWindow(volume, state.time.now));
    watchFloor(state, { rule: rule.index, at, initiator: owner.initiator, responder: owner.responder, budget: id });
  }
}

/** The first window that begins at or after birth and one whole window. */
function firstWindow({ window }: Volume, birth: Instant): Span {
  if (window.kind === 'rolling') return { start: birth + window.length, end: birth + 2 * window.length };
  const held = windowAt(window, birth);
  if (held.start === birth) return windowAt(window, held.end);
  return windowAt(window, windowAt(window, held.end).end);
}

/** Sets the timers of a rule's floors that were kept under a new policy. */
export function watchFloors(state: State, rule: RuleState): void {
  watchKept(state, rule, { scope: 'rule', initiator: -1, responder: -1, block: rule.block });
  for (const [pair, block] of rule.pairs ?? []) {
    const [initiator, responder] = identitiesOf(pair);
    const { matcher } = state;
    const ends = { initiator: matcher.indexOf(initiator), responder: matcher.indexOf(responder) };
    watchKept(state, rule, { scope: 'pair', ...ends, block });
  }
}

function watchKept(state: State, rule: RuleState, owner: Pair & { scope: 'pair' | 'rule' }): void {
  const { block, initiator, responder } = owner;
  for (const [at, { minBytes, scope }] of rule.rule.source.limits.volumes.entries()) {
    const isBorn = state.budgets.floorStart(block + at) !== 0;
    if (minBytes !== null && scope === owner.scope && isBorn)
      watchFloor(state, { rule: rule.index, at, initiator, responder, budget: block + at });
  }
}

/** Sets the timer of a floor's running window. */
function watchFloor(state: State, floor: Floor): void {
  wake(state, state.floors.push(floor) - 1, floor);
}

function wake(state: State, number: number, { budget }: Floor): void {
  state.timers.push(TIMER.floor, number, { at: state.budgets.floorEnds.get(budget) ?? END_OF_TIME });
}

/** Judges the floor whose timer was just taken and begins its next window. */
export function runFloorTimer(state: State): void {
  const { at: now, id } = state.timers.taken;
  const floor = state.floors[id];
  const rule = state.current[floor?.rule ?? -1] ?? undefined;
  const volume = rule?.rule.source.limits.volumes[floor?.at ?? -1];
  if (floor === undefined || rule === undefined || volume === undefined || now >= rule.rule.until) return;
  const { initiator, responder, budget } = floor;
  const { budgets } = state;
  const used = budgets.floorUsed(budget);
  const minBytes = volume.minBytes ?? 0;
  // Of a pair one of whose elements is gone there is nobody to tell of.
  const isTold = initiator !== ABSENT && responder !== ABSENT;
  const isCounted = isTold && (rule.group === null || rule.group.past.isOpenDuring(budgets.floorStart(budget), now));
  const { index } = rule;
  if (isCounted && used < minBytes)
    report(state, { kind: 'under-volume', at: now, rule: index, initiator, responder, observedBytes: used, minBytes });
  const end = volume.window.kind === 'rolling' ? now + volume.window.length : windowAt(volume.window, now).end;
  budgets.startFloor(budget, { start: now, end });
  wake(state, id, floor);
}

/** Which of two floors due at one instant is judged first (27). */
export function isFloorBefore(one: Floor | undefined, other: Floor | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one.rule !== other.rule) return one.rule < other.rule;
  if (one.at !== other.at) return one.at < other.at;
  return one.initiator === other.initiator ? one.responder < other.responder : one.initiator < other.initiator;
}
