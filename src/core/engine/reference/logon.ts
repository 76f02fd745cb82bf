// Semantics 16 and 19: whether an element is logged on as a rule or service asks. How one logs on is no matter of this.

import type { Factor, Instant, Logon, Micros } from '#model';
import type { End } from './ends.ts';
import { elementIdOf, type RuleState, type Session, type State } from './state.ts';

const ANY_FACTOR: Logon = { factors: [], within: null };
const FACTORS: readonly Factor[] = ['person', 'device'];
const NEVER = Number.NEGATIVE_INFINITY;

export interface LogonFound {
  readonly isOn: boolean;
  /** Of the oldest factor asked for; where any one will do, of the youngest. */
  readonly age: Micros;
  /** Since when it is not as asked; before all time where it never was. */
  readonly offSince: Instant;
}

/** What a session must be logged on with, or null for nothing (16). */
export function neededLogon(governor: RuleState, service: { readonly isLogonRequired: boolean }): Logon | null {
  return governor.rule.limits.logon ?? (service.isLogonRequired ? ANY_FACTOR : null);
}

export function logonOf(state: State, from: End, asked: Logon): LogonFound {
  const known = state.logons.get(elementIdOf(state, from) ?? '');
  const factorOf = (factor: Factor): LogonFound => {
    const logon = known?.get(factor);
    if (logon?.kind === 'on') return { isOn: true, age: state.now - logon.at, offSince: NEVER };
    return { isOn: false, age: Number.NaN, offSince: logon?.since ?? NEVER };
  };
  if (asked.factors.length === 0) return anyOf(FACTORS.map(factorOf));
  return allOf(asked.factors.map(factorOf));
}

function anyOf(found: readonly LogonFound[]): LogonFound {
  const on = found.filter((one) => one.isOn);
  const offSince = Math.max(...found.map((one) => one.offSince));
  return on.length === 0
    ? { isOn: false, age: Number.NaN, offSince }
    : { isOn: true, age: Math.min(...on.map((one) => one.age)), offSince: NEVER };
}

function allOf(found: readonly LogonFound[]): LogonFound {
  const off = found.filter((one) => !one.isOn);
  return off.length === 0
    ? { isOn: true, age: Math.max(...found.map((one) => one.age)), offSince: NEVER }
    : { isOn: false, age: Number.NaN, offSince: Math.min(...off.map((one) => one.offSince)) };
}

/** Whether what is asked for was on when the session opened, as far as the last stretch of each factor tells. */
export function wasLoggedOn(state: State, session: Session): boolean {
  if (session.governor === null || session.service === null) return true;
  const asked = neededLogon(session.governor, session.service);
  if (asked === null) return true;
  const known = state.logons.get(elementIdOf(state, session.ends.initiator) ?? '');
  const wasOn = (factor: Factor): boolean => {
    const logon = known?.get(factor);
    if (logon === undefined || logon.on > session.opened) return false;
    return logon.kind === 'on' || logon.since > session.opened;
  };
  return asked.factors.length === 0 ? FACTORS.some(wasOn) : asked.factors.every(wasOn);
}

/** Since when a live session lacks the logon it needs, or null where it lacks nothing. */
export function loggedOffSince(state: State, session: Session): Instant | null {
  if (session.governor === null || session.service === null) return null;
  const asked = neededLogon(session.governor, session.service);
  if (asked === null) return null;
  const found = logonOf(state, session.ends.initiator, asked);
  return found.isOn ? null : found.offSince;
}
