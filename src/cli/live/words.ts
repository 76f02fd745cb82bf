// How instants, ends and counts of the agent's answers are told to people. Data goes out as it came.

import type { EndView } from '#agent';
import { MILLISECOND } from '#model';
import { durationText, endText, localTimeText } from '../output/text.ts';

const DAY_CHARACTERS = 'yyyy-mm-dd '.length;

/** An ISO text as local time; `never` for none. */
export function whenText(iso: string | null): string {
  return iso === null ? 'never' : localTimeText(Date.parse(iso) * MILLISECOND);
}

/** Local time of day alone, for what happens now. */
export function clockText(iso: string): string {
  return whenText(iso).slice(DAY_CHARACTERS);
}

/** From one instant to the other, in words; nothing below a second. */
export function spanText(from: string, to: string): string {
  const millis = Math.max(0, Date.parse(to) - Date.parse(from));
  return millis < 1_000 ? '0 s' : durationText(Math.floor(millis / 1_000) * 1_000 * MILLISECOND);
}

/** An end by the best name there is: element, then name, then address. */
export function namedEnd({ address, port, element, name }: EndView): string {
  return endText(element ?? name ?? address, port);
}

/** `a, b, c and 4 more`. */
export function listText(words: readonly string[], most: number): string {
  const rest = words.length - most;
  return rest > 0 ? `${words.slice(0, most).join(', ')} and ${rest} more` : words.join(', ');
}
