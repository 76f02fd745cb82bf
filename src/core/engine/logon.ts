// Logon: whether the factors that a rule or guardrail asks for are on, and how old the oldest that counts is.

import type { Factor, Instant, Logon } from '#model';
import type { LogonAnswer, LogonState, State } from './state.ts';

const FACTORS: readonly Factor[] = ['person', 'device'];

/** `element`: index of the from element, -1 for none, which is never logged on. The answer holds until the next question. */
export function logonAnswer(state: State, logon: Logon, element: number): LogonAnswer {
  const factors = factorsOf(state, element);
  const isAll = logon.factors.length > 0;
  const wanted = isAll ? logon.factors : FACTORS;
  const answer = state.logonAnswer;
  answer.isOn = false;
  answer.age = Number.NaN;
  answer.off = Number.NEGATIVE_INFINITY;
  if (factors === undefined) return answer;
  let on = 0;
  let age = isAll ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  let off = isAll ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  for (let place = 0; place < wanted.length; place++) {
    const factor = factors[wanted[place] ?? 'person'];
    if (factor.at === null) off = isAll ? Math.min(off, factor.off) : Math.max(off, factor.off);
    else {
      on++;
      age = isAll ? Math.max(age, state.time.now - factor.at) : Math.min(age, state.time.now - factor.at);
    }
  }
  answer.isOn = isAll ? on === wanted.length : on > 0;
  answer.age = age;
  answer.off = off;
  return answer;
}

/** Whether what is asked for was on at `opened`, as far as the last stretch of each factor tells. */
export function wasLoggedOn(asked: { state: State; logon: Logon; element: number }, opened: Instant): boolean {
  const { state, logon, element } = asked;
  const factors = factorsOf(state, element);
  if (factors === undefined) return false;
  const wasOn = (factor: Factor): boolean => {
    const { at, on, off } = factors[factor];
    return on <= opened && (at !== null || off > opened);
  };
  return logon.factors.length === 0 ? FACTORS.some(wasOn) : logon.factors.every(wasOn);
}

function factorsOf(state: State, element: number): Record<Factor, LogonState> | undefined {
  const id = state.program.elements[element]?.id;
  return id === undefined ? undefined : state.logons.get(id);
}

export function newLogons(): Record<Factor, LogonState> {
  return { person: neverOn(), device: neverOn() };
}

function neverOn(): LogonState {
  return { at: null, on: Number.NEGATIVE_INFINITY, off: Number.NEGATIVE_INFINITY };
}
