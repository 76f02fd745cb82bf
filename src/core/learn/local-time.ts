// Local hour and local day of an instant in one zone. Not a calendar: it opens and closes nothing.

import { type Instant, MINUTE } from '#model';

/** Zones differ from UTC by multiples of a quarter of an hour today; older offsets are off by some minutes at most. */
const QUARTER = 15 * MINUTE;
/** Quarters kept: three years. When full, all are forgotten and worked out anew. */
const QUARTERS_MAX = 105_000;
const HOURS_A_DAY = 24;

export class LocalTime {
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, number>();

  constructor(timezone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
    });
  }

  /** Whole local hours since a local 1970-01-01T00:00; modulo 24 it is the hour of the day. Negative before. */
  hourNumber(at: Instant): number {
    const quarter = Math.floor(at / QUARTER);
    const known = this.#known.get(quarter);
    if (known !== undefined) return known;
    if (this.#known.size >= QUARTERS_MAX) this.#known.clear();
    const hour = this.#work(quarter * QUARTER);
    this.#known.set(quarter, hour);
    return hour;
  }

  #work(at: Instant): number {
    const millis = at / 1_000;
    // Beyond what a Date can hold there is no local time; UTC's hour keeps the answer defined.
    if (!(Math.abs(millis) <= 8.64e15)) return Math.floor(millis / 3_600_000);
    const part = { year: 1970, month: 1, day: 1, hour: 0 };
    for (const { type, value } of this.#format.formatToParts(millis))
      if (type === 'year' || type === 'month' || type === 'day' || type === 'hour') part[type] = Number(value);
    return Date.UTC(part.year, part.month - 1, part.day, part.hour) / 3_600_000;
  }
}

export function hourOfDay(hourNumber: number): number {
  return ((hourNumber % HOURS_A_DAY) + HOURS_A_DAY) % HOURS_A_DAY;
}

export function dayOf(hourNumber: number): number {
  return Math.floor(hourNumber / HOURS_A_DAY);
}
