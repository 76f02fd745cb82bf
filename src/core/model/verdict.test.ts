// Reasons as bits and as words, and instants as text: the same order everywhere.

import { expect, test } from 'vitest';
import { instantOf, instantText } from './instant.ts';
import { clearVerdict, newVerdict, REASONS, reasonBit, reasonsOf } from './verdict.ts';

test('reasonsOf() gives back what reasonBit() put in, in the order of judging', () => {
  expect(reasonsOf(0)).toEqual([]);
  expect(reasonsOf(reasonBit('over-volume') | reasonBit('guardrail'))).toEqual(['guardrail', 'over-volume']);
  expect(reasonsOf(REASONS.reduce((bits, reason) => bits | reasonBit(reason), 0))).toEqual([...REASONS]);
});

test('clearVerdict() leaves nothing of the last packet', () => {
  const verdict = newVerdict();
  Object.assign(verdict, {
    reasons: 5,
    isEnforced: true,
    rule: 3,
    guardrail: 1,
    isFromInitiator: false,
    initiator: 2,
    responder: 4,
    isOpening: true,
  });
  verdict.observed[3] = 1;
  verdict.limit[3] = 2;
  clearVerdict(verdict);
  expect(verdict).toEqual(newVerdict());
});

test.each([
  [0, 0, '1970-01-01T00:00:00.000Z'],
  [1_615_216_935, 831_389_999, '2021-03-08T15:22:15.831389Z'],
  [4_294_967_295, 999_999_999, '2106-02-07T06:28:15.999999Z'],
  [-1, 999_999_000, '1969-12-31T23:59:59.999999Z'],
])('instantOf(%d, %d) is %s', (seconds, nanoseconds, text) => {
  expect(instantText(instantOf(seconds, nanoseconds))).toBe(text);
});

test('instantText() does not throw beyond the calendar', () => {
  expect(instantText(Number.MAX_SAFE_INTEGER)).toMatch(/^\+?2\d\d\d|beyond/);
});
