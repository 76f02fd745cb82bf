// What is judged of every packet, the opening one included: application, operations, size, rate, volume; and what a permitted one is charged to.

import type { Direction, Observation, Rate, Verdict } from '#model';
import { reasonBit } from '#model';
import { costOf } from './budgets.ts';
import type { CompiledService } from './program.ts';
import { AT, isOperationAllowed, type RuleState, type State } from './state.ts';

/** One packet under its rule; filled anew for each packet, never kept. */
export interface Judged {
  rule: RuleState;
  service: CompiledService;
  /** First budget of the pair. */
  block: number;
  isSent: boolean;
  /** Whether its rates were charged when they were judged. */
  isRateCharged: boolean;
}

const GUARDS = reasonBit('guardrail') | reasonBit('quarantined');

export function deny(verdict: Verdict, at: number, observed: number, limit = Number.NaN): void {
  if (((verdict.reasons >> at) & 1) === 1) return;
  verdict.reasons |= 1 << at;
  verdict.observed[at] = observed;
  verdict.limit[at] = limit;
}

/** Sets whether the denial is held. `isHeld`: an end enforces the service. */
export function setEnforced(verdict: Verdict, isHeld: boolean, isAudit: boolean): void {
  verdict.isEnforced = verdict.reasons !== 0 && isHeld && (!isAudit || (verdict.reasons & GUARDS) !== 0);
}

export function judgeContent(judged: Judged, packet: Observation, verdict: Verdict): void {
  const { service, rule } = judged;
  if (service.application !== '' && packet.application !== '' && packet.application !== service.application)
    deny(verdict, AT['wrong-application'], Number.NaN);
  if (rule.patterns !== null)
    for (const operation of packet.operations)
      if (!isOperationAllowed(rule, operation)) deny(verdict, AT['wrong-operation'], Number.NaN);
  if (packet.packetSize < 0) return;
  for (const size of rule.rule.source.limits.sizes) {
    if (!isOfDirection(size.direction, judged.isSent)) continue;
    if (size.min !== null && packet.packetSize < size.min)
      deny(verdict, AT['packet-size'], packet.packetSize, size.min);
    if (size.max !== null && packet.packetSize > size.max)
      deny(verdict, AT['packet-size'], packet.packetSize, size.max);
  }
}

/** Rates, and volumes only when every rate conforms. */
export function judgeAmount(state: State, judged: Judged, packet: Observation, verdict: Verdict): void {
  const { rates, volumes } = judged.rule.rule.source.limits;
  for (let at = 0; at < rates.length; at++) {
    const rate = rates[at];
    if (rate === undefined || !isOfDirection(rate.direction, judged.isSent)) continue;
    const used = state.budgets.used[budgetOf(judged, volumes.length + at, rate.scope)] ?? 0;
    const start = Math.max(used, state.now);
    const needed = start + costOf(unitsOf(rate, packet), rate.perSecond) - state.now;
    const room = costOf(rate.burst, rate.perSecond);
    if (!(needed <= room)) deny(verdict, AT['over-rate'], needed, room);
  }
  if (((verdict.reasons >> AT['over-rate']) & 1) === 1) return;
  chargeRates(state, judged, packet);
  for (let at = 0; at < volumes.length; at++) {
    const volume = volumes[at];
    if (volume === undefined || volume.maxBytes === null || !isOfDirection(volume.direction, judged.isSent)) continue;
    const id = budgetOf(judged, at, volume.scope);
    const total = state.budgets.usedIn(id, volume.window, state.now) + packet.bytes;
    if (total <= volume.maxBytes && state.budgets.isShut[id] === 0) continue;
    deny(verdict, AT['over-volume'], total, volume.maxBytes);
    if (volume.window.kind !== 'rolling') state.budgets.isShut[id] = 1;
  }
}

/** Charges a packet that passes, also one whose denial is only recorded. */
export function charge(state: State, judged: Judged, packet: Observation): void {
  if (!judged.isRateCharged) chargeRates(state, judged, packet);
  const { volumes } = judged.rule.rule.source.limits;
  const { budgets, now } = state;
  for (let at = 0; at < volumes.length; at++) {
    const volume = volumes[at];
    if (volume === undefined || !isOfDirection(volume.direction, judged.isSent)) continue;
    const id = budgetOf(judged, at, volume.scope);
    if (volume.maxBytes !== null) {
      budgets.usedIn(id, volume.window, now);
      budgets.charge(id, volume.window, packet.bytes);
    }
    const start = budgets.floorStart[id] ?? 0;
    if (start !== 0 && now >= start) budgets.floorUsed[id] = (budgets.floorUsed[id] ?? 0) + packet.bytes;
  }
}

/** Rates are charged as soon as all conform, whatever volume says then. */
function chargeRates(state: State, judged: Judged, packet: Observation): void {
  judged.isRateCharged = true;
  const { rates, volumes } = judged.rule.rule.source.limits;
  const { budgets, now } = state;
  for (let at = 0; at < rates.length; at++) {
    const rate = rates[at];
    if (rate === undefined || !isOfDirection(rate.direction, judged.isSent)) continue;
    const id = budgetOf(judged, volumes.length + at, rate.scope);
    budgets.used[id] = Math.max(budgets.used[id] ?? 0, now) + costOf(unitsOf(rate, packet), rate.perSecond);
  }
}

/** Number of the budget of the rule's limit at place `at` of volumes, rates, connections. */
export function budgetOf(judged: { rule: RuleState; block: number }, at: number, scope: 'pair' | 'rule'): number {
  return (scope === 'pair' ? judged.block : judged.rule.block) + at;
}

function isOfDirection(direction: Direction, isSent: boolean): boolean {
  return direction === 'both' || (direction === 'sent') === isSent;
}

function unitsOf(rate: Rate, packet: Observation): number {
  return rate.unit === 'bytes' ? packet.bytes : packet.packets;
}
