// Instants in certificates: UTCTime until 2049, GeneralizedTime after, whole seconds, Zulu, as RFC 5280 4.1.2.5 demands. Not a date parser.

import { type Instant, SECOND } from '#model';
import { type Der, TAG } from './der.ts';

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
/** First year that UTCTime cannot name, and so the first that GeneralizedTime may. */
const GENERALIZED_FROM_YEAR = 2050;

/** An instant, 0 in trouble. */
export function readTime(parent: Der, what: string): Instant {
  const isUtc = parent.tag === TAG.utcTime;
  const value = parent.next(isUtc ? TAG.utcTime : TAG.generalizedTime, what);
  const text = String.fromCharCode(...value.content);
  const match = (isUtc ? UTC_TIME : GENERALIZED_TIME).exec(text);
  const [year = -1, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (match ?? []).slice(1).map(Number);
  const fullYear = isUtc ? (year >= 50 ? 1900 + year : 2000 + year) : year;
  const millis = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  const isReal =
    match !== null &&
    (isUtc || fullYear >= GENERALIZED_FROM_YEAR) &&
    new Date(millis).toISOString() === isoOf([fullYear, month, day, hour, minute, second]);
  if (isReal) return (millis / 1_000) * SECOND;
  value.fail(`${what} is no instant in its only form`);
  return 0;
}

/** The calendar's own spelling: a day that is not in it (31 June, hour 24) comes back otherwise. */
function isoOf([year = 0, ...rest]: readonly number[]): string {
  const [month, day, hour, minute, second] = rest.map((number) => String(number).padStart(2, '0'));
  return `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}
