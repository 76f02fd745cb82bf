// Durations, sizes, counts: text to number and back. Numbers are decimal; results are whole where the model wants whole.

import { DAY, HOUR, MILLISECOND, MINUTE, type Micros, SECOND } from '#model';

const DURATION_UNITS: ReadonlyMap<string, Micros> = new Map([
  ['us', 1],
  ['ms', MILLISECOND],
  ['s', SECOND],
  ['sec', SECOND],
  ['second', SECOND],
  ['seconds', SECOND],
  ['m', MINUTE],
  ['min', MINUTE],
  ['minute', MINUTE],
  ['minutes', MINUTE],
  ['h', HOUR],
  ['hour', HOUR],
  ['hours', HOUR],
  ['d', DAY],
  ['day', DAY],
  ['days', DAY],
  ['week', 7 * DAY],
  ['weeks', 7 * DAY],
]);

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['byte', 1],
  ['bytes', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
]);

const NUMBER = /^([0-9]{1,16}(?:\.[0-9]{1,9})?)\s*([A-Za-z]+)$/;

/** `90 s`, `15 min`, `12 h`, `2 d`, `1.5 h`; whole microseconds, or null. */
export function parseDuration(text: string): Micros | null {
  return quantity(text, DURATION_UNITS);
}

/** `1500 B`, `2 GB` (decimal), `64 KiB` (binary); whole bytes, or null. */
export function parseBytes(text: string): number | null {
  return quantity(text, BYTE_UNITS);
}

function quantity(text: string, units: ReadonlyMap<string, number>): number | null {
  const [, digits, unit] = NUMBER.exec(text.trim()) ?? [];
  const factor = units.get((unit ?? '').toLowerCase());
  if (digits === undefined || factor === undefined) return null;
  const value = Number(digits) * factor;
  const whole = Math.round(value);
  // 1.1 * 1e9 is not whole in doubles; a relative slip of 1e-12 is the double's, a larger one is a part of a byte.
  if (Math.abs(value - whole) > Math.abs(value) * 1e-12) return null;
  return Number.isSafeInteger(whole) ? whole : null;
}

/** A whole number without a sign, or null. */
export function parseCount(text: string): number | null {
  if (!/^[0-9]{1,15}$/.test(text.trim())) return null;
  return Number(text);
}

const DURATION_PRINT: readonly (readonly [string, Micros])[] = [
  ['d', DAY],
  ['h', HOUR],
  ['min', MINUTE],
  ['s', SECOND],
  ['ms', MILLISECOND],
];

/** The largest unit that divides exactly: `90 s`, `12 h`, `2 d`. */
export function durationText(micros: Micros): string {
  const [unit, size] = DURATION_PRINT.find(([, each]) => micros >= each && micros % each === 0) ?? ['us', 1];
  return micros === 0 ? '0 s' : `${micros / size} ${unit}`;
}

/** Window lengths are never printed in days: `per 24 h` is a fixed window, `per day` a calendar one. */
export function windowLengthText(micros: Micros): string {
  const unit = [
    ['hour', HOUR],
    ['min', MINUTE],
    ['s', SECOND],
  ].find(([, size]) => size === micros)?.[0];
  if (unit !== undefined) return String(unit);
  return micros % DAY === 0 ? `${micros / HOUR} h` : durationText(micros);
}

const BYTES_PRINT: readonly (readonly [string, number])[] = [
  ['TiB', 2 ** 40],
  ['TB', 1e12],
  ['GiB', 2 ** 30],
  ['GB', 1e9],
  ['MiB', 2 ** 20],
  ['MB', 1e6],
  ['KiB', 2 ** 10],
  ['kB', 1e3],
];

/** The exact size in the unit that needs the fewest digits. */
export function bytesText(bytes: number): string {
  let best = `${bytes} B`;
  if (bytes === 0) return best;
  for (const [unit, size] of BYTES_PRINT)
    if (bytes % size === 0 && `${bytes / size} ${unit}`.length < best.length) best = `${bytes / size} ${unit}`;
  return best;
}
