// Hours and calendar windows around every change of the clock in fourteen zones, minute by minute: engine against reference.

import { describe, expect, it } from 'vitest';
import { hoursOpen, windowAt } from '#engine';
import { DAY, HOUR, type Hours, type Instant, MINUTE, type Window } from '#model';
import { isOpenAt, windowOf } from '../../src/core/engine/reference/index.ts';

const ZONES: readonly (readonly [zone: string, year: number])[] = [
  ['Europe/Berlin', 2021],
  ['America/New_York', 2021],
  ['Australia/Lord_Howe', 2021],
  ['Asia/Kathmandu', 1986],
  ['Pacific/Apia', 2011],
  ['Africa/Casablanca', 2021],
  ['America/Santiago', 2021],
  ['Australia/Sydney', 2021],
  ['Asia/Tehran', 2021],
  ['Africa/Cairo', 2023],
  ['America/Sao_Paulo', 2018],
  ['Antarctica/Troll', 2021],
  ['America/St_Johns', 2006],
  ['America/Havana', 2021],
];

const SPANS: readonly Hours['spans'][] = [
  [{ days: 127, fromMinute: 0, toMinute: 1_440 }],
  [{ days: 127, fromMinute: 150, toMinute: 180 }],
  [{ days: 127, fromMinute: 1_320, toMinute: 120 }],
  [
    { days: 96, fromMinute: 0, toMinute: 30 },
    { days: 127, fromMinute: 90, toMinute: 150 },
  ],
  [
    { days: 85, fromMinute: 1_410, toMinute: 1_440 },
    { days: 42, fromMinute: 0, toMinute: 1 },
  ],
  [{ days: 127, fromMinute: 480, toMinute: 480 }],
];

const UNITS = ['day', 'week', 'month'] as const;

/** Instants at which the zone's clock is set, to the hour before. */
function changesOf(zone: string, year: number): readonly Instant[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offset = (at: number): string =>
    format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const changes: Instant[] = [];
  const end = Date.UTC(year + 1, 0, 1, 12);
  for (let at = Date.UTC(year, 0, 1) - 43_200_000; at < end; at += 3_600_000)
    if (offset(at) !== offset(at + 3_600_000)) changes.push(at * 1_000);
  return changes;
}

describe.each(ZONES)('around the changes of the clock in %s in %i', (zone, year) => {
  const changes = changesOf(zone, year);
  const minutes = changes.flatMap((change) =>
    Array.from({ length: (2 * (DAY + 4 * HOUR)) / MINUTE }, (_, at) => change - DAY - 4 * HOUR + at * MINUTE),
  );

  it('there are changes', () => {
    expect(changes.length).toBeGreaterThan(0);
  });

  it.each(SPANS)('hours are open alike: %o', (...spans) => {
    const hours: Hours = { zone, spans };
    // The engine's answer holds until the instant it names, so one answer is held against every minute up to there.
    let known = { isOpen: false, until: Number.NEGATIVE_INFINITY };
    let asked = Number.POSITIVE_INFINITY;
    const wrong = minutes.filter((at) => {
      if (at < asked || at >= known.until) known = hoursOpen(hours, at);
      asked = at;
      return known.isOpen !== isOpenAt(hours, at);
    });
    expect(wrong.map((at) => new Date(at / 1_000).toISOString())).toEqual([]);
  });

  it.each(UNITS)('calendar windows are alike: %s', (unit) => {
    const window: Window = { kind: 'calendar', unit, zone };
    const text = ({ start, end }: { start: Instant; end: Instant }): string => `${start} ${end}`;
    let known = { start: Number.POSITIVE_INFINITY, end: Number.NEGATIVE_INFINITY };
    const wrong = minutes.filter((at) => {
      if (at < known.start || at >= known.end) known = windowAt(window, at);
      return text(known) !== text(windowOf(window, at));
    });
    expect(wrong.map((at) => new Date(at / 1_000).toISOString())).toEqual([]);
  });
});
