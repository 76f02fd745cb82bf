// Hours and windows as instants, for a table that knows only timeouts. Pure: the instant is an argument.

import { hoursOpen } from '#engine';
import { DAY, type Hours, type Instant, type Micros } from '#model';

export interface Opening {
  /** When what is open now closes, or null while it is closed. */
  readonly opensUntil: Instant | null;
  /** Until when a session that was open at the last closing drains, or null. */
  readonly drainsUntil: Instant | null;
  /** When this has to be asked again. */
  readonly next: Instant;
}

/** A calendar looks no further ahead: the agent asks again before. */
const AHEAD: Micros = DAY;
/** Changes looked at in one question: more than any day of any hours has. */
const CHANGES_MAX = 256;

/** Whether all of these hours are open at `now`, until when, and what drains. */
export function openingAt(hours: readonly Hours[], drain: Micros, now: Instant): Opening {
  const state = allOpen(hours, now);
  const closing = state.isOpen ? closingAfter(hours, now) : null;
  const closed = state.isOpen || drain === 0 ? null : lastClosing(hours, { from: now - drain, to: now });
  const drainsUntil = drain === 0 ? null : closing !== null ? closing + drain : closed === null ? null : closed + drain;
  return { opensUntil: closing, drainsUntil, next: Math.min(closing === null ? state.until : closing, now + AHEAD) };
}

function allOpen(hours: readonly Hours[], at: Instant): { isOpen: boolean; until: Instant } {
  const states = hours.map((one) => hoursOpen(one, at));
  return { isOpen: states.every(({ isOpen }) => isOpen), until: Math.min(...states.map(({ until }) => until)) };
}

/** The end of what is open at `now`; beyond two days of looking ahead the answer is that far only, and is asked again in time. */
function closingAfter(hours: readonly Hours[], now: Instant): Instant {
  let at = now;
  for (let change = 0; change < CHANGES_MAX; change++) {
    const state = allOpen(hours, at);
    if (!state.isOpen) return at;
    if (state.until >= now + 2 * AHEAD) return now + 2 * AHEAD;
    at = state.until;
  }
  return at;
}

/** The last instant in the span at which hours closed, or null. */
function lastClosing(hours: readonly Hours[], span: { readonly from: Instant; readonly to: Instant }): Instant | null {
  let at = span.from;
  let closed: Instant | null = null;
  for (let change = 0; change < CHANGES_MAX && at < span.to; change++) {
    const state = allOpen(hours, at);
    if (state.isOpen) closed = state.until;
    at = state.until;
  }
  return closed !== null && closed <= span.to ? closed : null;
}
