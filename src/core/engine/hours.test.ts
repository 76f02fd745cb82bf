// Hours and windows over daylight saving, midnight and skipped days (29, 30 of docs/semantics.md).

import { expect, it } from 'vitest';
import { hoursOpen, nextOpening } from './hours.ts';
import { windowAt } from './window.ts';

const DAILY = 0b111_1111;
const at = (text: string): number => Date.parse(text) * 1_000;
const span = (fromMinute: number, toMinute: number, days = DAILY) => [{ days, fromMinute, toMinute }];

it.each([
  ['Europe/Berlin', span(150, 240), '2021-03-28T00:59:59.999Z', false, 'skipped 02:30 opens at the jump'],
  ['Europe/Berlin', span(150, 240), '2021-03-28T01:00:00Z', true, 'at the jump'],
  ['Europe/Berlin', span(60, 150), '2021-10-31T00:29:59Z', true, 'before the first 02:30'],
  ['Europe/Berlin', span(60, 150), '2021-10-31T00:30:00Z', false, 'closes at the first 02:30'],
  ['Europe/Berlin', span(60, 150), '2021-10-31T01:15:00Z', false, 'stays closed the second time'],
  ['Europe/Berlin', span(1320, 360), '2021-03-28T03:59:59Z', true, 'past midnight on the change night'],
  ['Europe/Berlin', span(1320, 360), '2021-03-28T04:00:00Z', false, 'closes at 06:00 summer time'],
  ['America/New_York', span(150, 240), '2021-03-14T07:00:00Z', true, 'New York jump'],
  ['Australia/Lord_Howe', span(135, 180), '2021-10-02T15:29:59Z', false, 'half-hour jump, before'],
  ['Australia/Lord_Howe', span(135, 180), '2021-10-02T15:30:00Z', true, 'half-hour jump, at'],
  ['Asia/Kathmandu', span(480, 540), '2021-06-01T02:14:59Z', false, 'quarter-hour zone, before'],
  ['Asia/Kathmandu', span(480, 540), '2021-06-01T02:15:00Z', true, 'quarter-hour zone, on'],
  ['Pacific/Apia', span(480, 540, 0b1_0000), '2011-12-30T18:30:00Z', false, 'the Friday that never was'],
  ['Europe/Berlin', span(0, 1440), '2021-03-28T01:00:00Z', true, 'never closed'],
])('29: hours in %s %j at %s: open %s (%s)', (zone, spans, when, isOpen) => {
  expect(hoursOpen({ zone, spans }, at(when)).isOpen).toBe(isOpen);
});

it('29: finds the next opening over a weekend, and none where hours never open', () => {
  const zone = 'Europe/Berlin';
  expect(nextOpening({ zone, spans: span(480, 1080, 0b1_1111) }, at('2021-03-26T18:00:00Z'))).toBe(
    at('2021-03-29T06:00:00Z'),
  );
  expect(nextOpening({ zone, spans: [] }, 0)).toBeNull();
});

it.each([
  ['day', 'Europe/Berlin', '2021-03-28T12:00:00Z', '2021-03-27T23:00:00Z', '2021-03-28T22:00:00Z'],
  ['week', 'Europe/Berlin', '2021-03-28T21:59:59Z', '2021-03-21T23:00:00Z', '2021-03-28T22:00:00Z'],
  ['month', 'UTC', '2024-02-29T23:59:59Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
  ['day', 'Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z'],
  ['day', 'Asia/Kathmandu', '2021-06-01T18:15:00Z', '2021-06-01T18:15:00Z', '2021-06-02T18:15:00Z'],
] as const)('30: the %s in %s at %s is %s to %s', (unit, zone, when, start, end) => {
  expect(windowAt({ kind: 'calendar', unit, zone }, at(when))).toEqual({ start: at(start), end: at(end) });
});
