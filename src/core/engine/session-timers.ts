// What ends a session, or its passing, without a packet: idle, logoff, lifetime, hours, drain. Not the queue that wakes it.

import type { Instant } from '#model';
import { REASONS } from '#model';
import type { HoursClock } from './hours.ts';
import { cutForGood, removeSession, ruleOf, tellCut } from './lifecycle.ts';
import { logonAnswer } from './logon.ts';
import { logonOf } from './program.ts';
import type { LogonAnswer, RuleState, State } from './state.ts';
import { RANK } from './timers.ts';

/** What a session's timer stands for; at one instant they run in this order. */
const END = { idle: 0, removal: 1, logoff: 2, lifetime: 3, hours: 4 } as const;

/** Sets the timers of a session under its rule. */
export function arm(state: State, slot: number): void {
  const { sessions } = state;
  const { now } = state.time;
  setTimer(state, { slot, end: END.idle }, sessions.idlesOutAt(slot));
  const rule = ruleOf(state, slot);
  if (rule === null) return;
  const { lifetime, drain } = rule.rule.source.limits;
  if (lifetime !== null)
    setTimer(state, { slot, end: END.lifetime }, Math.max(now, (sessions.opened[slot] ?? now) + lifetime + drain));
  armLogoff(state, slot, rule);
  if (rule.clock !== null) armHours(state, slot, rule.clock);
}

/** A logoff whose drain is not over is still to be told. */
function armLogoff(state: State, slot: number, rule: RuleState): void {
  const { drain } = rule.rule.source.limits;
  const { isOn, off } = logonOfSession(state, slot, rule);
  if (!isOn && off > (state.sessions.opened[slot] ?? 0) && off + drain > state.time.now)
    setTimer(state, { slot, end: END.logoff }, off + drain);
}

/** Waits for the closing (+ drain), or, when it was told or came before the session, for the next opening. */
function armHours(state: State, slot: number, clock: HoursClock): void {
  const { sessions } = state;
  const { now } = state.time;
  const drain = ruleOf(state, slot)?.rule.source.limits.drain ?? 0;
  const isOpen = clock.isOpenAt(now);
  const closing = isOpen ? clock.until : clock.since;
  const isAhead = closing > (sessions.opened[slot] ?? 0) && closing + drain > now;
  sessions.isClosed[slot] = isAhead ? 0 : 1;
  setTimer(state, { slot, end: END.hours }, isAhead ? closing + drain : clock.until);
}

function setTimer(state: State, what: { slot: number; end: number }, at: Instant): void {
  const { serial, epoch } = state.sessions;
  const keys = [serial[what.slot] ?? 0, what.end, epoch[what.slot] ?? 0];
  state.timers.push({ at, rank: RANK.session }, keys, what.slot);
}

/** Asks for a look at a session's logon once its drain is over. */
export function watchLogoff(state: State, slot: number): void {
  const drain = ruleOf(state, slot)?.rule.source.limits.drain ?? 0;
  setTimer(state, { slot, end: END.logoff }, state.time.now + drain);
}

/** Removes the session at an instant to come. */
export function watchRemoval(state: State, slot: number): void {
  setTimer(state, { slot, end: END.removal }, state.sessions.removal[slot] ?? 0);
}

/** Runs the session timer just taken, if it still applies. */
export function runSessionTimer(state: State): void {
  const [, , serial = 0, end = 0, epoch = 0, , slot = 0] = state.timers.taken;
  const { sessions } = state;
  if (sessions.serial[slot] !== serial || sessions.epoch[slot] !== epoch) return;
  if (end === END.idle) runIdleTimer(state, slot);
  else if (end === END.removal) {
    if (sessions.isCut[slot] === 0) tellCut(state, slot, REASONS[sessions.removalReason[slot] ?? 0] ?? 'no-rule');
    removeSession(state, slot);
  } else if (sessions.isCut[slot] === 0) runLiveTimer(state, slot, end);
}

function runIdleTimer(state: State, slot: number): void {
  const due = state.sessions.idlesOutAt(slot);
  if (state.time.now >= due) removeSession(state, slot);
  else setTimer(state, { slot, end: END.idle }, due);
}

function runLiveTimer(state: State, slot: number, end: number): void {
  const rule = ruleOf(state, slot);
  if (rule === null) return;
  if (end === END.lifetime) cutForGood(state, slot);
  else if (end === END.logoff) runLogoffTimer(state, slot, rule);
  else runHoursTimer(state, slot, rule);
}

/** Tells a logoff, unless logged on again since. */
function runLogoffTimer(state: State, slot: number, rule: RuleState): void {
  const { isOn, off } = logonOfSession(state, slot, rule);
  if (!isOn && state.time.now >= off + rule.rule.source.limits.drain) tellCut(state, slot, 'not-logged-on');
}

const NOT_ASKED: LogonAnswer = Object.freeze({ isOn: true, age: 0, off: Number.NEGATIVE_INFINITY });

/** The logon that a session's rule asks for. */
export function logonOfSession(state: State, slot: number, rule: RuleState): LogonAnswer {
  const service = rule.rule.services[state.sessions.service[slot] ?? -1];
  const logon = service === undefined ? null : logonOf(rule.rule, service);
  const element = state.matcher.end(state.sessions.from[slot] ?? -1)?.element ?? -1;
  return logon === null ? NOT_ASKED : logonAnswer(state, logon, element);
}

/** One chain of timers a session: at closing (+ drain), at the next opening, and so on. */
function runHoursTimer(state: State, slot: number, rule: RuleState): void {
  const { sessions } = state;
  const { now } = state.time;
  const { clock } = rule;
  if (clock === null) return;
  const { drain } = rule.rule.source.limits;
  if (clock.isOpenAt(now)) {
    sessions.isClosed[slot] = 0;
    setTimer(state, { slot, end: END.hours }, clock.until + drain);
    return;
  }
  const due = clock.since + drain;
  if (sessions.isClosed[slot] === 0 && now < due) {
    setTimer(state, { slot, end: END.hours }, due);
    return;
  }
  if (sessions.isClosed[slot] === 0) tellCut(state, slot, 'outside-hours');
  sessions.isClosed[slot] = 1;
  setTimer(state, { slot, end: END.hours }, clock.until);
}
