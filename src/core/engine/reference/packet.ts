// Semantics 19 to 21: what is judged of every packet, and what it is charged to. Openings have been judged before.

import type { Observation, Service } from '#model';
import { type Budget, charge, isDirection, isShut, rateOf, shut, usedIn } from './budgets.ts';
import type { Ends } from './ends.ts';
import { type Finding, finding } from './findings.ts';
import { isOpenAt, lastClosing } from './hours.ts';
import { loggedOffSince } from './logon.ts';
import { budgetOf, type RuleState, type Session, type State } from './state.ts';

/** One packet under one rule. */
export interface Passage {
  readonly governor: RuleState;
  readonly service: Service;
  readonly ends: Ends;
  readonly isSent: boolean;
}

/** What only a session that lives already is asked: logon, lifetime, hours. */
export function judgeLiving(state: State, session: Session, governor: RuleState): readonly Finding[] {
  const { drain, hours, lifetime } = governor.rule.limits;
  const findings: Finding[] = [];
  const offSince = loggedOffSince(state, session);
  if (offSince !== null && !(session.isInLogon && state.now < offSince + drain))
    findings.push(finding('not-logged-on'));
  const age = state.now - session.opened;
  if (session.isCut || (lifetime !== null && age >= lifetime + drain))
    findings.push(finding('session-expired', age, lifetime ?? Number.NaN));
  if (hours !== null && !isOpenAt(hours, state.now)) {
    // Drain is for sessions that opened while hours were open (25).
    const closed = isOpenAt(hours, session.opened) ? lastClosing(hours, state.now) : null;
    if (closed === null || state.now >= closed + drain) findings.push(finding('outside-hours'));
  }
  return findings;
}

/** Application, operations and size. */
export function judgeContent(observation: Observation, { governor, service, isSent }: Passage): readonly Finding[] {
  const { operations, sizes } = governor.rule.limits;
  const { application, packetSize } = observation;
  const findings: Finding[] = [];
  if (service.application !== null && application !== '' && application !== service.application)
    findings.push(finding('wrong-application'));
  if (operations !== null && observation.operations.some((one) => !operations.some((pattern) => isLike(pattern, one))))
    findings.push(finding('wrong-operation'));
  for (const size of sizes) {
    if (packetSize === -1 || !isDirection(size.direction, isSent)) continue;
    if (size.min !== null && packetSize < size.min) findings.push(finding('packet-size', packetSize, size.min));
    else if (size.max !== null && packetSize > size.max) findings.push(finding('packet-size', packetSize, size.max));
  }
  return findings;
}

/** `*` stands for any run of characters, none included. */
function isLike(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** Rates (20): all judged before any is charged, and charged when all conform. */
export function judgeRates(state: State, observation: Observation, passage: Passage): readonly Finding[] {
  const asked = ratesOf(state, observation, passage);
  const findings = asked
    .filter(({ result }) => !result.isConforming)
    .map(({ result }) => finding('over-rate', result.observed, result.room));
  if (findings.length === 0) chargeRates(state, observation, passage);
  return findings;
}

export function chargeRates(state: State, observation: Observation, passage: Passage): void {
  for (const { budget, result } of ratesOf(state, observation, passage)) budget.arrival = result.arrival;
}

function ratesOf(state: State, observation: Observation, { governor, ends, isSent }: Passage) {
  return governor.rule.limits.rates.flatMap((rate, index) => {
    if (!isDirection(rate.direction, isSent)) return [];
    const budget = budgetOf(governor, { limit: `rate ${index}`, scope: rate.scope, ends });
    const units = rate.unit === 'bytes' ? observation.bytes : observation.packets;
    return [{ budget, result: rateOf(budget, rate, { units, now: state.now }) }];
  });
}

/** Ceilings (21): all judged, and shut, before any is charged. */
export function judgeVolumes(state: State, observation: Observation, passage: Passage): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { budget, volume } of volumesOf(passage)) {
    if (volume.maxBytes === null) continue;
    const used = usedIn(budget, volume.window, state.now) + observation.bytes;
    if (used <= volume.maxBytes && !isShut(budget, volume.window, state.now)) continue;
    shut(budget, volume.window, state.now);
    findings.push(finding('over-volume', used, volume.maxBytes));
  }
  return findings;
}

export function chargeVolumes(state: State, observation: Observation, passage: Passage): void {
  for (const { budget, volume } of volumesOf(passage))
    charge(budget, volume.window, { at: state.now, amount: observation.bytes });
}

function volumesOf({ governor, ends, isSent }: Passage) {
  return governor.rule.limits.volumes.flatMap((volume, index) => {
    if (!isDirection(volume.direction, isSent)) return [];
    const budget: Budget = budgetOf(governor, { limit: `volume ${index}`, scope: volume.scope, ends });
    return [{ budget, volume }];
  });
}
