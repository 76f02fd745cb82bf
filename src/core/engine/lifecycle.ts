// The life of a session beside its packets: admission, what it counts on, removal. Not its timers, not the judging of packets.

import { type DeciderEvent, type Observation, PROTOCOL, SECOND, TCP } from '#model';
import { NO_BLOCK } from './budgets.ts';
import { birthOfPair } from './floors.ts';
import { wasLoggedOn } from './logon.ts';
import type { Binding } from './names.ts';
import type { Match } from './opening.ts';
import { budgetOf } from './packet.ts';
import { type CompiledService, logonOf } from './program.ts';
import { NO_SESSION } from './sessions.ts';
import { pairBlock, type RuleState, report, type State } from './state.ts';

/** A SYN within this time of the session's opening is a retransmission. */
const RETRANSMISSION = SECOND;

/** Whether a packet of a live tuple begins a new conversation: an opening SYN from the same initiator (8, 22). */
export function beginsAnew(state: State, slot: number, packet: Observation): boolean {
  const { sessions } = state;
  const { now } = state.time;
  if (packet.protocol !== PROTOCOL.tcp || packet.tcpFlags < 0) return false;
  if ((packet.tcpFlags & (TCP.syn | TCP.ack)) !== TCP.syn || !sessions.isFromInitiator(slot, packet)) return false;
  return sessions.isCut[slot] === 1 || now - (sessions.opened[slot] ?? 0) > RETRANSMISSION;
}

/** Opens a session for the packet being judged; `NO_SESSION` when the table is full. */
export function admit(state: State, match: Match): number {
  const { sessions } = state;
  const { now } = state.time;
  const slot = sessions.add(state.packet, match.isFromInitiator);
  if (slot === NO_SESSION) return slot;
  sessions.from[slot] = match.fromNumber;
  sessions.to[slot] = match.toNumber;
  sessions.port[slot] = match.port;
  sessions.rule[slot] = -1;
  sessions.opened[slot] = now;
  sessions.lastSeen[slot] = now;
  sessions.epoch[slot] = (sessions.epoch[slot] ?? 0) + 1;
  if (match.rule !== null) govern(state, slot, match);
  return slot;
}

/** Puts a session under the rule of its match and counts it there; false when there is no room for its budgets. */
export function govern(state: State, slot: number, match: Match): boolean {
  const { rule, service, from, to } = match;
  if (rule === null || service === null || from === null || to === null) return false;
  const block = pairBlock(state, rule, match);
  if (block === NO_BLOCK || rule.block === NO_BLOCK) return false;
  const { sessions } = state;
  // Rules of the policy in force come first in the engine's list, in the policy's order.
  sessions.rule[slot] = rule.rule.index;
  sessions.service[slot] = rule.rule.services.indexOf(service);
  sessions.block[slot] = block;
  sessions.isEnforced[slot] = match.isHeld ? 1 : 0;
  noteOpening(state, slot, { rule, service, element: from.element });
  birthOfPair(state, rule, { initiator: from.element, responder: to.element, block });
  if (sessions.isCut[slot] === 1) return true;
  countOpen(state, { rule, block }, 1);
  holdBindings(state, slot, state.matcher.bindingsUnder(service, { from, to }, state.time.now));
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
    state.budgets.bring(id, limit.window);
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

/** Takes a session from its rule: it no longer counts there and holds no name. */
export function ungovern(state: State, slot: number): void {
  if (state.sessions.isCut[slot] === 0) uncount(state, slot);
  state.sessions.rule[slot] = -1;
}

/** A session whose lifetime is over stays closed: it counts nowhere, holds no name, and gives its last event (22). */
export function cutForGood(state: State, slot: number): void {
  uncount(state, slot);
  state.sessions.isCut[slot] = 1;
  tellCut(state, slot, 'session-expired');
}

function uncount(state: State, slot: number): void {
  const rule = ruleOf(state, slot);
  if (rule !== null) countOpen(state, { rule, block: state.sessions.block[slot] ?? 0 }, -1);
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
  return state.rules[state.sessions.rule[slot] ?? -1] ?? null;
}

export function tellCut(state: State, slot: number, reason: string): void {
  const { sessions } = state;
  const source = state.matcher.end(sessions.from[slot] ?? -1)?.address ?? -1;
  const destination = state.matcher.end(sessions.to[slot] ?? -1)?.address ?? -1;
  const rule = ruleOf(state, slot)?.index ?? -1;
  const event: DeciderEvent = { kind: 'cut', at: state.time.now, rule, source, destination, reason };
  report(state, event);
}

/** Live sessions in the order in which they opened. */
export function liveSlots(state: State): readonly number[] {
  const { serial, extent } = state.sessions;
  const slots: number[] = [];
  for (let slot = 0; slot < extent; slot++) if ((serial[slot] ?? 0) > 0) slots.push(slot);
  return slots.sort((one, other) => (serial[one] ?? 0) - (serial[other] ?? 0));
}
