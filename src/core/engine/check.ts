// Whether a connection could open now: the judging of an opening without one. Opens nothing, charges nothing, and leaves out what is counted in bytes and packets.

import { PROTOCOL, TCP } from '#model';
import { judgeAdmissionOf, judgeMatch, matchOpening } from './opening.ts';
import { judgeContent, setEnforced } from './packet.ts';
import { PLAN } from './plans.ts';
import { knownPairBlock, type State } from './state.ts';

/** Fills `state.verdict` for `state.packet` as its opening would be judged by sentences 11 to 19, rates and volumes left out. */
export function check(state: State): void {
  const { verdict, packet } = state;
  if (opensByPlan(state)) return;
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

/** Whether numbers alone say that the packet may open; if not, nothing is said. */
function opensByPlan(state: State): boolean {
  const { packet, matcher, verdict } = state;
  const { codes, cells } = state.plans;
  const now = state.time.now;
  if (state.program.guards.length > 0 || state.quarantined.size > 0 || packet.operations.length > 0) return false;
  const isOpening = packet.protocol !== PROTOCOL.tcp || packet.tcpFlags === TCP.syn;
  if (!isOpening || packet.initiator === 2 || packet.sourcePort < 0 || packet.destinationPort < 0) return false;
  const from = matcher.end(matcher.endOf(packet.source, packet.sourceMac));
  const to = matcher.end(matcher.endOf(packet.destination, packet.destinationMac));
  if (from === null || to === null) return false;
  const plan = matcher.planFor(from, to, packet, now);
  const what = codes[plan + PLAN.what] ?? 0;
  if (plan < 0 || (what & (PLAN.needsLogon | PLAN.hasConnections)) !== 0) return false;
  const hours = (codes[plan + PLAN.hours] ?? -1) * 2;
  const { open } = state.hours;
  if (hours >= 0 && !(now >= (open[hours] ?? 0) && now < (open[hours + 1] ?? 0))) return false;
  if (what >>> PLAN.applicationShift !== 0 && packet.application !== '') return false;
  const size = packet.packetSize;
  const sizes = plan + PLAN.sizes;
  if (size >= 0 && (size < (cells[sizes] ?? 0) || size > (cells[sizes + 1] ?? 0))) return false;
  verdict.reasons = 0;
  verdict.rule = matcher.found;
  verdict.isFromInitiator = true;
  verdict.initiator = from.element;
  verdict.responder = to.element;
  return true;
}
