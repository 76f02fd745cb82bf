// Judges a packet of a live session by its rule's limits. No allocation: this runs for every packet.

import type { Observation, Verdict } from '#model';
import { ruleOf } from './lifecycle.ts';
import { logonAnswer } from './logon.ts';
import type { End } from './matcher.ts';
import { isQuarantined } from './opening.ts';
import { charge, deny, type Judged, judgeAmount, judgeContent, setEnforced } from './packet.ts';
import { type CompiledService, logonOf } from './program.ts';
import { AT, type RuleState, type State } from './state.ts';

/** Filled anew for each packet; made of the first one. */
let judged: Judged | null = null;

export function judgeLive(state: State, slot: number, what: { packet: Observation; verdict: Verdict }): void {
  const { packet, verdict } = what;
  const { sessions } = state;
  sessions.lastSeen[slot] = state.now;
  const from = state.matcher.end(sessions.from[slot] ?? -1);
  const to = state.matcher.end(sessions.to[slot] ?? -1);
  verdict.isFromInitiator = sessions.isFromInitiator(slot, packet);
  verdict.initiator = from?.element ?? -1;
  verdict.responder = to?.element ?? -1;
  const rule = ruleOf(state, slot);
  const service = rule?.rule.services[sessions.service[slot] ?? -1];
  const isHeld = sessions.isEnforced[slot] === 1;
  if (rule === null || service === undefined) {
    if (isQuarantined(state, from) || isQuarantined(state, to)) deny(verdict, AT.quarantined, Number.NaN);
    else {
      verdict.reasons = sessions.reasons[slot] ?? 0;
      verdict.guardrail = sessions.guardrail[slot] ?? -1;
    }
    return;
  }
  verdict.rule = rule.index;
  const packetOf = refill(rule, service, sessions.block[slot] ?? 0);
  packetOf.isSent = verdict.isFromInitiator;
  if (isQuarantined(state, from) || isQuarantined(state, to)) deny(verdict, AT.quarantined, Number.NaN);
  else {
    judgeStanding(state, slot, { rule, service, from, verdict });
    judgeContent(packetOf, packet, verdict);
    if (verdict.reasons === 0) judgeAmount(state, packetOf, packet, verdict);
  }
  setEnforced(verdict, isHeld, rule.rule.isAudit);
  if (verdict.isEnforced) return;
  charge(state, packetOf, packet);
}

function refill(rule: RuleState, service: CompiledService, block: number): Judged {
  judged ??= { rule, service, block, isSent: true, isRateCharged: false };
  judged.rule = rule;
  judged.service = service;
  judged.block = block;
  judged.isRateCharged = false;
  return judged;
}

/** Logon, lifetime and hours of a session already open; each has the rule's drain as grace. */
function judgeStanding(
  state: State,
  slot: number,
  what: { rule: RuleState; service: CompiledService; from: End | null; verdict: Verdict },
): void {
  const { rule, service, from, verdict } = what;
  const { sessions, now } = state;
  const { lifetime, drain } = rule.rule.source.limits;
  const opened = sessions.opened[slot] ?? 0;
  const logon = logonOf(rule.rule, service);
  if (logon !== null) {
    const { isOn, off } = logonAnswer(state, logon, from?.element ?? -1);
    if (!isOn && (now >= off + drain || sessions.isInLogon[slot] === 0)) deny(verdict, AT['not-logged-on'], Number.NaN);
  }
  const isOver = lifetime !== null && now >= opened + lifetime + drain;
  if (isOver || sessions.isCut[slot] === 1) deny(verdict, AT['session-expired'], now - opened, lifetime ?? Number.NaN);
  const { clock } = rule;
  if (clock === null || clock.isOpenAt(now)) return;
  if (now >= clock.since + drain || sessions.isInHours[slot] === 0) deny(verdict, AT['outside-hours'], now);
}
