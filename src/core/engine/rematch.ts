// Live sessions matched again, when a policy is applied or their rule has ended (23). Not the matching itself.

import { type Reason, reasonsOf } from '#model';
import { govern, hold, liveSlots, removeSession, ruleOf, serviceOf, tellCut, ungovern } from './lifecycle.ts';
import { judgeMatch, type Match, matchTuple } from './opening.ts';
import { arm, watchRemoval } from './session-timers.ts';
import type { State } from './state.ts';

/** Matches the sessions of a rule that has ended; one that is idle at this very instant ends without a word. */
export function endRule(state: State, index: number): void {
  state.matcher.memo.forget();
  const { taken } = state;
  if (taken.at !== state.time.now) taken.slots.clear();
  taken.at = state.time.now;
  for (const slot of liveSlots(state)) {
    if (ruleOf(state, slot)?.index !== index || state.removals.has(slot)) continue;
    rematch(state, slot);
    taken.slots.add(slot);
  }
}

/** Matches a session again as an opening at this instant would be. */
export function rematch(state: State, slot: number): void {
  const { sessions, bonds } = state;
  const { from, to, protocol, port } = bonds.copyKey(sessions.bond(slot));
  const match = matchTuple(state, { fromNumber: from, toNumber: to, protocol, port, isFromInitiator: true });
  const verdict = state.rematched;
  verdict.reasons = 0;
  judgeMatch(state, match, verdict);
  sessions.raise(slot);
  if (verdict.reasons !== 0) {
    const first = reasonsOf(verdict.reasons).find((reason) => reason === 'quarantined' || reason === 'guardrail');
    holdByModes(state, slot, match);
    dismiss(state, slot, first ?? 'no-rule');
    return;
  }
  ungovern(state, slot);
  state.removals.delete(slot);
  if (govern(state, slot, match)) arm(state, slot);
  else dismiss(state, slot, 'too-many-connections');
}

/** While a session drains, the modes in force say whether its denials are held. */
function holdByModes(state: State, slot: number, match: Match): void {
  hold(state, slot, state.matcher.isHeld(match, serviceOf(state, slot)));
}

/** Removes a session, after its rule's drain. */
function dismiss(state: State, slot: number, reason: Reason): void {
  const drain = ruleOf(state, slot)?.rule.source.limits.drain ?? 0;
  const before = state.removals.get(slot);
  const removal = before ?? { at: state.time.now + drain, reason };
  if (removal.at > state.time.now) {
    state.removals.set(slot, removal);
    arm(state, slot);
    watchRemoval(state, slot, removal.at);
    return;
  }
  if (!state.sessions.isCut(slot)) tellCut(state, slot, reason);
  removeSession(state, slot);
}
