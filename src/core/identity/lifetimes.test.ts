// Instants of renewal and end, to the microsecond.

import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '#model';
import { NOON } from './certificates.testing.ts';
import { leafState, renewAt } from './lifetimes.ts';

const DAY_LONG = { notBefore: NOON, notAfter: NOON + 20 * HOUR };

test('renewAt() is half of the life, a tenth earlier or later', () => {
  expect([0, 0.5, 1].map((chance) => (renewAt(DAY_LONG, chance) - NOON) / HOUR)).toEqual([8, 10, 12]);
  expect([-5, 9].map((chance) => (renewAt(DAY_LONG, chance) - NOON) / HOUR)).toEqual([8, 12]);
});

test('leafState() turns at each instant', () => {
  const state = (now: number): string => leafState(DAY_LONG, { now, renewal: NOON + 10 * HOUR });
  const { notAfter } = DAY_LONG;
  expect(state(NOON - 1)).toBe('future');
  expect([NOON, NOON + 10 * HOUR - 1].map(state)).toEqual(['fresh', 'fresh']);
  expect([NOON + 10 * HOUR, notAfter - 1].map(state)).toEqual(['renew', 'renew']);
  expect([notAfter, notAfter + MINUTE].map(state)).toEqual(['expired', 'expired']);
});
