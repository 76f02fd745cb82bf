// Instants and durations. Not a clock: core never asks what time it is, it is told.

/** An instant in whole microseconds since 1970-01-01T00:00:00Z. Exact in a double until the year 2255. */
export type Instant = number;

/** A duration in microseconds. */
export type Micros = number;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const HOUR: Micros = 60 * MINUTE;
export const DAY: Micros = 24 * HOUR;

/** Instant that lies after every instant a capture or a policy can name; stands for "never ends". */
export const END_OF_TIME: Instant = Number.MAX_SAFE_INTEGER;

/** The instant of `seconds` and `nanoseconds` since 1970, cut to whole microseconds. */
export function instantOf(seconds: number, nanoseconds: number): Instant {
  return seconds * SECOND + Math.floor(nanoseconds / 1_000);
}

/** ISO 8601 in UTC with microseconds where there are any, for instance `2021-03-08T15:22:15.831389Z`. */
export function instantText(at: Instant): string {
  const millis = Math.floor(at / 1_000);
  const rest = at - millis * 1_000;
  if (Math.abs(millis) > 8.64e15) return 'beyond the calendar';
  const iso = new Date(millis).toISOString();
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
