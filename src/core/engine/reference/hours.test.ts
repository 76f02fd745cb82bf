// Hours and calendar windows on the nights when clocks are set, against instants worked out by hand.

import { describe, expect, it } from 'vitest';
import type { Hours, Instant } from '#model';
import { isOpenAt, isOpenDuring, nextClosing } from './hours.ts';
import { windowOf } from './windows.ts';

const EVERY_DAY = 127;

function at(text: string): Instant {
  return Date.parse(text) * 1_000;
}

function daily(zone: string, fromMinute: number, toMinute: number): Hours {
  return { zone, spans: [{ days: EVERY_DAY, fromMinute, toMinute }] };
}

const edges: readonly (readonly [title: string, hours: Hours, opens: string, closes: string])[] = [
  [
    'Berlin, skipped: both are the jump but 03:30 is not',
    daily('Europe/Berlin', 150, 210),
    '2021-03-28T01:00:00Z',
    '2021-03-28T01:30:00Z',
  ],
  [
    'Berlin, twice: the first for both',
    daily('Europe/Berlin', 120, 150),
    '2021-10-31T00:00:00Z',
    '2021-10-31T00:30:00Z',
  ],
  [
    'Berlin: 03:00 after the hour that comes twice',
    daily('Europe/Berlin', 120, 180),
    '2021-10-31T00:00:00Z',
    '2021-10-31T02:00:00Z',
  ],
  ['New York, skipped opening', daily('America/New_York', 150, 240), '2021-03-14T07:00:00Z', '2021-03-14T08:00:00Z'],
  [
    'Lord Howe, half an hour skipped',
    daily('Australia/Lord_Howe', 135, 180),
    '2021-10-02T15:30:00Z',
    '2021-10-02T16:00:00Z',
  ],
  ['Kathmandu', daily('Asia/Kathmandu', 480, 540), '2021-06-01T02:15:00Z', '2021-06-01T03:15:00Z'],
  ['Sao Paulo, midnight skipped', daily('America/Sao_Paulo', 0, 120), '2018-11-04T03:00:00Z', '2018-11-04T04:00:00Z'],
  [
    'over midnight on the night of the change',
    daily('Europe/Berlin', 1_320, 360),
    '2021-03-27T21:00:00Z',
    '2021-03-28T04:00:00Z',
  ],
];

describe('isOpenAt()', () => {
  it.each(edges)('%s', (_, hours, opens, closes) => {
    expect(isOpenAt(hours, at(opens) - 1)).toBe(false);
    expect(isOpenAt(hours, at(opens))).toBe(true);
    expect(isOpenAt(hours, at(closes) - 1)).toBe(true);
    expect(isOpenAt(hours, at(closes))).toBe(false);
    expect(nextClosing(hours, at(opens))).toBe(at(closes));
  });

  it('is closed on a day that Apia skipped', () => {
    const friday: Hours = { zone: 'Pacific/Apia', spans: [{ days: 16, fromMinute: 480, toMinute: 1_080 }] };
    expect(isOpenAt(friday, at('2011-12-30T09:59:59Z'))).toBe(false);
    expect(isOpenAt(friday, at('2011-12-30T10:00:00Z'))).toBe(false);
    expect(isOpenAt(friday, at('2012-01-05T18:00:00Z'))).toBe(true);
  });

  it('is never closed on 00:00-24:00 of every day', () => {
    const always = daily('Europe/Berlin', 0, 1_440);
    expect(nextClosing(always, at('2021-03-28T00:00:00Z'))).toBeNull();
    expect(
      isOpenDuring(
        always,
        windowOf({ kind: 'calendar', unit: 'month', zone: 'Europe/Berlin' }, at('2021-03-28T00:00:00Z')),
      ),
    ).toBe(true);
  });

  it('is closed without spans', () => {
    expect(isOpenAt({ zone: 'UTC', spans: [] }, 0)).toBe(false);
  });
});

const windows = [
  ['day', 'Europe/Berlin', '2021-03-28T12:00:00Z', '2021-03-27T23:00:00Z', '2021-03-28T22:00:00Z'],
  ['day', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
  ['week', 'America/New_York', '2021-03-14T12:00:00Z', '2021-03-08T05:00:00Z', '2021-03-15T04:00:00Z'],
  ['month', 'UTC', '2024-02-29T23:59:59Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
  ['day', 'Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z'],
] as const;

describe('windowOf()', () => {
  it.each(windows)('%s in %s at %s', (unit, zone, when, start, end) => {
    expect(windowOf({ kind: 'calendar', unit, zone }, at(when))).toEqual({ start: at(start), end: at(end) });
  });
});
