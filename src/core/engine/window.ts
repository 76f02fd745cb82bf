// Windows of volumes and connections as absolute instants. Not the budgets that count in them.

import type { Instant, Window } from '#model';
import { instantAt, localDay, monthStart, weekdayOf } from './calendar.ts';

/** Start (inclusive) and end (exclusive). */
export interface Span {
  readonly start: Instant;
  readonly end: Instant;
}

/** A clock set back over midnight repeats part of a day, so an instant can lie past the end of its own local date; once is enough. */
const STEPS_MAX = 3;

/** The window that holds `at`. A rolling window has no edges: it is answered as the fixed window of its length. */
export function windowAt(window: Window, at: Instant): Span {
  if (window.kind !== 'calendar') {
    const start = Math.floor(at / window.length) * window.length;
    return { start, end: start + window.length };
  }
  let first = firstDay(window.unit, localDay(window.zone, at));
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = nextFirst(window.unit, first);
    const end = instantAt(window.zone, next, 0);
    if (at < end) return { start: instantAt(window.zone, first, 0), end };
    first = next;
  }
  return { start: at, end: at + 1 };
}

type Unit = 'day' | 'week' | 'month';

function firstDay(unit: Unit, day: number): number {
  if (unit === 'day') return day;
  return unit === 'week' ? day - weekdayOf(day) : monthStart(day, 0);
}

function nextFirst(unit: Unit, first: number): number {
  if (unit === 'day') return first + 1;
  return unit === 'week' ? first + 7 : monthStart(first, 1);
}
