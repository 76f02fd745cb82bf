// Semantics 29: when weekly hours are open. Spans are worked out day by day around the instant asked for.

import { DAY, type HourSpan, type Hours, type Instant } from '#model';
import { firstInstantOf, localDay } from './clock.ts';

/** Open from `start` (inclusive) to `end` (exclusive). */
export interface Span {
  readonly start: Instant;
  readonly end: Instant;
}

/** Days looked at to either side: more than a week, so that the next opening and closing of weekly hours lie inside. */
const DAYS_AROUND = 16;
const MINUTES_OF_DAY = 1_440;
/** Answers kept; emptied when full, which only costs time. */
const KEPT_MAX = 20_000;

const kept = new Map<string, readonly Span[]>();

/** The joined spans that begin within two weeks of the instant, in order. */
export function spansAround(hours: Hours, at: Instant): readonly Span[] {
  const middle = localDay(hours.zone, at);
  const key = JSON.stringify([hours, middle]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const spans: Span[] = [];
  for (let day = middle - DAYS_AROUND; day <= middle + DAYS_AROUND; day++)
    for (const span of hours.spans) if (isOnDay(span, day)) spans.push(spanOf(hours.zone, span, day));
  const joined = join(spans);
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(key, joined);
  return joined;
}

/** Day 0 was a Thursday; bit 0 is Monday. */
function isOnDay(span: HourSpan, day: number): boolean {
  return Math.floor(span.days / 2 ** ((((day + 3) % 7) + 7) % 7)) % 2 === 1;
}

function spanOf(zone: string, span: HourSpan, day: number): Span {
  const isOverMidnight = span.toMinute <= span.fromMinute;
  const end = (isOverMidnight ? day + 1 : day) * MINUTES_OF_DAY + span.toMinute;
  return {
    start: firstInstantOf(zone, day, span.fromMinute),
    end: firstInstantOf(zone, Math.floor(end / MINUTES_OF_DAY), end % MINUTES_OF_DAY),
  };
}

/** Spans that touch or overlap become one; spans that a skipped day left empty are gone. */
function join(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  const inOrder = spans.filter((span) => span.start < span.end).sort((one, other) => one.start - other.start);
  for (const span of inOrder) {
    const last = joined.at(-1);
    if (last === undefined || span.start > last.end) joined.push(span);
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return joined;
}

export function isOpenAt(hours: Hours, at: Instant): boolean {
  return spansAround(hours, at).some((span) => span.start <= at && at < span.end);
}

/** Whether the hours were open during all of a window; a month may be longer than what is looked at once, so day by day. */
export function isOpenDuring(hours: Hours, window: Span): boolean {
  let at = window.start;
  while (at < window.end) {
    const here = at;
    const span = spansAround(hours, here).find((one) => one.start <= here && here < one.end);
    if (span === undefined) return false;
    at = Math.min(span.end, here + DAY);
  }
  return true;
}

/** The first closing after the instant, or null where the hours do not close. The last span looked at is cut short by the looking, not by the hours. */
export function nextClosing(hours: Hours, after: Instant): Instant | null {
  return (
    spansAround(hours, after).find((span) => span.end > after && span.end < after + (DAYS_AROUND - 2) * DAY)?.end ??
    null
  );
}

/** The latest closing at or before the instant, or null where none is near. */
export function lastClosing(hours: Hours, at: Instant): Instant | null {
  return spansAround(hours, at).findLast((span) => span.end <= at)?.end ?? null;
}
