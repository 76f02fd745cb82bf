// Logon: whether the factors that a rule or guardrail asks for are on, and how old the oldest that counts is.

import type { Factor, Instant, Logon } from '#model';
import type { LogonState, State } from './state.ts';

const FACTORS: readonly Factor[] = ['person', 'device'];

export interface LogonAnswer {
  readonly isOn: boolean;
  /** The age that `within` is held against. */
  readonly age: number;
  /** Since when it is off, where it was on before. */
  readonly off: Instant;
}

/** `element`: index of the from element, -1 for none, which is never logged on. */
export function logonAnswer(state: State, logon: Logon, element: number): LogonAnswer {
  const id = state.program.policy.elements[element]?.id;
  const factors = id === undefined ? undefined : state.logons.get(id);
  if (factors === undefined) return { isOn: false, age: Number.NaN, off: Number.NEGATIVE_INFINITY };
  const wanted = logon.factors.length > 0 ? logon.factors : FACTORS;
  const ages = wanted.flatMap((factor) => ageOf(factors[factor], state.now));
  const offs = wanted.map((factor) => factors[factor]).filter(({ at }) => at === null);
  if (logon.factors.length === 0)
    return { isOn: ages.length > 0, age: Math.min(...ages), off: Math.max(...offs.map(({ off }) => off)) };
  return { isOn: offs.length === 0, age: Math.max(...ages), off: Math.min(...offs.map(({ off }) => off)) };
}

/** Whether what is asked for is on, and has been on since `opened` without a break. */
export function wasLoggedOn(asked: { state: State; logon: Logon; element: number }, opened: Instant): boolean {
  const { state, logon } = asked;
  const factors = state.logons.get(state.program.policy.elements[asked.element]?.id ?? '');
  if (factors === undefined) return false;
  const isOn = (factor: Factor): boolean => factors[factor].at !== null && factors[factor].on <= opened;
  return logon.factors.length === 0 ? FACTORS.some(isOn) : logon.factors.every(isOn);
}

function ageOf({ at }: LogonState, now: Instant): readonly number[] {
  return at === null ? [] : [now - at];
}

export function newLogons(): Record<Factor, LogonState> {
  return {
    person: { at: null, on: Number.NEGATIVE_INFINITY, off: Number.NEGATIVE_INFINITY },
    device: { at: null, on: Number.NEGATIVE_INFINITY, off: Number.NEGATIVE_INFINITY },
  };
}
