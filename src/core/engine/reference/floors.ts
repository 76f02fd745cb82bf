// Semantics 26: the least volume of a window, judged when the window ends. Floors never deny.

import type { Instant, Volume } from '#model';
import { type Budget, chargedBetween } from './budgets.ts';
import type { Ends } from './ends.ts';
import { isOpenDuring, type Span } from './hours.ts';
import { budgetOf, type RuleState, type State } from './state.ts';
import { windowOf } from './windows.ts';

export interface FloorDue {
  readonly governor: RuleState;
  readonly index: number;
  readonly volume: Volume;
  readonly budget: Budget;
  readonly window: Span;
}

/** Gives birth to the budgets that have a floor: the rule's own (no ends), or those of a pair at its first session. */
export function bearFloors(state: State, governor: RuleState, ends: Ends | null): void {
  for (const [index, { minBytes, scope }] of governor.rule.limits.volumes.entries()) {
    if (minBytes === null || (scope === 'pair') !== (ends !== null)) continue;
    const budget = budgetOf(governor, { limit: `volume ${index}`, scope, ends: ends ?? NOBODY });
    budget.born ??= state.now;
  }
}

const NO_END = { address: -1, mac: -1, port: -1, bytes: new Uint8Array(16), element: -1, id: null };
const NOBODY: Ends = { initiator: NO_END, responder: NO_END };

/** The next floor window of every budget. */
export function floorsDue(state: State): readonly FloorDue[] {
  return state.rules
    .filter((governor) => !governor.isOver)
    .flatMap((governor) =>
      governor.rule.limits.volumes.flatMap((volume, index) =>
        volume.minBytes === null
          ? []
          : [...governor.budgets]
              .filter(([key]) => key.startsWith(`volume ${index} `))
              .flatMap(([, budget]) => {
                const window = nextWindow(budget, volume);
                return window === null ? [] : [{ governor, index, volume, budget, window }];
              }),
      ),
    );
}

function nextWindow(budget: Budget, { window }: Volume): Span | null {
  if (budget.born === null) return null;
  if (window.kind === 'rolling') {
    const start = budget.floorDone ?? budget.born + window.length;
    return { start, end: start + window.length };
  }
  if (budget.floorDone !== null) return windowOf(window, budget.floorDone);
  const first = windowOf(window, budget.born);
  const second = windowOf(window, first.end);
  return budget.born === first.start ? second : windowOf(window, second.end);
}

export function judgeFloor(state: State, { governor, volume, budget, window }: FloorDue, at: Instant): void {
  budget.floorDone = window.end;
  const { hours } = governor.rule.limits;
  if (isGone(state, budget.initiator) || isGone(state, budget.responder)) return;
  if (hours !== null && !isOpenDuring(hours, window)) return;
  const observedBytes = chargedBetween(budget, window.start, window.end);
  const minBytes = volume.minBytes ?? 0;
  if (observedBytes >= minBytes) return;
  state.events.push({
    kind: 'under-volume',
    at,
    rule: governor.index,
    initiator: indexOf(state, budget.initiator),
    responder: indexOf(state, budget.responder),
    observedBytes,
    minBytes,
  });
}

/** Of an element that the policy does not hold there is nobody to tell of. */
function isGone(state: State, id: string | null): boolean {
  return id !== null && indexOf(state, id) === -1;
}

export function indexOf(state: State, id: string | null): number {
  return id === null ? -1 : state.policy.elements.findIndex((element) => element.id === id);
}
