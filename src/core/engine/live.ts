// Judges a packet of a live session by its rule's limits. No allocation: this runs for every packet.

import { ruleOf } from './lifecycle.ts';
import { logonAnswer } from './logon.ts';
import { isQuarantined } from './opening.ts';
import { charge, deny, judgeAmount, judgeContent, setEnforced } from './packet.ts';
import { type CompiledService, logonOf } from './program.ts';
import { AT, type Judged, type RuleState, type State } from './state.ts';

/** Fills `state.verdict` for `state.packet`, which is of the session at `slot`. */
export function judgeLive(state: State, slot: number): void {
  const { sessions, matcher, packet, verdict } = state;
  sessions.lastSeen[slot] = state.time.now;
  const from = matcher.end(sessions.from[slot] ?? -1);
  const to = matcher.end(sessions.to[slot] ?? -1);
  verdict.isFromInitiator = sessions.isFromInitiator(slot, packet);
  verdict.initiator = from?.element ?? -1;
  verdict.responder = to?.element ?? -1;
  const isOut = isQuarantined(state, from) || isQuarantined(state, to);
  if (isOut) deny(verdict, AT.quarantined);
  const rule = ruleOf(state, slot);
  const service = rule?.rule.services[sessions.service[slot] ?? -1];
  if (rule === null || service === undefined) {
    if (!isOut) repeatOpening(state, slot);
    return;
  }
  verdict.rule = rule.index;
  const judged = refill(state, rule, service);
  judged.block = sessions.block[slot] ?? 0;
  judged.isSent = verdict.isFromInitiator;
  if (!isOut) judgeByRule(state, slot, judged);
  setEnforced(verdict, sessions.isEnforced[slot] === 1, rule.rule.isAudit);
  if (!verdict.isEnforced) charge(state, judged);
}

/** A session under no rule is recorded with the reasons of its opening. */
function repeatOpening({ sessions, verdict }: State, slot: number): void {
  verdict.reasons = sessions.reasons[slot] ?? 0;
  verdict.guardrail = sessions.guardrail[slot] ?? -1;
}

function refill(state: State, rule: RuleState, service: CompiledService): Judged {
  const judged = state.judged ?? { rule, service, block: 0, isSent: true, isRateCharged: false };
  state.judged = judged;
  judged.rule = rule;
  judged.service = service;
  judged.isRateCharged = false;
  return judged;
}

function judgeByRule(state: State, slot: number, judged: Judged): void {
  judgeLogon(state, slot, judged);
  judgeLifetime(state, slot, judged);
  judgeHours(state, slot, judged);
  judgeContent(state, judged);
  if (state.verdict.reasons === 0) judgeAmount(state, judged);
}

function judgeLogon(state: State, slot: number, { rule, service }: Judged): void {
  const logon = logonOf(rule.rule, service);
  if (logon === null) return;
  const { sessions, verdict } = state;
  const { now } = state.time;
  const { isOn, off } = logonAnswer(state, logon, verdict.initiator);
  const isDraining = sessions.isInLogon[slot] === 1 && now < off + rule.rule.source.limits.drain;
  if (!isOn && !isDraining) deny(verdict, AT['not-logged-on']);
}

function judgeLifetime({ sessions, time, verdict }: State, slot: number, { rule }: Judged): void {
  const { lifetime, drain } = rule.rule.source.limits;
  const age = time.now - (sessions.opened[slot] ?? 0);
  const isOver = lifetime !== null && age >= lifetime + drain;
  if (!isOver && sessions.isCut[slot] === 0) return;
  deny(verdict, AT['session-expired'], age);
  verdict.limit[AT['session-expired']] = lifetime ?? Number.NaN;
}

function judgeHours({ sessions, time, verdict }: State, slot: number, { rule }: Judged): void {
  const { clock } = rule;
  const { now } = time;
  if (clock === null || clock.isOpenAt(now)) return;
  const isDraining = sessions.isInHours[slot] === 1 && now < clock.since + rule.rule.source.limits.drain;
  if (!isDraining) deny(verdict, AT['outside-hours'], now);
}
