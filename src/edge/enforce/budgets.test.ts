// Limits as kernel arithmetic: never wider than what the policy says, and within what the kernel takes.

import { describe, expect, it } from 'vitest';
import { DAY, HOUR, type Rate } from '#model';
import { heldBytes, heldOpenings, isRateTightened, periodOf, quotaOf, rateOf } from './budgets.ts';
import { numberBook } from './numbers.ts';

const moment = (now = 0) => ({ book: numberBook(), rule: 'r', budget: 'b', now });
const volume = { minBytes: null, maxBytes: 1_000, direction: 'both', scope: 'rule' } as const;
const rate = (unit: Rate['unit'], perSecond: number, burst: number): Rate => ({
  unit,
  perSecond,
  burst,
  direction: 'both',
  scope: 'rule',
});

describe('quotaOf()', () => {
  it('begins anew at the end of its window, under another name', () => {
    const book = numberBook();
    const at = (now: number) =>
      quotaOf({ ...volume, window: { kind: 'fixed', length: HOUR } }, { book, rule: 'r', budget: 'b', now });
    expect(at(0)).toEqual(at(HOUR - 1));
    expect(at(0).until).toBe(HOUR);
    expect(at(HOUR).object.name).not.toBe(at(HOUR - 1).object.name);
  });

  it('holds half of a rolling ceiling', () => {
    expect(heldBytes({ ...volume, window: { kind: 'rolling', length: HOUR } })).toBe(500);
    expect(heldBytes({ ...volume, window: { kind: 'fixed', length: HOUR } })).toBe(1_000);
  });
});

describe('rateOf()', () => {
  it.each([
    ['bytes', 1_000, 1_000, 'rate over 1000 bytes/second', false],
    ['bytes', 1_000, 1_500, 'rate over 1000 bytes/second burst 500 bytes', false],
    ['bytes', 1_000, 999, 'rate over 999 bytes/second', true],
    ['bytes', 1_000.5, 2_000, 'rate over 1000 bytes/second burst 1000 bytes', true],
    ['bytes', 1e12, 1e12, 'rate over 18000000000 bytes/second', true],
    ['packets', 50, 100, 'rate over 50/second burst 100 packets', false],
    ['packets', 0.5, 3, 'rate over 30/minute burst 3 packets', false],
    ['packets', 1 / 3, 3, 'rate over 20/minute burst 3 packets', false],
    ['packets', 1.000_001, 3, 'rate over 86400/day burst 3 packets', true],
  ] as const)('holds %s %s with burst %s as %s', (unit, perSecond, burst, text, isTightened) => {
    expect(rateOf(rate(unit, perSecond, burst), moment()).object.body.nft).toBe(text);
    expect(isRateTightened(rate(unit, perSecond, burst))).toBe(isTightened);
  });
});

describe('heldOpenings()', () => {
  it.each([
    [{ kind: 'fixed', length: HOUR }, 10],
    [{ kind: 'fixed', length: 7 * DAY - 1 }, 10],
    [{ kind: 'fixed', length: 7 * DAY }, 9],
    [{ kind: 'calendar', unit: 'day', zone: 'UTC' }, 10],
    [{ kind: 'calendar', unit: 'week', zone: 'UTC' }, 9],
    [{ kind: 'calendar', unit: 'month', zone: 'UTC' }, 5],
    [{ kind: 'rolling', length: HOUR }, 5],
  ] as const)('of 10 in %o are %s: the bucket gains one a week', (window, held) => {
    const limit = { kind: 'period', max: 10, window, scope: 'rule' } as const;
    expect(heldOpenings(limit)).toBe(held);
    expect(periodOf(limit, moment()).object.body.nft).toBe(`rate over 1/week burst ${held} packets`);
  });
});
