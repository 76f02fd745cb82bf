// The life of a session beside its packets: admission, timers, matching again, removal. Not the judging of packets.

import { type DeciderEvent, type Instant, newVerdict, type Observation, REASONS, reasonsOf } from '#model';
import { NO_BLOCK } from './budgets.ts';
import { birthOfBlock } from './floors.ts';
import type { HoursClock } from './hours.ts';
import { type LogonAnswer, logonAnswer, wasLoggedOn } from './logon.ts';
import { isEnforcedBy } from './matcher.ts';
import { judgeMatch, type Match, matchTuple } from './opening.ts';
import { budgetOf } from './packet.ts';
import { type CompiledService, logonOf } from './program.ts';
import { idleTime, NO_SESSION } from './sessions.ts';
import { pairBlock, pairKey, type RuleState, report, type State } from './state.ts';
import { RANK } from './timers.ts';

/** What a session's timer stands for; at one instant they run in this order. */
export const END = { idle: 0, logoff: 1, lifetime: 2, hours: 3, removal: 4 } as const;

/** Opens a session; `NO_SESSION` when the table is full. */
export function admit(state: State, match: Match, packet: Observation): number {
  const { sessions, now } = state;
  const slot = sessions.add(packet, match.isFromInitiator);
  if (slot === NO_SESSION) return slot;
  sessions.from[slot] = match.fromNumber;
  sessions.to[slot] = match.toNumber;
  sessions.port[slot] = match.port;
  sessions.rule[slot] = -1;
  sessions.opened[slot] = now;
  sessions.lastSeen[slot] = now;
  sessions.epoch[slot] = (sessions.epoch[slot] ?? 0) + 1;
  if (match.rule !== null) govern(state, slot, match);
  arm(state, slot);
  return slot;
}

/** Puts a session under the rule of its match and counts it there; false when there is no room for its budgets. */
function govern(state: State, slot: number, match: Match): boolean {
  const { rule, service, from, to } = match;
  if (rule === null || service === null || from === null || to === null) return false;
  const block = pairBlock(state, rule, pairKey(from.element, to.element));
  if (block === NO_BLOCK) return false;
  const { sessions } = state;
  sessions.rule[slot] = state.rules.indexOf(rule);
  sessions.service[slot] = rule.rule.services.indexOf(service);
  sessions.block[slot] = block;
  sessions.isEnforced[slot] = match.isHeld ? 1 : 0;
  noteOpening(state, slot, { rule, service, element: from.element });
  if (sessions.isCut[slot] === 0) countOpen(state, { rule, block }, 1);
  birthOfBlock(state, rule, { initiator: from.element, responder: to.element, block });
  const bindings = state.matcher.bindingsUnder(service, { from, to }, state.now);
  if (bindings.length === 0 || sessions.isCut[slot] === 1) return true;
  for (const binding of bindings) binding.sessions++;
  state.bindings.set(slot, bindings);
  return true;
}

/** Notes whether the session opened while what its rule asks for held: only then a drain follows (25). */
function noteOpening(
  state: State,
  slot: number,
  what: { rule: RuleState; service: CompiledService; element: number },
): void {
  const { rule, service, element } = what;
  const { sessions } = state;
  const opened = sessions.opened[slot] ?? 0;
  const logon = logonOf(rule.rule, service);
  sessions.isInHours[slot] = rule.clock === null || rule.clock.isOpenAt(opened) ? 1 : 0;
  sessions.isInLogon[slot] = logon === null || wasLoggedOn({ state, logon, element }, opened) ? 1 : 0;
}

/** Counts an admitted opening in the rule's periods. */
export function countOpening(state: State, judged: { rule: RuleState; block: number }): void {
  const { limits } = judged.rule.rule.source;
  for (const [at, limit] of limits.connections.entries()) {
    if (limit.kind !== 'period') continue;
    const id = budgetOf(judged, limits.volumes.length + limits.rates.length + at, limit.scope);
    state.budgets.usedIn(id, limit.window, state.now);
    state.budgets.charge(id, limit.window, 1);
  }
}

function countOpen(state: State, judged: { rule: RuleState; block: number }, by: 1 | -1): void {
  const { limits } = judged.rule.rule.source;
  for (const [at, limit] of limits.connections.entries()) {
    if (limit.kind !== 'open') continue;
    const id = budgetOf(judged, limits.volumes.length + limits.rates.length + at, limit.scope);
    state.budgets.used[id] = Math.max(0, (state.budgets.used[id] ?? 0) + by);
  }
}

export function removeSession(state: State, slot: number): void {
  ungovern(state, slot);
  state.sessions.remove(slot);
}

function ungovern(state: State, slot: number): void {
  const rule = ruleOf(state, slot);
  const isCounted = rule !== null && state.sessions.isCut[slot] === 0;
  if (isCounted) countOpen(state, { rule, block: state.sessions.block[slot] ?? 0 }, -1);
  state.sessions.rule[slot] = -1;
  releaseBindings(state, slot);
}

/** A name may end with the last session opened under it. */
function releaseBindings(state: State, slot: number): void {
  for (const binding of state.bindings.get(slot) ?? []) binding.sessions--;
  state.bindings.delete(slot);
}

export function ruleOf(state: State, slot: number): RuleState | null {
  return state.rules[state.sessions.rule[slot] ?? -1] ?? null;
}

/** Sets the timers of a session under its rule. */
function arm(state: State, slot: number): void {
  const { sessions, now } = state;
  setTimer(state, { slot, end: END.idle }, (sessions.lastSeen[slot] ?? now) + idleTime(sessions.protocol[slot] ?? 0));
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
  if (!isOn && off > (state.sessions.opened[slot] ?? 0) && off + drain > state.now)
    setTimer(state, { slot, end: END.logoff }, off + drain);
}

/** Waits for the closing (+ drain), or, when it was told or came before the session, for the next opening. */
function armHours(state: State, slot: number, clock: HoursClock): void {
  const { sessions, now } = state;
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
  setTimer(state, { slot, end: END.logoff }, state.now + drain);
}

/** Runs the session timer just taken, if it still applies. */
export function runSessionTimer(state: State): void {
  const [, , serial = 0, end = 0, epoch = 0, , slot = 0] = state.timers.taken;
  const { sessions, now } = state;
  if (sessions.serial[slot] !== serial || sessions.epoch[slot] !== epoch) return;
  if (end === END.idle) {
    const due = (sessions.lastSeen[slot] ?? 0) + idleTime(sessions.protocol[slot] ?? 0);
    if (now >= due) removeSession(state, slot);
    else setTimer(state, { slot, end }, due);
    return;
  }
  if (end === END.removal) {
    if (sessions.isCut[slot] === 0) cut(state, slot, REASONS[sessions.removalReason[slot] ?? 0] ?? 'no-rule');
    removeSession(state, slot);
  } else if (sessions.isCut[slot] === 0) runLiveTimer(state, slot, end);
}

function runLiveTimer(state: State, slot: number, end: number): void {
  const { sessions } = state;
  const rule = ruleOf(state, slot);
  if (rule === null) return;
  if (end === END.lifetime) {
    countOpen(state, { rule, block: sessions.block[slot] ?? 0 }, -1);
    sessions.isCut[slot] = 1;
    releaseBindings(state, slot);
    cut(state, slot, 'session-expired');
  } else if (end === END.hours) runHoursTimer(state, slot, rule);
  else runLogoffTimer(state, slot, rule);
}

/** Tells a logoff, unless logged on again since. */
function runLogoffTimer(state: State, slot: number, rule: RuleState): void {
  const { isOn, off } = logonOfSession(state, slot, rule);
  if (!isOn && state.now >= off + rule.rule.source.limits.drain) cut(state, slot, 'not-logged-on');
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
  const { sessions, now } = state;
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
  if (sessions.isClosed[slot] === 0) cut(state, slot, 'outside-hours');
  sessions.isClosed[slot] = 1;
  setTimer(state, { slot, end: END.hours }, clock.until);
}

function cut(state: State, slot: number, reason: string): void {
  const { sessions } = state;
  const source = state.matcher.end(sessions.from[slot] ?? -1)?.address ?? -1;
  const destination = state.matcher.end(sessions.to[slot] ?? -1)?.address ?? -1;
  const rule = ruleOf(state, slot)?.index ?? -1;
  const event: DeciderEvent = { kind: 'cut', at: state.now, rule, source, destination, reason };
  report(state, event);
}

/** Live sessions in the order in which they opened. */
export function liveSlots(state: State): readonly number[] {
  const { serial, extent } = state.sessions;
  const slots: number[] = [];
  for (let slot = 0; slot < extent; slot++) if ((serial[slot] ?? 0) > 0) slots.push(slot);
  return slots.sort((one, other) => (serial[one] ?? 0) - (serial[other] ?? 0));
}

const rematched = newVerdict();

/** Matches a session again as an opening at this instant would be (23). */
export function rematch(state: State, slot: number): void {
  const { sessions } = state;
  const match = matchTuple(state, {
    fromNumber: sessions.from[slot] ?? -1,
    toNumber: sessions.to[slot] ?? -1,
    protocol: sessions.protocol[slot] ?? 0,
    port: sessions.port[slot] ?? -1,
    isFromInitiator: true,
  });
  rematched.reasons = 0;
  judgeMatch(state, match, rematched);
  sessions.epoch[slot] = (sessions.epoch[slot] ?? 0) + 1;
  if (rematched.reasons === 0) {
    ungovern(state, slot);
    sessions.removal[slot] = 0;
    if (govern(state, slot, match)) {
      arm(state, slot);
      return;
    }
  }
  holdByModes(state, slot, match);
  const first = reasonsOf(rematched.reasons).find((reason) => reason === 'quarantined' || reason === 'guardrail');
  dismiss(state, slot, first ?? 'no-rule');
}

/** While a session drains, the modes in force say whether its denials are held. */
function holdByModes(state: State, slot: number, match: Match): void {
  const service = ruleOf(state, slot)?.rule.services[state.sessions.service[slot] ?? -1] ?? null;
  const isHeld = isEnforcedBy(match, match.candidates, { protocol: match.protocol, port: match.port, service });
  state.sessions.isEnforced[slot] = isHeld ? 1 : 0;
}

/** Removes a session, after its rule's drain. */
function dismiss(state: State, slot: number, reason: 'quarantined' | 'guardrail' | 'no-rule'): void {
  const { sessions } = state;
  const drain = ruleOf(state, slot)?.rule.source.limits.drain ?? 0;
  const due = (sessions.removal[slot] ?? 0) > 0 ? (sessions.removal[slot] ?? 0) : state.now + drain;
  if (due > state.now) {
    sessions.removal[slot] = due;
    sessions.removalReason[slot] = REASONS.indexOf(reason);
    arm(state, slot);
    setTimer(state, { slot, end: END.removal }, due);
    return;
  }
  if (sessions.isCut[slot] === 0) cut(state, slot, reason);
  removeSession(state, slot);
}
