// One packet from arrival to verdict: which session it is of, what denies it, whether that is held, what it is charged to.

import { type Observation, reasonBit, type Verdict } from '#model';
import { bindingsUnder } from './bindings.ts';
import { charge } from './budgets.ts';
import { type Finding, finding, tell } from './findings.ts';
import { bearFloors } from './floors.ts';
import { type Contact, contactOf, type Governing, governing, isQuarantined } from './governing.ts';
import { wasLoggedOn } from './logon.ts';
import { isEnforced } from './modes.ts';
import { judgeContact, judgeOpening } from './opening.ts';
import {
  chargeRates,
  chargeVolumes,
  judgeContent,
  judgeLiving,
  judgeRates,
  judgeVolumes,
  type Passage,
} from './packet.ts';
import { beginsAnew, isFromInitiator, keyOf, noteEnd } from './sessions.ts';
import { budgetOf, type Session, type State } from './state.ts';

export function judge(state: State, observation: Observation, verdict: Verdict): void {
  const key = keyOf(observation);
  const session = state.sessions.get(key);
  if (session !== undefined && !beginsAnew(session, observation, state.now)) {
    judgeLive(state, observation, { session, verdict });
  } else {
    state.sessions.delete(key);
    judgeFirst(state, observation, verdict);
  }
}

/** A packet of a session that lives, or that was cut and is not begun anew (19 to 22). */
function judgeLive(state: State, observation: Observation, more: { session: Session; verdict: Verdict }): void {
  const { session, verdict } = more;
  const { ends, governor, service, protocol } = session;
  session.lastSeen = state.now;
  noteEnd(session, observation);
  verdict.isFromInitiator = isFromInitiator(session, observation);
  verdict.initiator = ends.initiator.element;
  verdict.responder = ends.responder.element;
  verdict.rule = governor?.index ?? -1;
  if (governor === null || service === null) {
    judgeUngoverned(state, session, verdict);
    return;
  }
  const passage: Passage = { governor, service, ends: session.counted, isSent: verdict.isFromInitiator };
  const before = isQuarantined(state, ends)
    ? [finding('quarantined')]
    : [...judgeLiving(state, session, governor), ...judgeContent(observation, passage)];
  const findings = judgeAmounts(state, observation, { before, passage });
  tell(verdict, findings);
  const denial = { reasons: verdict.reasons, governor, service };
  verdict.isEnforced = isEnforced(state, { ends, protocol }, denial);
  settle(state, observation, { findings, passage, isEnforced: verdict.isEnforced });
}

/** Recorded with the same reasons as its opening (24), save that quarantine denies alone (11). */
function judgeUngoverned(state: State, session: Session, verdict: Verdict): void {
  const isOut = isQuarantined(state, session.ends);
  verdict.reasons = isOut ? reasonBit('quarantined') : session.standing.reasons;
  verdict.guardrail = isOut ? -1 : session.standing.guardrail;
  const contact: Contact = { ends: session.ends, protocol: session.protocol };
  verdict.isEnforced = isEnforced(state, contact, { reasons: verdict.reasons, governor: null, service: null });
}

function judgeFirst(state: State, observation: Observation, verdict: Verdict): void {
  const contact = contactOf(state, observation);
  const { initiator, responder } = contact.ends;
  const found = governing(state, contact);
  const opening = judgeContact(state, contact, found);
  verdict.initiator = initiator.element;
  verdict.responder = responder.element;
  verdict.guardrail = opening.guardrail;
  verdict.rule = found?.governor.index ?? -1;
  verdict.isFromInitiator = observation.source === initiator.address && observation.sourcePort === initiator.port;
  const passage = found === null ? null : { ...found, ends: contact.ends, isSent: verdict.isFromInitiator };
  let findings = opening.findings;
  if (found !== null && passage !== null && !opening.isFinal) {
    const limits = judgeOpening(state, observation, { ends: contact.ends, governing: found });
    const before = [...findings, ...limits, ...judgeContent(observation, passage)];
    findings = judgeAmounts(state, observation, { before, passage });
  }
  tell(verdict, findings);
  const denial = { reasons: verdict.reasons, governor: found?.governor ?? null, service: found?.service ?? null };
  verdict.isEnforced = isEnforced(state, contact, denial);
  verdict.isOpening = !verdict.isEnforced;
  if (verdict.isOpening)
    open(state, observation, { contact, found, guardrail: opening.guardrail, reasons: verdict.reasons });
  if (passage !== null) settle(state, observation, { findings, passage, isEnforced: verdict.isEnforced });
}

/** Rate and volume are judged only of a packet that nothing denied before (19), volume only when every rate conforms (20). */
function judgeAmounts(
  state: State,
  observation: Observation,
  { before, passage }: { before: readonly Finding[]; passage: Passage },
): readonly Finding[] {
  if (before.length > 0) return before;
  const rates = judgeRates(state, observation, passage);
  return rates.length > 0 ? rates : judgeVolumes(state, observation, passage);
}

/** Charges what passes. What is denied but not held passes as well (24); its rates are charged here unless all conformed and were charged already. */
function settle(
  state: State,
  observation: Observation,
  { findings, passage, isEnforced: isHeld }: { findings: readonly Finding[]; passage: Passage; isEnforced: boolean },
): void {
  if (isHeld) return;
  const isRated = findings.every(({ reason }) => reason === 'over-volume');
  if (!isRated) chargeRates(state, observation, passage);
  chargeVolumes(state, observation, passage);
}

/** Opens a session (10, 18): it counts at once. */
function open(
  state: State,
  observation: Observation,
  made: { contact: Contact; found: Governing | null; guardrail: number; reasons: number },
): void {
  const { contact, found } = made;
  const { now } = state;
  const session: Session = {
    key: keyOf(observation),
    protocol: contact.protocol,
    ends: contact.ends,
    counted: contact.ends,
    governor: found?.governor ?? null,
    service: found?.service ?? null,
    opened: now,
    lastSeen: now,
    isCut: false,
    done: new Set(),
    standing: { reasons: made.reasons, guardrail: made.guardrail },
    draining: null,
    heldBindings: found === null ? [] : bindingsUnder(state, contact.ends, found.service.on),
    isInLogon: false,
    closingDone: now,
    logoffDone: now,
  };
  session.isInLogon = wasLoggedOn(state, session);
  // Opened while logged on, a logoff at this very instant is still to be told.
  if (session.isInLogon) session.logoffDone = now - 1;
  noteEnd(session, observation);
  state.sessions.set(session.key, session);
  if (found === null) return;
  bearFloors(state, found.governor, contact.ends);
  for (const [index, limit] of found.governor.rule.limits.connections.entries()) {
    if (limit.kind !== 'period') continue;
    const budget = budgetOf(found.governor, {
      limit: `connections ${index}`,
      scope: limit.scope,
      ends: contact.ends,
    });
    charge(budget, limit.window, { at: now, amount: 1 });
  }
}
