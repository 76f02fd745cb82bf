// What ends a session, or its passing, without a packet: idle, logoff, lifetime, hours, drain. Not the queue that wakes it.

import type { Instant } from '#model';
import { BOND } from './bonds.ts';
import { cutForGood, removeSession, ruleOf, serviceOf, tellCut } from './lifecycle.ts';
import { logonAnswer } from './logon.ts';
import { logonOf } from './program.ts';
import type { LogonAnswer, RuleState, State } from './state.ts';
import { TIMER } from './timers.ts';

/** Sets the timers of a session under its rule. */
export function arm(state: State, slot: number): void {
  const { sessions } = state;
  const { now } = state.time;
  const rule = ruleOf(state, slot);
  // Where nobody counts sessions and no name hangs on them, idle ones are found in passing.
  if (rule?.isCounting === true || state.bindings.has(slot)) armIdle(state, slot);
  if (rule === null) return;
  const { lifetime, drain } = rule.rule.source.limits;
  if (lifetime !== null && !sessions.isCut(slot))
    setTimer(state, { slot, kind: TIMER.lifetime }, Math.max(now, sessions.opened(slot) + lifetime + drain));
  armLogoff(state, slot, rule);
}

function armIdle(state: State, slot: number): void {
  if (state.sessions.hasIdleTimer(slot)) return;
  state.sessions.noteIdleTimer(slot);
  setTimer(state, { slot, kind: TIMER.idle }, state.sessions.idlesOutAt(slot));
}

/** A logoff whose drain is not over is still to be told. */
function armLogoff(state: State, slot: number, rule: RuleState): void {
  const { drain } = rule.rule.source.limits;
  const { isOn, off } = logonOfSession(state, slot, rule);
  if (!isOn && off > state.sessions.opened(slot) && off + drain > state.time.now)
    setTimer(state, { slot, kind: TIMER.logoff }, off + drain);
}

function setTimer(state: State, what: { slot: number; kind: number }, at: Instant): void {
  const { slot, kind } = what;
  state.timers.push(kind, slot, { at, generation: state.sessions.generation(slot) });
}

/** Asks for a look at a session's logon once its drain is over. */
export function watchLogoff(state: State, slot: number): void {
  const drain = ruleOf(state, slot)?.rule.source.limits.drain ?? 0;
  setTimer(state, { slot, kind: TIMER.logoff }, state.time.now + drain);
}

/** Removes the session at an instant to come. */
export function watchRemoval(state: State, slot: number, at: Instant): void {
  setTimer(state, { slot, kind: TIMER.removal }, at);
}

/** Whether a session's timer still applies. */
export function isSessionTimerWanted(state: State, slot: number, generation: number): boolean {
  return state.sessions.isLive(slot) && state.sessions.generation(slot) === generation;
}

/** Runs the session timer just taken, if it still applies. A session that is idle by now has ended. */
export function runSessionTimer(state: State): void {
  const { id: slot, kind, generation } = state.timers.taken;
  if (!isSessionTimerWanted(state, slot, generation)) return;
  const { sessions } = state;
  const idlesOutAt = sessions.idlesOutAt(slot);
  if (state.time.now >= idlesOutAt) removeSession(state, slot);
  else if (kind === TIMER.idle) setTimer(state, { slot, kind }, idlesOutAt);
  else if (kind === TIMER.removal) runRemovalTimer(state, slot);
  else if (!sessions.isCut(slot)) runLiveTimer(state, slot, kind);
}

function runRemovalTimer(state: State, slot: number): void {
  const removal = state.removals.get(slot);
  // Generations have few bits, so an earlier session's timer may look like this one's.
  if (removal === undefined || removal.at > state.time.now) return;
  if (!state.sessions.isCut(slot)) tellCut(state, slot, removal.reason);
  removeSession(state, slot);
}

function runLiveTimer(state: State, slot: number, kind: number): void {
  const rule = ruleOf(state, slot);
  if (rule === null) return;
  const { lifetime, drain } = rule.rule.source.limits;
  const isOver = lifetime !== null && state.time.now >= state.sessions.opened(slot) + lifetime + drain;
  if (kind === TIMER.logoff) runLogoffTimer(state, slot, rule);
  else if (isOver) cutForGood(state, slot);
}

/** Tells a logoff, unless logged on again since. */
function runLogoffTimer(state: State, slot: number, rule: RuleState): void {
  const { isOn, off } = logonOfSession(state, slot, rule);
  if (!isOn && state.time.now >= off + rule.rule.source.limits.drain) tellCut(state, slot, 'not-logged-on');
}

const NOT_ASKED: LogonAnswer = Object.freeze({ isOn: true, age: 0, off: Number.NEGATIVE_INFINITY });

/** The logon that a session's rule asks for. */
export function logonOfSession(state: State, slot: number, rule: RuleState): LogonAnswer {
  const service = serviceOf(state, slot);
  const logon = service === null ? null : logonOf(rule.rule, service);
  if (logon === null) return NOT_ASKED;
  return logonAnswer(state, logon, state.bonds.at(state.sessions.bond(slot), BOND.initiator));
}

/** Tells the sessions of all hours whose timers are due now; one walk over the table for all of them. */
export function runHoursTimers(state: State): void {
  const { timers, hours, time } = state;
  const due = new Map<number, Instant>();
  for (;;) {
    const group = hours.groups[timers.taken.id];
    if (group !== undefined && group.sessions === 0) group.isWatched = false;
    else if (group !== undefined) {
      const { isDue, next } = group.wake(time.now);
      hours.note(group);
      timers.push(TIMER.hours, group.number, { at: next });
      if (isDue) due.set(group.number, group.clock.since);
    }
    if (timers.next > time.now || timers.nextKind !== TIMER.hours) break;
    timers.take();
  }
  if (due.size > 0) tellClosing(state, due);
}

function isTakenNow({ taken, time }: State, slot: number): boolean {
  return taken.at === time.now && taken.slots.has(slot);
}

function tellClosing(state: State, due: ReadonlyMap<number, Instant>): void {
  const { sessions } = state;
  for (let slot = 0; slot < sessions.extent; slot++) {
    if (!sessions.isLive(slot) || sessions.isCut(slot)) continue;
    const closing = due.get(ruleOf(state, slot)?.group?.number ?? -1);
    if (closing === undefined || closing <= sessions.opened(slot) || isTakenNow(state, slot)) continue;
    if (state.time.now >= sessions.idlesOutAt(slot)) removeSession(state, slot);
    else tellCut(state, slot, 'outside-hours');
  }
}
