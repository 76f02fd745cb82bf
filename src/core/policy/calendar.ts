// Local dates and times to instants and back, for `until` and `at`. The only file here that knows the calendar library.

import { Temporal } from 'temporal-polyfill';
import { DAY, type Instant, instantText } from '#model';

/** Whether the zone is one that the calendar knows (IANA names and UTC; no fixed offsets, which have no daylight saving). */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  const known = KNOWN_ZONES.get(name);
  if (known !== undefined) return known;
  const isKnown = attempt(() => new Intl.DateTimeFormat('en', { timeZone: name }).format(0)) !== null;
  if (KNOWN_ZONES.size < KNOWN_MAX) KNOWN_ZONES.set(name, isKnown);
  return isKnown;
}

/** Answers already given: asking costs a tenth of a millisecond, and every `hours` asks. There are some 600 zones; when full, it is asked again. */
const KNOWN_ZONES = new Map<string, boolean>();
const KNOWN_MAX = 1_000;

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const LOCAL = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)$/;
const ABSOLUTE =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+-][0-9]{2}:[0-9]{2})$/;

/**
 * `2026-03-01` (first instant of the day), `2026-03-01T08:30` in the zone, or `2026-03-01T08:30:00Z`; null when it is none.
 * A local time that daylight saving skips is the instant of the jump's far side; one that happens twice is the first.
 */
export function parseInstant(text: string, zone: string): Instant | null {
  const trimmed = text.trim();
  if (DATE.test(trimmed)) return startOfDay(trimmed, zone, 0);
  const absolute = ABSOLUTE.exec(trimmed);
  if (absolute !== null)
    return attempt(() => microsOf(Temporal.Instant.from(`${absolute[1]}T${absolute[2]}${absolute[3]}`)));
  const local = LOCAL.exec(trimmed);
  if (local === null) return null;
  return attempt(() =>
    microsOf(Temporal.PlainDateTime.from(`${local[1]}T${local[2]}`).toZonedDateTime(zone).toInstant()),
  );
}

/** End of a rule: a date means the end of that day in the zone, anything else is an instant. */
export function parseUntil(text: string, zone: string): Instant | null {
  return DATE.test(text.trim()) ? startOfDay(text.trim(), zone, 1) : parseInstant(text, zone);
}

/** The shortest text that `parseUntil` reads as this instant. */
export function untilText(until: Instant, zone: string): string {
  const date = attempt(() =>
    Temporal.Instant.fromEpochMilliseconds(Math.floor((until - DAY / 2) / 1_000))
      .toZonedDateTimeISO(zone)
      .toPlainDate()
      .toString(),
  );
  return date !== null && parseUntil(date, zone) === until ? date : instantText(until);
}

function startOfDay(date: string, zone: string, daysLater: number): Instant | null {
  return attempt(() =>
    microsOf(
      Temporal.PlainDate.from(date, { overflow: 'reject' }).add({ days: daysLater }).toZonedDateTime(zone).toInstant(),
    ),
  );
}

function microsOf(instant: Temporal.Instant): Instant {
  return Number(instant.epochNanoseconds / 1_000n);
}

/** The library throws RangeError for what is no date or zone; that is an answer here, not a failure. */
function attempt<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
