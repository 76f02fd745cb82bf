// Volume floors: when a budget is born, which window is judged first, and what its end says. Floors never deny.

import type { Instant, Volume } from '#model';
import { ABSENT } from './matcher.ts';
import { identitiesOf, type RuleState, report, type State } from './state.ts';
import { RANK } from './timers.ts';
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
    if (state.budgets.floorStart[id] !== 0) continue;
    const first = firstWindow(volume, state.time.now);
    state.budgets.floorStart[id] = first.start;
    state.budgets.floorEnd[id] = first.end;
    watchFloor(state, { rule: rule.index, at, initiator: owner.initiator, responder: owner.responder }, id);
  }
}

/** The first window that begins at or after birth and one whole window. */
function firstWindow({ window }: Volume, birth: Instant): Span {
  if (window.kind === 'rolling') return { start: birth + window.length, end: birth + 2 * window.length };
  const held = windowAt(window, birth);
  if (held.start === birth) return windowAt(window, held.end);
  return windowAt(window, windowAt(window, held.end).end);
}

interface Place {
  readonly rule: number;
  readonly at: number;
  readonly initiator: number;
  readonly responder: number;
}

/** Sets the timers of a rule's floors that were kept under a new policy. */
export function watchFloors(state: State, rule: RuleState): void {
  watchKept(state, rule, { scope: 'rule', initiator: -1, responder: -1, block: rule.block });
  for (const [pair, block] of rule.pairs) {
    const [initiator, responder] = identitiesOf(pair);
    const { matcher } = state;
    const ends = { initiator: matcher.indexOf(initiator), responder: matcher.indexOf(responder) };
    watchKept(state, rule, { scope: 'pair', ...ends, block });
  }
}

function watchKept(state: State, rule: RuleState, owner: Pair & { scope: 'pair' | 'rule' }): void {
  const { block, initiator, responder } = owner;
  for (const [at, { minBytes, scope }] of rule.rule.source.limits.volumes.entries()) {
    const isBorn = (state.budgets.floorStart[block + at] ?? 0) !== 0;
    if (minBytes !== null && scope === owner.scope && isBorn)
      watchFloor(state, { rule: rule.index, at, initiator, responder }, block + at);
  }
}

/** Sets the timer of a floor's running window. */
function watchFloor(state: State, place: Place, id: number): void {
  const at = state.budgets.floorEnd[id] ?? 0;
  state.timers.push({ at, rank: RANK.floor }, [place.rule, place.at, place.initiator, place.responder], id);
}

/** Judges the floor whose timer was just taken and begins its next window. */
export function runFloorTimer(state: State): void {
  const [now = 0, , index = 0, at = 0, initiator = -1, responder = -1, id = 0] = state.timers.taken;
  const rule = state.rules[index];
  const volume = rule?.rule.source.limits.volumes[at];
  if (rule === undefined || volume === undefined || volume.minBytes === null || now >= rule.rule.until) return;
  const { budgets } = state;
  const start = budgets.floorStart[id] ?? 0;
  const used = budgets.floorUsed[id] ?? 0;
  // Of a pair one of whose elements is gone there is nobody to tell of.
  const isTold = initiator !== ABSENT && responder !== ABSENT;
  const isCounted = isTold && (rule.clock === null || rule.clock.isOpenDuring(start, now));
  if (isCounted && used < volume.minBytes)
    report(state, {
      kind: 'under-volume',
      at: now,
      rule: index,
      initiator,
      responder,
      observedBytes: used,
      minBytes: volume.minBytes,
    });
  budgets.floorUsed[id] = 0;
  budgets.floorStart[id] = now;
  budgets.floorEnd[id] =
    volume.window.kind === 'rolling' ? now + volume.window.length : windowAt(volume.window, now).end;
  watchFloor(state, { rule: index, at, initiator, responder }, id);
}
