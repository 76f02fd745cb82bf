// Local days and clock times of IANA zones as absolute instants. The only file here that knows the calendar library; never used per packet.

import { Temporal } from 'temporal-polyfill';
import type { Instant } from '#model';

const MINUTES_A_DAY = 1_440;
const MILLIS_A_DAY = 86_400_000;
/** Day number of a Monday: 1970-01-01, day 0, was a Thursday. */
const MONDAY = 4;
const EPOCH = new Temporal.PlainDate(1970, 1, 1);

/** Days since 1970-01-01 of the local date at an instant. */
export function localDay(zone: string, at: Instant): number {
  const millis = Math.floor(at / 1_000);
  const local = Temporal.Instant.fromEpochMilliseconds(millis).toZonedDateTimeISO(zone);
  return Math.floor((millis + local.offsetNanoseconds / 1_000_000) / MILLIS_A_DAY);
}

/** 0 Monday … 6 Sunday. */
export function weekdayOf(day: number): number {
  return (((day - MONDAY) % 7) + 7) % 7;
}

/**
 * The first instant at which the local clock has reached `minute` of `day`. A time that daylight saving skips is the instant of the jump;
 * of a time that happens twice, the first. Minutes from 1440 on belong to the following day.
 */
export function instantAt(zone: string, day: number, minute: number): Instant {
  const date = EPOCH.add({ days: day + Math.floor(minute / MINUTES_A_DAY) });
  const ofDay = minute % MINUTES_A_DAY;
  const local = date.toPlainDateTime({ hour: Math.floor(ofDay / 60), minute: ofDay % 60 });
  const early = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (early.toPlainDateTime().equals(local)) return microsOf(early);
  const jump = early.getTimeZoneTransition('next');
  return microsOf(jump ?? early);
}

/** First day of the local month that holds `day`, moved on by `months`. */
export function monthStart(day: number, months: number): number {
  const first = EPOCH.add({ days: day }).with({ day: 1 }).add({ months });
  return first.since(EPOCH, { largestUnit: 'days' }).days;
}

function microsOf(time: Temporal.ZonedDateTime): Instant {
  return Number(time.epochNanoseconds / 1_000n);
}
