// Values that routes share: just inside, on, and just outside their bounds.

import { describe, expect, test } from 'vitest';
import { domainId, freeText, revisionOfTag, revisionTag, time, whole } from './values.ts';

describe('domainId', () => {
  test.each([
    ['plant.example', true],
    ['a', true],
    ['0.a', true],
    ['xn--bcher-kva.example', true],
    [`${'a'.repeat(63)}.b`, true],
    [`${'a'.repeat(64)}.b`, false],
    [`${'a.'.repeat(63)}ab`, true],
    [`${'a.'.repeat(64)}a`, false],
    ['10.0.0.1', false],
    ['plant.074', false],
    ['7', false],
    ['Plant.example', false],
    ['plant.example.', false],
    ['.example', false],
    ['plant..example', false],
    ['-plant.example', false],
    ['plant-.example', false],
    ['plant_1.example', false],
    ['*', false],
    ['', false],
    ['plant.example\n', false],
    ['bücher.example', false],
  ])('%s: %s', (text, isDomain) => expect(domainId.safeParse(text).success).toBe(isDomain));
});

describe('whole()', () => {
  const number = whole({ min: 1, max: 10, example: 5 });
  test.each([
    ['0', false],
    ['1', true],
    ['10', true],
    ['11', false],
    ['01', false],
    ['+1', false],
    ['1.0', false],
    ['1e0', false],
    [' 1', false],
    ['١', false],
    ['', false],
  ])('"%s": %s', (text, isNumber) => expect(number.safeParse(text).success).toBe(isNumber));
});

describe('freeText()', () => {
  test.each([
    ['two\nlines', true],
    ['tab\there', false],
    ['bell\u0007', false],
    ['C1 \u009b', false],
    ['\u001b[2J', false],
    ['a\r\nb', false],
    ['ü😀', true],
    ['x'.repeat(20), true],
    ['x'.repeat(21), false],
  ])('%j: %s', (text, isText) => expect(freeText(20).safeParse(text).success).toBe(isText));
});

describe('time', () => {
  test.each([
    ['2026-11-25T08:00:00Z', true],
    ['2026-11-25T08:00:00.123456Z', true],
    ['2026-11-25T08:00:00.1234567Z', false],
    ['2026-11-25T08:00:00+01:00', false],
    ['2026-11-25 08:00:00Z', false],
    ['2026-02-30T08:00:00Z', false],
    ['2026-11-25', false],
  ])('%s: %s', (text, isTime) => expect(time.safeParse(text).success).toBe(isTime));
});

describe('revision tags', () => {
  test.each([0, 1, 42, 999_999_999_999])('%i and back', (revision) => {
    expect(revisionOfTag(revisionTag(revision))).toBe(revision);
  });

  test.each(['', 'r', 'r-1', 'r01', 'R1', '1', 'r1 ', 'r9999999999999999'])('"%s" names none', (tag) => {
    expect(revisionOfTag(tag)).toBeNull();
  });
});
