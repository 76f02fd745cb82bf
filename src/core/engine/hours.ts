// Weekly hours as absolute spans, and a cached answer to "open now?" that holds until a known instant. Not the judge of who is cut.

import { END_OF_TIME, type Hours, type Instant } from '#model';
import { instantAt, localDay, weekdayOf } from './calendar.ts';

const MINUTES_A_DAY = 1_440;
const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
/** Days before and after an instant that are turned into spans at once: a fortnight ahead holds every weekly pattern twice. */
const DAYS_BEHIND = 9;
const DAYS_AHEAD = 16;
/** Changes looked through for an opening; more than a week of any hours, and a stop for hours that never open. */
const CHANGES_MAX = 512;

export interface HoursState {
  readonly isOpen: boolean;
  /** The state holds up to this instant at least. */
  readonly until: Instant;
}

/** Whether hours are open at an instant, and until when that holds. */
export function hoursOpen(hours: Hours, at: Instant): HoursState {
  const clock = new HoursClock(hours);
  return { isOpen: clock.isOpenAt(at), until: clock.until };
}

/** The first instant at or after `at` at which hours are open, or null when none comes. */
export function nextOpening(hours: Hours, at: Instant): Instant | null {
  const clock = new HoursClock(hours);
  let when = at;
  for (let change = 0; change < CHANGES_MAX; change++) {
    if (clock.isOpenAt(when)) return when;
    if (clock.until >= END_OF_TIME) return null;
    when = clock.until;
  }
  return null;
}

/** Remembers the spans around the instant asked last: asking again before `until` costs a comparison. */
export class HoursClock {
  /** State of the last question: since and until when it holds. */
  isOpen = false;
  since: Instant = END_OF_TIME;
  until: Instant = -END_OF_TIME;
  readonly #hours: Hours;
  readonly #isAlways: boolean;
  #starts: number[] = [];
  #ends: number[] = [];
  #from: Instant = END_OF_TIME;
  #to: Instant = -END_OF_TIME;

  constructor(hours: Hours) {
    this.#hours = hours;
    this.#isAlways = coversTheWeek(hours);
  }

  isOpenAt(at: Instant): boolean {
    if (at < this.since || at >= this.until) this.#refresh(at);
    return this.isOpen;
  }

  /** Whether hours are open during all of start … end. */
  isOpenDuring(start: Instant, end: Instant): boolean {
    let when = start;
    for (let change = 0; change < CHANGES_MAX; change++) {
      if (!this.isOpenAt(when)) return false;
      if (this.until >= end) return true;
      when = this.until;
    }
    return false;
  }

  #refresh(at: Instant): void {
    if (this.#isAlways) {
      this.#set(true, { since: -END_OF_TIME, until: END_OF_TIME });
      return;
    }
    if (at < this.#from || at >= this.#to) this.#fill(at);
    let next = 0;
    while (next < this.#starts.length && (this.#ends[next] ?? 0) <= at) next++;
    const start = this.#starts[next] ?? this.#to;
    if (start <= at && next < this.#starts.length)
      this.#set(true, { since: start, until: Math.min(this.#ends[next] ?? at, this.#to) });
    else
      this.#set(false, {
        since: Math.max(next > 0 ? (this.#ends[next - 1] ?? this.#from) : this.#from, this.#from),
        until: Math.min(start, this.#to),
      });
  }

  #set(isOpen: boolean, holds: { since: Instant; until: Instant }): void {
    this.isOpen = isOpen;
    this.since = holds.since;
    this.until = holds.until;
  }

  /** Hours of a zone that the calendar does not know never open. */
  #fill(at: Instant): void {
    try {
      this.#fillAround(localDay(this.#hours.zone, at));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#starts = [];
      this.#ends = [];
      this.#from = -END_OF_TIME;
      this.#to = END_OF_TIME;
    }
  }

  #fillAround(today: number): void {
    const { zone, spans } = this.#hours;
    const opened: { start: number; end: number }[] = [];
    for (let day = today - DAYS_BEHIND; day < today + DAYS_AHEAD; day++) {
      for (const span of spans) {
        if (((span.days >> weekdayOf(day)) & 1) === 0) continue;
        const overnight = span.toMinute <= span.fromMinute ? MINUTES_A_DAY : 0;
        const start = instantAt(zone, day, span.fromMinute);
        const end = instantAt(zone, day, span.toMinute + overnight);
        if (end > start) opened.push({ start, end });
      }
    }
    opened.sort((one, other) => one.start - other.start);
    this.#starts = [];
    this.#ends = [];
    for (const { start, end } of opened) {
      const last = this.#ends.length - 1;
      const lastEnd = this.#ends[last] ?? -END_OF_TIME;
      if (start <= lastEnd) this.#ends[last] = Math.max(lastEnd, end);
      else {
        this.#starts.push(start);
        this.#ends.push(end);
      }
    }
    this.#from = instantAt(zone, today - DAYS_BEHIND + 2, 0);
    this.#to = instantAt(zone, today + DAYS_AHEAD, 0);
  }
}

function coversTheWeek(hours: Hours): boolean {
  const minutes = new Uint8Array(MINUTES_A_WEEK);
  for (const { days, fromMinute, toMinute } of hours.spans) {
    const length = toMinute <= fromMinute ? toMinute + MINUTES_A_DAY - fromMinute : toMinute - fromMinute;
    for (let day = 0; day < 7; day++) {
      if (((days >> day) & 1) === 0) continue;
      for (let minute = 0; minute < length; minute++)
        minutes[(day * MINUTES_A_DAY + fromMinute + minute) % MINUTES_A_WEEK] = 1;
    }
  }
  return minutes.every((minute) => minute === 1);
}
