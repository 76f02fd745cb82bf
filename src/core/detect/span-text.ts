// A duration as people say it. Not exact: two digits tell enough in a sentence of evidence.

import { DAY, HOUR, MINUTE, type Micros, SECOND } from '#model';

/** `12 s`, `3.5 min`, `7 h`, `2 days`. */
export function spanText(micros: Micros): string {
  if (micros < 90 * SECOND) return `${Math.max(1, Math.round(micros / SECOND))} s`;
  if (micros < 90 * MINUTE) return `${short(micros / MINUTE)} min`;
  if (micros < 36 * HOUR) return `${short(micros / HOUR)} h`;
  return `${short(micros / DAY)} days`;
}

function short(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
