// Whether a connection could open now: the judging of an opening without one. Opens nothing, charges nothing, and leaves out what is counted in bytes and packets.

import { judgeAdmissionOf, judgeMatch, matchOpening } from './opening.ts';
import { judgeContent, setEnforced } from './packet.ts';
import { knownPairBlock, type State } from './state.ts';

/** Fills `state.verdict` for `state.packet` as its opening would be judged by sentences 11 to 19, rates and volumes left out. */
export function check(state: State): void {
  const { verdict, packet } = state;
  const match = matchOpening(state, packet);
  const { rule, service } = match;
  verdict.rule = rule?.index ?? -1;
  verdict.isFromInitiator = match.isFromInitiator;
  verdict.initiator = match.from?.element ?? -1;
  verdict.responder = match.to?.element ?? -1;
  judgeMatch(state, match, verdict);
  const isOut = (verdict.reasons & 1) === 1;
  if (rule !== null && service !== null && !isOut) {
    const block = knownPairBlock(rule, match);
    const judged = { rule, service, block, isSent: match.isFromInitiator, isRateCharged: false };
    judgeAdmissionOf(state, match, judged);
    judgeContent(state, judged);
  }
  setEnforced(verdict, match.isHeld, rule?.rule.isAudit ?? false);
}
