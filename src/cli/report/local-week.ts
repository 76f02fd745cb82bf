// Hour of the local week of an instant, cheap enough to ask per packet: the zone's offset is looked up once per quarter hour.

import { type Hours, type Instant, MINUTE } from '#model';

/** No zone changes its offset except on a quarter hour of UTC. */
const SLOT = 15 * MINUTE;
/** Quarter hours remembered (almost three years); forgotten all at once when full. */
const SLOTS_MAX = 100_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Tells the hour of the local week, 0 (Monday 00:00) to 167. */
export class LocalWeek {
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, number>();
  #lastSlot = Number.NaN;
  #lastHour = 0;

  constructor(timezone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
      timeZone: timezone,
    });
  }

  hourOf(at: Instant): number {
    const slot = Math.floor(at / SLOT);
    if (slot === this.#lastSlot) return this.#lastHour;
    let hour = this.#known.get(slot);
    if (hour === undefined) {
      hour = this.#ask(slot * (SLOT / 1000));
      if (this.#known.size >= SLOTS_MAX) this.#known.clear();
      this.#known.set(slot, hour);
    }
    this.#lastSlot = slot;
    this.#lastHour = hour;
    return hour;
  }

  #ask(millis: number): number {
    if (Math.abs(millis) > 8.64e15) return 0;
    const parts = this.#format.formatToParts(millis);
    const weekday = WEEKDAYS.indexOf(parts.find(({ type }) => type === 'weekday')?.value ?? '');
    const hour = Number(parts.find(({ type }) => type === 'hour')?.value ?? 0);
    return Math.max(0, weekday) * 24 + hour;
  }
}

/** Share of each hour of the week that `hours` are open: 168 numbers from 0 to 1. Null hours are always open. */
export function openCells(hours: Hours | null): number[] {
  if (hours === null) return new Array<number>(168).fill(1);
  const minutes = new Uint8Array(7 * 1440);
  for (const span of hours.spans) {
    const length =
      span.toMinute > span.fromMinute ? span.toMinute - span.fromMinute : span.toMinute + 1440 - span.fromMinute;
    for (let day = 0; day < 7; day++) {
      if (((span.days >> day) & 1) === 0) continue;
      const start = day * 1440 + span.fromMinute;
      for (let minute = start; minute < start + length; minute++) minutes[minute % minutes.length] = 1;
    }
  }
  return Array.from({ length: 168 }, (_, cell) => {
    let open = 0;
    for (let minute = cell * 60; minute < cell * 60 + 60; minute++) open += minutes[minute] ?? 0;
    return open / 60;
  });
}
