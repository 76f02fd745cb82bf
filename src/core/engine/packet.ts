// What is judged of every packet, the opening one included: application, operations, size, rate, volume; and what a permitted one is charged to.
// No allocation: this runs for every packet.

import { type Direction, type Observation, type Rate, reasonBit, type Verdict } from '#model';
import { costOf } from './budgets.ts';
import { AT, isOperationAllowed, type Judged, type RuleState, type State } from './state.ts';

const GUARDS = reasonBit('guardrail') | reasonBit('quarantined');

/** Adds a reason; false where it was given before, whose numbers stay. */
export function deny(verdict: Verdict, at: number, observed = Number.NaN): boolean {
  if (((verdict.reasons >> at) & 1) === 1) return false;
  verdict.reasons |= 1 << at;
  verdict.observed[at] = observed;
  return true;
}

/** Sets whether the denial is held. `isHeld`: an end enforces the service. */
export function setEnforced(verdict: Verdict, isHeld: boolean, isAudit: boolean): void {
  verdict.isEnforced = verdict.reasons !== 0 && isHeld && (!isAudit || (verdict.reasons & GUARDS) !== 0);
}

export function judgeContent(state: State, judged: Judged): void {
  const { packet, verdict } = state;
  const { service, rule } = judged;
  if (service.application !== '' && packet.application !== '' && packet.application !== service.application)
    deny(verdict, AT['wrong-application']);
  if (rule.patterns !== null)
    for (let at = 0; at < packet.operations.length; at++)
      if (!isOperationAllowed(rule, packet.operations[at] ?? '')) deny(verdict, AT['wrong-operation']);
  if (packet.packetSize >= 0) judgeSize(state, judged);
}

function judgeSize({ packet, verdict }: State, { rule, isSent }: Judged): void {
  const { sizes } = rule.rule.source.limits;
  const { packetSize } = packet;
  for (let at = 0; at < sizes.length; at++) {
    const size = sizes[at];
    if (size === undefined || !isOfDirection(size.direction, isSent)) continue;
    const isBelow = size.min !== null && packetSize < size.min;
    const isAbove = size.max !== null && packetSize > size.max;
    if ((isBelow || isAbove) && deny(verdict, AT['packet-size'], packetSize))
      verdict.limit[AT['packet-size']] = (isBelow ? size.min : size.max) ?? Number.NaN;
  }
}

/** Rates, and volumes only when every rate conforms. */
export function judgeAmount(state: State, judged: Judged): void {
  judgeRates(state, judged);
  if (((state.verdict.reasons >> AT['over-rate']) & 1) === 1) return;
  chargeRates(state, judged);
  judgeVolumes(state, judged);
}

function judgeRates(state: State, judged: Judged): void {
  const { packet, verdict } = state;
  const { rates, volumes } = judged.rule.rule.source.limits;
  for (let at = 0; at < rates.length; at++) {
    const rate = rates[at];
    if (rate === undefined || !isOfDirection(rate.direction, judged.isSent)) continue;
    const used = state.budgets.used(budgetOf(judged, volumes.length + at, rate.scope));
    const start = Math.max(used, state.time.now);
    const needed = start + costOf(unitsOf(rate, packet), rate.perSecond) - state.time.now;
    const room = costOf(rate.burst, rate.perSecond);
    // Written so that a rate of no number denies.
    if (!(needed <= room) && deny(verdict, AT['over-rate'], needed)) verdict.limit[AT['over-rate']] = room;
  }
}

function judgeVolumes({ budgets, packet, verdict }: State, judged: Judged): void {
  const { volumes } = judged.rule.rule.source.limits;
  for (let at = 0; at < volumes.length; at++) {
    const volume = volumes[at];
    if (volume === undefined || volume.maxBytes === null || !isOfDirection(volume.direction, judged.isSent)) continue;
    const id = budgetOf(judged, at, volume.scope);
    budgets.bring(id, volume.window);
    const total = budgets.used(id) + packet.bytes;
    if (total <= volume.maxBytes && !budgets.isShut(id)) continue;
    if (deny(verdict, AT['over-volume'], total)) verdict.limit[AT['over-volume']] = volume.maxBytes;
    if (volume.window.kind !== 'rolling') budgets.shut(id);
  }
}

/** Charges a packet that passes, also one whose denial is only recorded. */
export function charge(state: State, judged: Judged): void {
  if (!judged.isRateCharged) chargeRates(state, judged);
  const { bytes } = state.packet;
  const { volumes } = judged.rule.rule.source.limits;
  const { budgets } = state;
  const { now } = state.time;
  for (let at = 0; at < volumes.length; at++) {
    const volume = volumes[at];
    if (volume === undefined || !isOfDirection(volume.direction, judged.isSent)) continue;
    const id = budgetOf(judged, at, volume.scope);
    if (volume.maxBytes !== null) {
      budgets.bring(id, volume.window);
      budgets.charge(id, volume.window, bytes);
    }
    const start = budgets.floorStart(id);
    if (start !== 0 && now >= start) budgets.chargeFloor(id, bytes);
  }
}

/** Rates are charged as soon as all conform, whatever volume says then. */
function chargeRates(state: State, judged: Judged): void {
  judged.isRateCharged = true;
  const { rates, volumes } = judged.rule.rule.source.limits;
  const { budgets } = state;
  const { now } = state.time;
  for (let at = 0; at < rates.length; at++) {
    const rate = rates[at];
    if (rate === undefined || !isOfDirection(rate.direction, judged.isSent)) continue;
    const id = budgetOf(judged, volumes.length + at, rate.scope);
    budgets.setUsed(id, Math.max(budgets.used(id), now) + costOf(unitsOf(rate, state.packet), rate.perSecond));
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
