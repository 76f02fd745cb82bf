// The first packet of a tuple from match to session: judged by opening and by content, admitted where nothing holds it back.

import { BOND } from './bonds.ts';
import { admit, countOpening, isFull, ruleOf, sweep } from './lifecycle.ts';
import { judgeAdmission, judgeMatch, type Match, matchOpening } from './opening.ts';
import { charge, deny, judgeAmount, judgeContent, setEnforced } from './packet.ts';
import { arm } from './session-timers.ts';
import { NO_SESSION } from './sessions.ts';
import { AT, type Judged, type State } from './state.ts';

/** Judges the first packet of a tuple; where its denial is not held it opens a session all the same. */
export function judgeOpening(state: State): void {
  const { sessions, verdict } = state;
  sweep(state);
  const match = matchOpening(state, state.packet);
  verdict.rule = match.rule?.index ?? -1;
  verdict.isFromInitiator = match.isFromInitiator;
  verdict.initiator = match.from?.element ?? -1;
  verdict.responder = match.to?.element ?? -1;
  judgeMatch(state, match, verdict);
  const isOut = ((verdict.reasons >> AT.quarantined) & 1) === 1;
  const judged = isOut ? null : judgeAdmission(state, match);
  if (isFull(state) && !isOut && deny(verdict, AT['too-many-connections'], sessions.count + 1))
    verdict.limit[AT['too-many-connections']] = sessions.max;
  if (judged !== null) {
    const isAdmitted = verdict.reasons === 0;
    judgeContent(state, judged);
    if (isAdmitted && verdict.reasons === 0) judgeAmount(state, judged);
  }
  setEnforced(verdict, match.isHeld, match.rule?.rule.isAudit ?? false);
  if (!verdict.isEnforced) open(state, match, judged);
}

function open(state: State, match: Match, judged: Judged | null): void {
  const slot = admit(state, match);
  if (slot === NO_SESSION) {
    // The packet passes all the same, so it is charged.
    if (judged !== null) charge(state, judged);
    return;
  }
  arm(state, slot);
  state.verdict.isOpening = true;
  const rule = ruleOf(state, slot);
  const { service } = match;
  if (rule === null || service === null) return;
  const block = state.bonds.at(state.sessions.bond(slot), BOND.block);
  countOpening(state, { rule, block });
  charge(state, judged ?? { rule, service, block, isSent: match.isFromInitiator, isRateCharged: false });
}
