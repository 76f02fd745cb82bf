// Numbers as people read them.

import { describe, expect, test } from 'vitest';
import { bytesText, counted, durationText, endText, percentText } from './text.ts';

describe('text', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.00 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [2 ** 53, '9.01 PB'],
  ])('bytesText(%d) is %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

  test.each([
    [0, '0 µs'],
    [999, '999 µs'],
    [1_500, '1 ms'],
    [90_000_000, '1 min 30 s'],
    [26 * 3_600_000_000, '1 d 2 h'],
    [86_400_000_000, '1 d'],
  ])('durationText(%d) is %s', (micros, text) => expect(durationText(micros)).toBe(text));

  test.each([
    [0, 0, '0 %'],
    [0, 10, '0 %'],
    [1, 3, '33.3 %'],
    [1, 1_000, '0.1 %'],
    [123, 1_000_000, '0.012 %'],
    [10, 10, '100 %'],
  ])('percentText(%d of %d) is %s', (part, whole, text) => expect(percentText(part, whole)).toBe(text));

  test('counted() knows one from many', () => {
    expect([counted(0, 'packet'), counted(1, 'packet'), counted(1_234, 'packet')]).toEqual([
      '0 packets',
      '1 packet',
      '1,234 packets',
    ]);
  });

  test('endText() brackets IPv6 only before a port', () => {
    expect([endText('::1', -1), endText('::1', 80), endText('10.0.0.1', 80)]).toEqual([
      '::1',
      '[::1]:80',
      '10.0.0.1:80',
    ]);
  });
});
