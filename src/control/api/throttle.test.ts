// The throttle: so many at once and a second, each key by itself, in a table that does not grow.

import { describe, expect, test } from 'vitest';
import { peerKey, Throttle } from './throttle.ts';

describe('Throttle', () => {
  test('lets a burst through, then one a step', () => {
    const throttle = new Throttle({ perSecond: 10, burst: 3 });
    expect([1, 2, 3].map(() => throttle.take('a', 1_000))).toEqual([0, 0, 0]);
    expect(throttle.take('a', 1_000)).toBe(100);
    expect(throttle.take('a', 1_099)).toBeGreaterThan(0);
    expect(throttle.take('a', 1_100)).toBe(0);
    expect(throttle.take('a', 1_100)).toBe(100);
  });

  test('does not let one key slow another down', () => {
    const throttle = new Throttle({ perSecond: 1, burst: 1 });
    expect(throttle.take('a', 0)).toBe(0);
    expect(throttle.take('a', 0)).toBeGreaterThan(0);
    expect(throttle.take('b', 0)).toBe(0);
  });

  test('refusals cost nothing: whoever waits as told is let in', () => {
    const throttle = new Throttle({ perSecond: 1, burst: 1 });
    throttle.take('a', 0);
    for (let asked = 0; asked < 1_000; asked += 1) throttle.take('a', 1);
    expect(throttle.take('a', 1_000)).toBe(0);
  });

  test('a clock that is set back locks nobody out for longer than a full bucket', () => {
    const throttle = new Throttle({ perSecond: 1, burst: 2 });
    throttle.take('a', 1_000_000_000);
    expect(throttle.take('a', 0)).toBeLessThanOrEqual(2_000);
    expect(throttle.take('a', 3_000)).toBe(0);
  });

  test('a full table slows strangers down together and keeps those who were there', () => {
    const throttle = new Throttle({ perSecond: 1, burst: 2, keysMax: 3 });
    for (const key of ['a', 'b', 'c']) throttle.take(key, 0);
    expect(['x', 'y', 'z'].map((key) => throttle.take(key, 0) === 0)).toEqual([true, true, false]);
    expect(throttle.take('a', 0)).toBe(0);
    expect(throttle.size).toBeLessThanOrEqual(4);
  });

  test('a full table gives up entries that say nothing any more', () => {
    const throttle = new Throttle({ perSecond: 1, burst: 2, keysMax: 3 });
    for (const key of ['a', 'b', 'c']) throttle.take(key, 0);
    expect(['x', 'y', 'z'].map((key) => throttle.take(key, 5_000))).toEqual([0, 0, 0]);
    expect(throttle.size).toBe(3);
  });
});

describe('peerKey()', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['unknown', 'unknown'],
  ])('%s is %s', (address, key) => expect(peerKey(address)).toBe(key));
});
