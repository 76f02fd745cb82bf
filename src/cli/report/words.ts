// Numbers and instants as a reader wants them. Decimal units, local times in the policy's zone.

import type { Instant } from '#model';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1.2 MB`: two or three digits, decimal units. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** `2021-03-08 16:22:15` in the zone. */
export function localText(at: Instant, timezone: string): string {
  const millis = Math.floor(at / 1000);
  if (Math.abs(millis) > 8.64e15) return 'beyond the calendar';
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: timezone }).format(
    millis,
  );
}

/** A tick step of 1, 2 or 5 times a power of ten that gives at most `most` ticks up to `max`. */
export function tickStep(max: number, most: number): number {
  if (max <= 0) return 1;
  const raw = max / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw) ?? 10;
  return factor * power;
}
