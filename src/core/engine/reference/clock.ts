// What the clocks on the wall of a zone show, asked of Intl and nothing else: offsets, changes, and the first instant of a local time.

import { type Instant, MINUTE } from '#model';

/** Milliseconds. Intl counts in these; a change of a zone's clock falls on a whole second. */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECOND_MS = 1_000;

/** Answers kept per zone and UTC day; emptied when full, which only costs time. */
const STEPS_MAX = 20_000;

/** A stretch of time in which the zone's clock runs evenly: local = UTC + offset. */
interface Stretch {
  readonly start: number;
  readonly offset: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const changesOfDay = new Map<string, readonly Stretch[]>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}

/** Local clock less UTC, in milliseconds, at a whole second. */
function offsetAt(zone: string, millis: number): number {
  const fields = new Map(
    formatOf(zone)
      .formatToParts(millis)
      .map((part) => [part.type, Number(part.value)]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => fields.get(name) ?? 0;
  const local = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return local - millis;
}

/** The even stretches of one UTC day, found by looking every hour and halving where two looks differ. */
function stretchesOfDay(zone: string, day: number): readonly Stretch[] {
  const key = `${zone} ${day}`;
  const known = changesOfDay.get(key);
  if (known !== undefined) return known;
  const stretches: Stretch[] = [{ start: day * DAY_MS, offset: offsetAt(zone, day * DAY_MS) }];
  for (let hour = 1; hour <= 24; hour++) {
    const end = day * DAY_MS + hour * HOUR_MS;
    const offset = offsetAt(zone, end);
    if (offset === stretches.at(-1)?.offset) continue;
    const start = firstSecondWith(zone, { offset, from: end - HOUR_MS, to: end });
    if (start < (day + 1) * DAY_MS) stretches.push({ start, offset });
  }
  if (changesOfDay.size >= STEPS_MAX) changesOfDay.clear();
  changesOfDay.set(key, stretches);
  return stretches;
}

function firstSecondWith(zone: string, search: { offset: number; from: number; to: number }): number {
  let before = search.from;
  let after = search.to;
  while (after - before > SECOND_MS) {
    const middle = Math.floor((before + after) / 2 / SECOND_MS) * SECOND_MS;
    if (offsetAt(zone, middle) === search.offset) after = middle;
    else before = middle;
  }
  return after;
}

/** Days since 1970 that the zone's calendar shows at an instant. */
export function localDay(zone: string, at: Instant): number {
  const millis = Math.floor(at / 1_000);
  const seen = stretchesOfDay(zone, Math.floor(millis / DAY_MS)).findLast((stretch) => stretch.start <= millis);
  return Math.floor((millis + (seen?.offset ?? 0)) / DAY_MS);
}

/**
 * The first instant at which the zone's clock has reached `minute` of the local day (29): the instant of the jump where
 * the clock skips it, the first of two where it comes twice. Days are looked at from two before, as no zone is further off.
 */
export function firstInstantOf(zone: string, day: number, minute: number): Instant {
  const target = day * DAY_MS + minute * (MINUTE / 1_000);
  const utcDay = Math.floor(target / DAY_MS);
  const stretches = [-2, -1, 0, 1, 2].flatMap((step) => stretchesOfDay(zone, utcDay + step));
  for (const [at, stretch] of stretches.entries()) {
    const end = stretches[at + 1]?.start ?? Number.POSITIVE_INFINITY;
    const reached = Math.max(stretch.start, target - stretch.offset);
    if (reached < end) return reached * 1_000;
  }
  return target * 1_000;
}
