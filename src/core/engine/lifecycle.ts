// The life of a session beside its packets: admission, what it counts on, removal. Not its timers, not the judging of packets.

import { type DeciderEvent, type Observation, PROTOCOL, SECOND, TCP } from '#model';
import { BOND } from './bonds.ts';
import { NO_BLOCK } from './budgets.ts';
import { birthOfPair } from './floors.ts';
import { wasLoggedOn } from './logon.ts';
import type { Binding } from './names.ts';
import { isQuarantined, type Match } from './opening.ts';
import { budgetOf } from './packet.ts';
import { NO_PLAN } from './plans.ts';
import { type CompiledService, logonOf } from './program.ts';
import { wantedAtoms } from './selectors.ts';
import { NO_SESSION, SWEPT_AT_ONCE } from './sessions.ts';
import { pairBlock, type RuleState, report, type State } from './state.ts';
import { TIMER } from './timers.ts';

/** A SYN within this time of the session's opening is a retransmission. */
const RETRANSMISSION = SECOND;

/** Whether a packet of a live tuple begins a new conversation: an opening SYN from the same initiator, or any after the idle time (8, 22). */
export function beginsAnew(state: State, slot: number, packet: Observation): boolean {
  const { sessions } = state;
  const { now } = state.time;
  if (now >= sessions.idlesOutAt(slot)) return true;
  if (packet.protocol !== PROTOCOL.tcp || packet.tcpFlags < 0) return false;
  if ((packet.tcpFlags & (TCP.syn | TCP.ack)) !== TCP.syn || !sessions.isFromInitiator(slot, packet)) return false;
  return sessions.isCut(slot) || sessions.isClosed(slot) || now - sessions.opened(slot) > RETRANSMISSION;
}

/** Opens a session for the packet being judged; `NO_SESSION` when the table is full. */
export function admit(state: State, match: Match): number {
  const { sessions, verdict, bonds } = state;
  const slot = sessions.add(state.packet, match.isFromInitiator, state.time.now);
  if (slot === NO_SESSION) return slot;
  const block = blockFor(state, match);
  writeKey(state, match, block);
  if (block === NO_BLOCK) {
    bonds.key.reasons = verdict.reasons;
    bonds.key.guardrail = verdict.guardrail;
  }
  if (!tie(state, slot)) {
    sessions.remove(slot);
    return NO_SESSION;
  }
  if (block !== NO_BLOCK) takeUp(state, slot, { match, block });
  noteClosing(state, slot);
  return slot;
}

/** The packet being judged may end its TCP connection, which then counts as open no more (8, 18). */
export function noteClosing(state: State, slot: number): void {
  const { sessions, packet } = state;
  if (packet.protocol !== PROTOCOL.tcp || packet.tcpFlags < 0) return;
  if ((packet.tcpFlags & (TCP.fin | TCP.rst)) === 0 || sessions.isClosed(slot)) return;
  const rule = sessions.isCut(slot) ? null : ruleOf(state, slot);
  sessions.noteDone(slot, packet, (packet.tcpFlags & TCP.rst) !== 0);
  if (rule !== null && sessions.isClosed(slot)) countConnection(state, { rule, block: blockOf(state, slot) }, -1);
}

/** First budget of a match's pair, `NO_BLOCK` where no rule governs or there is no room for its budgets. */
function blockFor(state: State, match: Match): number {
  const { rule } = match;
  return rule === null || rule.block === NO_BLOCK ? NO_BLOCK : pairBlock(state, rule, match);
}

/** Writes the key of a match's bond. */
function writeKey({ bonds: { key } }: State, match: Match, block: number): void {
  const { rule, service } = match;
  const isGoverned = block !== NO_BLOCK && rule !== null && service !== null;
  key.from = match.fromNumber;
  key.to = match.toNumber;
  key.protocol = match.protocol;
  key.port = match.port;
  key.rule = isGoverned ? rule.place : -1;
  key.service = isGoverned ? rule.rule.services.indexOf(service) : -1;
  key.block = block;
  key.isHeld = match.isHeld;
  key.reasons = 0;
  key.guardrail = -1;
}

/** Points a session at the bond whose key was written; false where there is no memory for it. */
function tie(state: State, slot: number): boolean {
  const bond = state.bonds.hold();
  if (bond < 0) return false;
  state.sessions.setBond(slot, bond);
  if (state.bonds.at(bond, BOND.sessions) === 1) refreshBond(state, bond);
  return true;
}

function retie(state: State, slot: number): boolean {
  const before = state.sessions.bond(slot);
  if (!tie(state, slot)) return false;
  state.bonds.release(before);
  return true;
}

/** Holds a session's denials, or only records them. */
export function hold(state: State, slot: number, isHeld: boolean): void {
  state.bonds.copyKey(state.sessions.bond(slot)).isHeld = isHeld;
  retie(state, slot);
}

/** Fills in what follows from a bond's ends, its rule and the policy in force. */
export function refreshBond(state: State, bond: number): void {
  const { bonds, matcher } = state;
  const from = matcher.end(bonds.at(bond, BOND.from));
  const to = matcher.end(bonds.at(bond, BOND.to));
  const rule = state.rules[bonds.at(bond, BOND.rule)] ?? null;
  const isOut = isQuarantined(state, from) || isQuarantined(state, to);
  bonds.set(bond, BOND.initiator, from?.element ?? -1);
  bonds.set(bond, BOND.responder, to?.element ?? -1);
  bonds.set(bond, BOND.ruleBlock, rule?.block ?? NO_BLOCK);
  bonds.set(bond, BOND.ruleIndex, rule?.index ?? -1);
  bonds.set(bond, BOND.plan, isOut ? NO_PLAN : (rule?.plans[bonds.at(bond, BOND.service)] ?? NO_PLAN));
  bonds.set(bond, BOND.logon, 0);
  if (isSettled(state, rule, bonds.at(bond, BOND.service))) bonds.unsettled.delete(bond);
  else bonds.unsettled.add(bond);
}

/** Whether only some changes of the policy concern sessions under a rule: not those under none, those that drain, and those that asked for a logon or opened under a name, which take their rule anew each time (23). */
function isSettled({ current, program }: State, rule: RuleState | null, index: number): boolean {
  if (rule === null || current[rule.rule.index] !== rule) return false;
  const service = rule.rule.services[index];
  if (service === undefined || logonOf(rule.rule, service) !== null) return false;
  return !wantedAtoms(service.on).some((atom) => program.atoms.list[atom]?.kind === 'name');
}

/** Puts a session under the rule of its match and counts it there; false when there is no room for its budgets. */
export function govern(state: State, slot: number, match: Match): boolean {
  const block = blockFor(state, match);
  if (block === NO_BLOCK) return false;
  writeKey(state, match, block);
  if (!retie(state, slot)) return false;
  takeUp(state, slot, { match, block });
  return true;
}

/** Begins what a session's rule counts and notes. */
function takeUp(state: State, slot: number, { match, block }: { match: Match; block: number }): void {
  const { rule, service, from, to } = match;
  if (rule === null || service === null || from === null || to === null) return;
  noteOpening(state, slot, { rule, service, element: from.element });
  birthOfPair(state, rule, { initiator: from.element, responder: to.element, block });
  if (state.sessions.isCut(slot)) return;
  countOpen(state, slot, { judged: { rule, block }, by: 1 });
  holdBindings(state, slot, state.matcher.bindingsUnder(service, { from, to }, state.time.now));
}

/** Notes whether the session opened while what its rule asks for held: only then a drain follows (25). */
function noteOpening(
  state: State,
  slot: number,
  what: { rule: RuleState; service: CompiledService; element: number },
): void {
  const { rule, service, element } = what;
  const { sessions } = state;
  const opened = sessions.opened(slot);
  const logon = logonOf(rule.rule, service);
  // The clock that packets ask is asked about the present only.
  const clock = opened === state.time.now ? rule.group?.clock : rule.group?.past;
  sessions.noteOpening(slot, {
    isInHours: clock?.isOpenAt(opened) ?? true,
    isInLogon: logon === null || wasLoggedOn({ state, logon, element }, opened),
  });
}

/** Counts an admitted opening in the rule's periods. */
export function countOpening(state: State, judged: { rule: RuleState; block: number }): void {
  const { limits } = judged.rule.rule.source;
  for (const [at, limit] of limits.connections.entries()) {
    if (limit.kind !== 'period') continue;
    const id = budgetOf(judged, limits.volumes.length + limits.rates.length + at, limit.scope);
    state.budgets.bring(id, limit.window);
    state.budgets.charge(id, limit.window, 1);
  }
}

function countOpen(state: State, slot: number, { judged, by }: { judged: Judged; by: 1 | -1 }): void {
  const { group } = judged.rule;
  if (group !== null) {
    group.sessions += by;
    if (!group.isWatched) state.timers.push(TIMER.hours, group.number, { at: group.watch(state.time.now) });
  }
  if (!state.sessions.isClosed(slot)) countConnection(state, judged, by);
}

interface Judged {
  readonly rule: RuleState;
  readonly block: number;
}

function countConnection(state: State, judged: Judged, by: 1 | -1): void {
  if (!judged.rule.isCounting) return;
  const { limits } = judged.rule.rule.source;
  for (const [at, limit] of limits.connections.entries()) {
    if (limit.kind !== 'open') continue;
    const id = budgetOf(judged, limits.volumes.length + limits.rates.length + at, limit.scope);
    state.budgets.setUsed(id, Math.max(0, state.budgets.used(id) + by));
  }
}

export function removeSession(state: State, slot: number): void {
  if (!state.sessions.isCut(slot)) uncount(state, slot);
  state.removals.delete(slot);
  state.bonds.release(state.sessions.bond(slot));
  state.sessions.remove(slot);
}

/** Takes a session from its rule: it no longer counts there and holds no name. */
export function ungovern(state: State, slot: number): void {
  if (!state.sessions.isCut(slot)) uncount(state, slot);
  const key = state.bonds.copyKey(state.sessions.bond(slot));
  key.rule = -1;
  key.service = -1;
  key.block = NO_BLOCK;
  retie(state, slot);
}

/** A session whose lifetime is over stays closed: it counts nowhere, holds no name, and gives its last event (22). */
export function cutForGood(state: State, slot: number): void {
  uncount(state, slot);
  state.sessions.cut(slot);
  tellCut(state, slot, 'session-expired');
}

function uncount(state: State, slot: number): void {
  const rule = ruleOf(state, slot);
  if (rule !== null) countOpen(state, slot, { judged: { rule, block: blockOf(state, slot) }, by: -1 });
  if (state.bindings.size === 0) return;
  for (const binding of state.bindings.get(slot) ?? []) binding.sessions--;
  state.bindings.delete(slot);
}

/** A name lives on while a session opened under it does. */
function holdBindings(state: State, slot: number, bindings: readonly Binding[]): void {
  if (bindings.length === 0) return;
  for (const binding of bindings) binding.sessions++;
  state.bindings.set(slot, bindings);
}

export function ruleOf(state: State, slot: number): RuleState | null {
  return state.rules[state.bonds.at(state.sessions.bond(slot), BOND.rule)] ?? null;
}

export function serviceOf(state: State, slot: number): CompiledService | null {
  const service = state.bonds.at(state.sessions.bond(slot), BOND.service);
  return ruleOf(state, slot)?.rule.services[service] ?? null;
}

export function blockOf(state: State, slot: number): number {
  return state.bonds.at(state.sessions.bond(slot), BOND.block);
}

export function tellCut(state: State, slot: number, reason: string): void {
  const bond = state.sessions.bond(slot);
  const source = state.matcher.end(state.bonds.at(bond, BOND.from))?.address ?? -1;
  const destination = state.matcher.end(state.bonds.at(bond, BOND.to))?.address ?? -1;
  const rule = ruleOf(state, slot)?.index ?? -1;
  const event: DeciderEvent = { kind: 'cut', at: state.time.now, rule, source, destination, reason };
  report(state, event);
}

/** Slots of live sessions. Those that are idle by now end without a word, unless the instant itself is still to come to them. */
export function liveSlots(state: State): readonly number[] {
  const { sessions } = state;
  const slots: number[] = [];
  for (let slot = 0; slot < sessions.extent; slot++) {
    if (!sessions.isLive(slot)) continue;
    if (state.time.now >= sessions.idlesOutAt(slot)) removeSession(state, slot);
    else slots.push(slot);
  }
  return slots;
}

/** Removes what is idle among the next few sessions in turn. */
export function sweep(state: State): void {
  const { sessions } = state;
  for (let step = 0; step < SWEPT_AT_ONCE && step < sessions.extent; step++) {
    const slot = sessions.nextSwept();
    if (slot !== NO_SESSION && state.time.now >= sessions.idlesOutAt(slot)) removeSession(state, slot);
  }
}

/** Whether there is no room for a session, also after the idle ones are removed. */
export function isFull(state: State): boolean {
  const { sessions } = state;
  if (!sessions.isFull) return false;
  if (sessions.mayHaveIdle(state.time.now)) liveSlots(state);
  return sessions.isFull;
}
