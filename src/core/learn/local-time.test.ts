// Local hours at the changes of daylight saving and in zones with odd offsets.

import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '#model';
import { dayOf, hourOfDay, LocalTime } from './local-time.ts';

function micros(text: string): number {
  return Date.parse(text) * MILLISECOND;
}

describe('LocalTime', () => {
  it.each([
    { zone: 'UTC', at: '2026-03-02T23:59:59.999Z', hour: 23 },
    { zone: 'Europe/Berlin', at: '2026-03-29T00:59:59.999Z', hour: 1 },
    { zone: 'Europe/Berlin', at: '2026-03-29T01:00:00.000Z', hour: 3 },
    { zone: 'Asia/Kathmandu', at: '2026-03-02T00:14:59.999Z', hour: 5 },
    { zone: 'Asia/Kathmandu', at: '2026-03-02T00:15:00.000Z', hour: 6 },
    { zone: 'America/New_York', at: '2026-03-02T04:59:59.000Z', hour: 23 },
  ])('$at in $zone is hour $hour', ({ zone, at, hour }) => {
    expect(hourOfDay(new LocalTime(zone).hourNumber(micros(at)))).toBe(hour);
  });

  it('begins a local day at local midnight', () => {
    const time = new LocalTime('America/New_York');
    const before = time.hourNumber(micros('2026-03-02T04:59:59.999Z'));
    const after = time.hourNumber(micros('2026-03-02T05:00:00.000Z'));
    expect(dayOf(after) - dayOf(before)).toBe(1);
  });

  it('gives a defined hour for instants beyond every calendar', () => {
    expect(hourOfDay(new LocalTime('UTC').hourNumber(Number.MAX_SAFE_INTEGER))).toBeGreaterThanOrEqual(0);
    expect(hourOfDay(new LocalTime('UTC').hourNumber(-1))).toBe(23);
  });
});
