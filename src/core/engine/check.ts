// Whether a connection could open now: the judging of an opening without one. Opens nothing, charges nothing, and leaves out what is counted in bytes and packets.

import { PROTOCOL, TCP } from '#model';
import { END, END_WIDTH } from './end-table.ts';
import { MEMO } from './memo.ts';
import { judgeAdmissionOf, judgeMatch, matchOpening } from './opening.ts';
import { deny, judgeContent, setEnforced } from './packet.ts';
import { PLAN } from './plans.ts';
import { AT, knownPairBlock, type State } from './state.ts';

// Copied from where they are defined: what another file exports is loaded anew at each use.
const { what: WHAT, needsLogon: NEEDS_LOGON, hasConnections: HAS_CONNECTIONS, hours: HOURS } = PLAN;
const { applicationShift: APPLICATION_SHIFT, sizes: SIZES } = PLAN;
const { found: FOUND, plan: PLAN_OF, isOther: IS_OTHER } = MEMO;
const { flags: FLAGS, isEnforcing: IS_ENFORCING, isKnown: IS_KNOWN, element: ELEMENT } = END;
const END_STEP = END_WIDTH;
const TCP_PROTOCOL = PROTOCOL.tcp;
const SYN = TCP.syn;
const UNKNOWN = AT['unknown-element'];
const NO_RULE = AT['no-rule'];
const WRONG_PROTOCOL = AT['wrong-protocol'];

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

/** Whether numbers alone tell, for a conversation that was matched before; if not, nothing is said. */
function opensByPlan(state: State): boolean {
  const { packet, matcher } = state;
  if (state.program.guards.length > 0 || state.quarantined.size > 0 || packet.operations.length > 0) return false;
  const isOpening = packet.protocol !== TCP_PROTOCOL || packet.tcpFlags === SYN;
  if (!isOpening || packet.initiator === 2 || packet.sourcePort < 0 || packet.destinationPort < 0) return false;
  const from = matcher.endOf(packet.source, packet.sourceMac);
  const to = matcher.endOf(packet.destination, packet.destinationMac);
  if (from < 0 || to < 0) return false;
  const at = matcher.recall(from, to, packet, state.time.now);
  if (at < 0) return false;
  const rule = matcher.memo.words[at + FOUND] ?? -1;
  const isTold =
    rule >= 0 ? isPermitted(state, matcher.memo.words[at + PLAN_OF] ?? -1) : isRefused(state, at, { from, to });
  if (isTold) tell(state, { from, to, rule });
  return isTold;
}

function isPermitted({ packet, plans, hours: { open }, time: { now } }: State, plan: number): boolean {
  const { codes, cells } = plans;
  const what = codes[plan + WHAT] ?? 0;
  if (plan < 0 || (what & (NEEDS_LOGON | HAS_CONNECTIONS)) !== 0) return false;
  const hours = (codes[plan + HOURS] ?? -1) * 2;
  if (hours >= 0 && !(now >= (open[hours] ?? 0) && now < (open[hours + 1] ?? 0))) return false;
  if (what >>> APPLICATION_SHIFT !== 0 && packet.application !== '') return false;
  const size = packet.packetSize;
  const sizes = plan + SIZES;
  return size < 0 || (size >= (cells[sizes] ?? 0) && size <= (cells[sizes + 1] ?? 0));
}

/** Names the reasons where no rule governs and an end enforces everything. */
function isRefused({ packet, matcher, verdict }: State, at: number, ends: { from: number; to: number }): boolean {
  const { from, to } = ends;
  const flagsOfFrom = matcher.table.words[from * END_STEP + FLAGS] ?? 0;
  const flagsOfTo = matcher.table.words[to * END_STEP + FLAGS] ?? 0;
  if (((flagsOfFrom | flagsOfTo) & IS_ENFORCING) === 0) return false;
  verdict.isEnforced = true;
  if ((flagsOfFrom & flagsOfTo & IS_KNOWN) === 0) deny(verdict, UNKNOWN);
  deny(verdict, NO_RULE);
  if (matcher.memo.words[at + IS_OTHER] === 1) deny(verdict, WRONG_PROTOCOL, packet.protocol);
  return true;
}

function tell({ matcher, verdict }: State, { from, to, rule }: { from: number; to: number; rule: number }): void {
  verdict.rule = rule;
  verdict.isFromInitiator = true;
  verdict.initiator = matcher.table.words[from * END_STEP + ELEMENT] ?? -1;
  verdict.responder = matcher.table.words[to * END_STEP + ELEMENT] ?? -1;
}
