// Live sessions matched again, when a policy is applied or their rule has ended (23). Not the matching itself.

import { REASONS, type Reason, reasonsOf } from '#model';
import { govern, liveSlots, removeSession, ruleOf, tellCut, ungovern } from './lifecycle.ts';
import { judgeMatch, type Match, matchTuple } from './opening.ts';
import { arm, watchRemoval } from './session-timers.ts';
import type { State } from './state.ts';

/** Matches the sessions of a rule that has ended; one that is idle at this very instant ends without a word. */
export function endRule(state: State, index: number): void {
  const { sessions } = state;
  const { now } = state.time;
  for (const slot of liveSlots(state)) {
    const isUnder = ruleOf(state, slot)?.index === index && (sessions.removal[slot] ?? 0) === 0;
    if (isUnder && now < sessions.idlesOutAt(slot)) rematch(state, slot);
  }
}

/** Matches a session again as an opening at this instant would be. */
export function rematch(state: State, slot: number): void {
  const { sessions } = state;
  const match = matchTuple(state, {
    fromNumber: sessions.from[slot] ?? -1,
    toNumber: sessions.to[slot] ?? -1,
    protocol: sessions.protocol[slot] ?? 0,
    port: sessions.port[slot] ?? -1,
    isFromInitiator: true,
  });
  const verdict = state.rematched;
  verdict.reasons = 0;
  judgeMatch(state, match, verdict);
  sessions.epoch[slot] = (sessions.epoch[slot] ?? 0) + 1;
  if (verdict.reasons !== 0) {
    const first = reasonsOf(verdict.reasons).find((reason) => reason === 'quarantined' || reason === 'guardrail');
    holdByModes(state, slot, match);
    dismiss(state, slot, first ?? 'no-rule');
    return;
  }
  ungovern(state, slot);
  sessions.removal[slot] = 0;
  if (govern(state, slot, match)) arm(state, slot);
  else dismiss(state, slot, 'too-many-connections');
}

/** While a session drains, the modes in force say whether its denials are held. */
function holdByModes(state: State, slot: number, match: Match): void {
  const { protocol, port } = match;
  const service = ruleOf(state, slot)?.rule.services[state.sessions.service[slot] ?? -1] ?? null;
  const isHeld = state.matcher.isHeld(match, match.candidates, { protocol, port, service });
  state.sessions.isEnforced[slot] = isHeld ? 1 : 0;
}

/** Removes a session, after its rule's drain. */
function dismiss(state: State, slot: number, reason: Reason): void {
  const { sessions } = state;
  const drain = ruleOf(state, slot)?.rule.source.limits.drain ?? 0;
  const isDraining = (sessions.removal[slot] ?? 0) > 0;
  const due = isDraining ? (sessions.removal[slot] ?? 0) : state.time.now + drain;
  if (due > state.time.now) {
    if (!isDraining) sessions.removalReason[slot] = REASONS.indexOf(reason);
    sessions.removal[slot] = due;
    arm(state, slot);
    watchRemoval(state, slot);
    return;
  }
  if (sessions.isCut[slot] === 0) tellCut(state, slot, reason);
  removeSession(state, slot);
}
