// Judges a packet of a live session by its rule's limits. No allocation: this runs for every packet.

import { BOND } from './bonds.ts';
import { logonAnswer } from './logon.ts';
import { isOpen, isQuarantined } from './opening.ts';
import { charge, deny, judgeAmount, judgeContent, setEnforced } from './packet.ts';
import { type CompiledService, logonOf } from './program.ts';
import { AT, type Judged, type RuleState, type State } from './state.ts';

/** Fills `state.verdict` for `state.packet`, which is of the session at `slot`. */
export function judgeLive(state: State, slot: number): void {
  const { sessions, bonds, matcher, packet, verdict } = state;
  sessions.see(slot, state.time.now);
  const bond = sessions.bond(slot);
  const from = matcher.end(bonds.at(bond, BOND.from));
  const to = matcher.end(bonds.at(bond, BOND.to));
  verdict.isFromInitiator = sessions.isFromInitiator(slot, packet);
  verdict.initiator = bonds.at(bond, BOND.initiator);
  verdict.responder = bonds.at(bond, BOND.responder);
  const isOut = isQuarantined(state, from) || isQuarantined(state, to);
  if (isOut) deny(verdict, AT.quarantined);
  const rule = state.rules[bonds.at(bond, BOND.rule)] ?? null;
  const service = rule?.rule.services[bonds.at(bond, BOND.service)];
  if (rule === null || service === undefined) {
    if (!isOut) repeatOpening(state, bond);
    return;
  }
  verdict.rule = rule.index;
  const judged = refill(state, rule, service);
  judged.block = bonds.at(bond, BOND.block);
  judged.isSent = verdict.isFromInitiator;
  if (!isOut) judgeByRule(state, slot, judged);
  setEnforced(verdict, bonds.at(bond, BOND.isHeld) === 1, rule.rule.isAudit);
  if (!verdict.isEnforced) charge(state, judged);
}

/** A session under no rule is recorded with the reasons of its opening. */
function repeatOpening({ bonds, verdict }: State, bond: number): void {
  verdict.reasons = bonds.at(bond, BOND.reasons);
  verdict.guardrail = bonds.at(bond, BOND.guardrail);
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
  if (isOn) state.bonds.set(sessions.bond(slot), BOND.logon, state.logonChanges);
  const isDraining = sessions.isInLogon(slot) && now < off + rule.rule.source.limits.drain;
  if (!isOn && !isDraining) deny(verdict, AT['not-logged-on']);
}

function judgeLifetime({ sessions, time, verdict }: State, slot: number, { rule }: Judged): void {
  const { lifetime, drain } = rule.rule.source.limits;
  const age = time.now - sessions.opened(slot);
  const isOver = lifetime !== null && age >= lifetime + drain;
  if (!isOver && !sessions.isCut(slot)) return;
  deny(verdict, AT['session-expired'], age);
  verdict.limit[AT['session-expired']] = lifetime ?? Number.NaN;
}

function judgeHours(state: State, slot: number, { rule }: Judged): void {
  const { sessions, time, verdict } = state;
  const { group } = rule;
  if (group === null) return;
  const { now } = time;
  if (isOpen(state, group)) return;
  const isDraining = sessions.isInHours(slot) && now < group.clock.since + rule.rule.source.limits.drain;
  if (!isDraining) deny(verdict, AT['outside-hours'], now);
}
