// Semantics 21 and 30: the window an instant lies in. Rolling windows have no edges; they are counted in sixtieths elsewhere.

import type { Instant, Window } from '#model';
import { firstInstantOf, localDay } from './clock.ts';
import type { Span } from './hours.ts';

/** Fixed windows begin at multiples of their length since 1970, calendar windows at the first instant of their local day, Monday or month. */
export function windowOf(window: Window, at: Instant): Span {
  if (window.kind === 'calendar') return calendarWindow(window, at);
  const start = Math.floor(at / window.length) * window.length;
  return { start, end: start + window.length };
}

function calendarWindow(window: Window & { kind: 'calendar' }, at: Instant): Span {
  // A clock set back over midnight shows yesterday again: the day has begun all the same, so tomorrow is tried first.
  let first = firstDay(window.unit, localDay(window.zone, at) + 1);
  while (firstInstantOf(window.zone, first, 0) > at) first = firstDay(window.unit, first - 1);
  let next = following(window.unit, first);
  while (firstInstantOf(window.zone, next, 0) <= at) next = following(window.unit, next);
  return { start: firstInstantOf(window.zone, first, 0), end: firstInstantOf(window.zone, next, 0) };
}

/** First local day of the unit that holds a local day (days since 1970). */
function firstDay(unit: 'day' | 'week' | 'month', day: number): number {
  if (unit === 'day') return day;
  if (unit === 'week') return day - ((((day + 3) % 7) + 7) % 7);
  const date = new Date(day * 86_400_000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 86_400_000;
}

function following(unit: 'day' | 'week' | 'month', first: number): number {
  if (unit === 'day') return first + 1;
  if (unit === 'week') return first + 7;
  const date = new Date(first * 86_400_000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 86_400_000;
}
