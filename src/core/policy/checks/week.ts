// Hours laid over one ordinary week, minute by minute. No daylight saving: a check must hold in most weeks, not in all.

import type { Hours } from '#model';

const MINUTES_A_DAY = 1_440;
export const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;

/** Whether each minute from Monday 00:00 is open. */
export function openMinutes({ spans }: Hours): readonly boolean[] {
  const open = new Array<boolean>(MINUTES_A_WEEK).fill(false);
  for (const { days, fromMinute, toMinute } of spans)
    for (let day = 0; day < 7; day++) {
      if (((days >> day) & 1) === 0) continue;
      const length = toMinute > fromMinute ? toMinute - fromMinute : toMinute + MINUTES_A_DAY - fromMinute;
      for (let step = 0; step < length; step++) open[(day * MINUTES_A_DAY + fromMinute + step) % MINUTES_A_WEEK] = true;
    }
  return open;
}

export function isNeverOpen({ spans }: Hours): boolean {
  return spans.every(({ days }) => (days & 0b111_1111) === 0);
}

/** Whether some minute of the week is open in both. Different zones are taken to meet: their distance changes. */
export function canMeet(a: Hours, b: Hours): boolean {
  if (a.zone !== b.zone) return true;
  const other = openMinutes(b);
  return openMinutes(a).some((isOpen, minute) => isOpen && other[minute] === true);
}
