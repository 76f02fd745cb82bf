// Judges the packet that opens a session: orientation, quarantine, guardrails, the governing rule, state, logon, hours, connections.

import { type Logon, type Observation, PROTOCOL, TCP, type Verdict } from '#model';
import { NO_BLOCK } from './budgets.ts';
import type { End } from './ends.ts';
import type { HoursGroup } from './hours-watch.ts';
import { logonAnswer } from './logon.ts';
import type { Contact } from './matcher.ts';
import { budgetOf, deny } from './packet.ts';
import { type CompiledService, logonOf } from './program.ts';
import { AT, type Judged, pairBlock, type RuleState, type State } from './state.ts';

/** A tuple seen from its initiator, with what concerns it. */
export interface Match extends Contact {
  readonly fromNumber: number;
  readonly toNumber: number;
  readonly rule: RuleState | null;
  readonly service: CompiledService | null;
  readonly isFromInitiator: boolean;
  /** Whether an end enforces the service. */
  readonly isHeld: boolean;
}

/** 1 where the source of a first packet began, 2 where its destination did; 0 where its place as first packet alone says source. */
export function openerOf(packet: Observation): 0 | 1 | 2 {
  if (packet.initiator !== 0) return packet.initiator;
  if (packet.protocol !== PROTOCOL.tcp || packet.tcpFlags < 0) return 0;
  // A reset answers an opening that was denied or not seen.
  if ((packet.tcpFlags & TCP.syn) === 0) return (packet.tcpFlags & TCP.rst) === 0 ? 0 : 2;
  return (packet.tcpFlags & TCP.ack) === 0 ? 1 : 2;
}

/** Matches a first packet, turned round where only the other direction has a rule for an older conversation. */
export function matchOpening(state: State, packet: Observation): Match {
  const opener = openerOf(packet);
  const match = matchPacket(state, packet, opener !== 2);
  const isOlder = opener === 0 && packet.protocol === PROTOCOL.tcp && packet.tcpFlags >= 0;
  if (!isOlder || match.rule !== null) return match;
  const turned = matchPacket(state, packet, false);
  return turned.rule === null ? match : turned;
}

function matchPacket(state: State, packet: Observation, isFromInitiator: boolean): Match {
  const source = state.matcher.endOf(packet.source, packet.sourceMac);
  const destination = state.matcher.endOf(packet.destination, packet.destinationMac);
  const isOneEnd = packet.source === packet.destination && packet.sourcePort === packet.destinationPort;
  return matchTuple(state, {
    fromNumber: isFromInitiator ? source : destination,
    toNumber: isFromInitiator ? destination : source,
    protocol: packet.protocol,
    port: isFromInitiator ? packet.destinationPort : packet.sourcePort,
    isFromInitiator: isFromInitiator || isOneEnd,
  });
}

type Tuple = Pick<Match, 'fromNumber' | 'toNumber' | 'protocol' | 'port' | 'isFromInitiator'>;

/** Finds what governs a tuple at the state's instant. */
export function matchTuple(state: State, tuple: Tuple): Match {
  const { fromNumber, toNumber, protocol, port, isFromInitiator } = tuple;
  const { matcher } = state;
  const from = matcher.end(fromNumber);
  const to = matcher.end(toNumber);
  const { now } = state.time;
  const contact = { from, to, protocol, port, now };
  const governed = matcher.govern(contact);
  const service = governed?.service ?? null;
  const isHeld = matcher.isHeld(contact, service);
  const rule = governed === null ? null : (state.current[governed.rule.index] ?? null);
  // Written out: spreading the tuple costs more than all the rest of an opening.
  return { fromNumber, toNumber, protocol, port, now, isFromInitiator, from, to, rule, service, isHeld };
}

/** Quarantine, guardrails, and whether any rule governs (11 to 14). */
export function judgeMatch(state: State, match: Match, verdict: Verdict): void {
  if (isQuarantined(state, match.from) || isQuarantined(state, match.to)) {
    deny(verdict, AT.quarantined);
    return;
  }
  judgeGuards(state, match, verdict);
  if (match.rule !== null) return;
  if (match.from?.isKnown !== true || match.to?.isKnown !== true) deny(verdict, AT['unknown-element']);
  deny(verdict, AT['no-rule']);
  if (state.matcher.wouldGovern(match)) deny(verdict, AT['wrong-protocol'], match.protocol);
}

export function isQuarantined(state: State, end: End | null): boolean {
  if (state.quarantined.size === 0 || end === null) return false;
  const element = state.program.elements[end.element];
  return element !== undefined && state.quarantined.has(element.id);
}

function judgeGuards(state: State, match: Match, verdict: Verdict): void {
  for (const owner of state.matcher.guardsOf(match)) {
    if (owner.require !== null) {
      const { hours, logon } = owner.require;
      const isOpen = hours === null || state.guardClocks[owner.index]?.isOpenAt(state.time.now) === true;
      if (isOpen && (logon === null || isFresh(state, logon, match.from?.element ?? -1))) continue;
    }
    deny(verdict, AT.guardrail);
    if (verdict.guardrail < 0) verdict.guardrail = owner.index;
  }
}

function isFresh(state: State, logon: Logon, element: number): boolean {
  const { isOn, age } = logonAnswer(state, logon, element);
  return isOn && (logon.within === null || age <= logon.within);
}

/** State, logon, hours and connections of an opening under its rule (15 to 18). Returns what later steps need, null where there is nothing to count on. */
export function judgeAdmission(state: State, match: Match): Judged | null {
  const { rule, service } = match;
  if (rule === null || service === null) return null;
  const block = pairBlock(state, rule, match);
  const judged = { rule, service, block, isSent: match.isFromInitiator, isRateCharged: false };
  judgeAdmissionOf(state, match, judged);
  if (block !== NO_BLOCK && rule.block !== NO_BLOCK) return judged;
  deny(state.verdict, AT['too-many-connections']);
  return null;
}

/** The same for a pair whose budgets need not be there: what was never counted is none. */
export function judgeAdmissionOf(state: State, match: Match, judged: Judged): void {
  const { rule, service } = judged;
  const { verdict } = state;
  judgeState(state.packet, verdict);
  judgeLogon(state, logonOf(rule.rule, service), match.from?.element ?? -1);
  if (rule.group !== null && !isOpen(state, rule.group)) deny(verdict, AT['outside-hours'], state.time.now);
  judgeConnections(state, judged);
}

/** Asks the hours' clock and notes what it said for the packets to come. */
export function isOpen({ hours, time }: State, group: HoursGroup): boolean {
  const is = group.clock.isOpenAt(time.now);
  hours.note(group);
  return is;
}

const PORTED: readonly number[] = [PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp];

function judgeState(packet: Observation, verdict: Verdict): void {
  if (PORTED.includes(packet.protocol) && (packet.sourcePort === -1 || packet.destinationPort === -1))
    deny(verdict, AT['bad-state']);
  const flags = packet.tcpFlags;
  if (packet.protocol !== PROTOCOL.tcp || flags === -1) return;
  const isImpossible = (flags & TCP.syn) !== 0 && (flags & (TCP.fin | TCP.rst)) !== 0;
  if (isImpossible || (flags & 0xff) === 0) deny(verdict, AT['bad-state'], flags);
}

function judgeLogon(state: State, logon: Logon | null, element: number): void {
  if (logon === null) return;
  const { verdict } = state;
  const { isOn, age } = logonAnswer(state, logon, element);
  if (!isOn) deny(verdict, AT['not-logged-on']);
  else if (logon.within !== null && age > logon.within && deny(verdict, AT['session-expired'], age))
    verdict.limit[AT['session-expired']] = logon.within;
}

function judgeConnections({ budgets, verdict }: State, judged: Judged): void {
  const { limits } = judged.rule.rule.source;
  const first = limits.volumes.length + limits.rates.length;
  for (const [at, limit] of limits.connections.entries()) {
    const isKnown = (limit.scope === 'pair' ? judged.block : judged.rule.block) !== NO_BLOCK;
    const id = budgetOf(judged, first + at, limit.scope);
    if (isKnown && limit.kind === 'period') budgets.bring(id, limit.window);
    const count = (isKnown ? budgets.used(id) : 0) + 1;
    if (count > limit.max && deny(verdict, AT['too-many-connections'], count))
      verdict.limit[AT['too-many-connections']] = limit.max;
  }
}
