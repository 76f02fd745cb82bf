// Semantics 25 to 27: what happens without a packet. The next thing due is found by looking at everything, every time.

import type { Instant } from '#model';
import { floorsDue, indexOf, judgeFloor } from './floors.ts';
import { nextClosing, spansAround } from './hours.ts';
import { loggedOffSince } from './logon.ts';
import { cutEvent, endRule, removeDrained } from './rematching.ts';
import { idlesOutAt } from './sessions.ts';
import type { Session, State } from './state.ts';

/** Something due. At the same instant the lower `rank` goes first, number by number (27). */
interface Timer {
  readonly at: Instant;
  readonly rank: readonly number[];
  readonly run: () => void;
}

/** More than this in one go is a story out of hand: the rest is run at the next call. */
const TIMERS_MAX = 1_000_000;

const RULE_ENDS = 0;
const SESSION_ENDS = 1;
const FLOORS = 2;

/** Runs everything due by `until`, in order, and leaves the clock there. */
export function runTimers(state: State, until: Instant): void {
  for (let count = 0; count < TIMERS_MAX; count++) {
    const next = earliest([...ruleTimers(state), ...sessionTimers(state), ...floorTimers(state)]);
    if (next === null || next.at > until) break;
    state.now = Math.max(state.now, next.at);
    next.run();
  }
  state.now = Math.max(state.now, until);
}

function earliest(timers: readonly Timer[]): Timer | null {
  let best: Timer | null = null;
  for (const timer of timers) if (best === null || isBefore(timer, best)) best = timer;
  return best;
}

function isBefore(one: Timer, other: Timer): boolean {
  if (one.at !== other.at) return one.at < other.at;
  for (const [at, rank] of one.rank.entries()) {
    const against = other.rank[at] ?? 0;
    if (rank !== against) return rank < against;
  }
  return false;
}

function ruleTimers(state: State): readonly Timer[] {
  return state.rules.flatMap((governor) => {
    const { until } = governor.rule;
    if (until === null || governor.isOver) return [];
    return [{ at: until, rank: [RULE_ENDS, governor.index], run: () => endRule(state, governor) }];
  });
}

function sessionTimers(state: State): readonly Timer[] {
  return [...state.sessions.values()].flatMap((session) => [
    { at: idlesOutAt(session), rank: [SESSION_ENDS, 0], run: () => state.sessions.delete(session.key) },
    ...drainTimers(state, session),
    ...logoffTimers(state, session),
    ...lifetimeTimers(state, session),
    ...closingTimers(state, session),
  ]);
}

function drainTimers(state: State, session: Session): readonly Timer[] {
  if (session.draining === null) return [];
  return [{ at: session.draining.at, rank: [SESSION_ENDS, 1], run: () => removeDrained(state, session) }];
}

function logoffTimers(state: State, session: Session): readonly Timer[] {
  const since = loggedOffSince(state, session);
  if (session.isCut || since === null || since <= session.logoffDone) return [];
  const run = (): void => {
    session.logoffDone = since;
    cutEvent(state, session, 'not-logged-on');
  };
  return [{ at: since + (session.governor?.rule.limits.drain ?? 0), rank: [SESSION_ENDS, 2], run }];
}

function lifetimeTimers(state: State, session: Session): readonly Timer[] {
  const limits = session.governor?.rule.limits;
  if (session.isCut || limits === undefined || limits.lifetime === null) return [];
  const run = (): void => {
    session.isCut = true;
    cutEvent(state, session, 'session-expired');
  };
  return [{ at: session.opened + limits.lifetime + limits.drain, rank: [SESSION_ENDS, 3], run }];
}

/** A closing that is followed by an opening within the drain ends nothing. */
function closingTimers(state: State, session: Session): readonly Timer[] {
  const limits = session.governor?.rule.limits;
  if (session.isCut || limits === undefined || limits.hours === null) return [];
  const { hours, drain } = limits;
  const closing = nextClosing(hours, session.closingDone);
  if (closing === null) return [];
  const isReopened = spansAround(hours, closing).some(({ start }) => start > closing && start <= closing + drain);
  const run = (): void => {
    session.closingDone = closing;
    if (!isReopened) cutEvent(state, session, 'outside-hours');
  };
  return [{ at: closing + drain, rank: [SESSION_ENDS, 4], run }];
}

function floorTimers(state: State): readonly Timer[] {
  return floorsDue(state).map((due) => ({
    at: due.window.end,
    rank: [
      FLOORS,
      due.governor.index,
      due.index,
      indexOf(state, due.budget.initiator),
      indexOf(state, due.budget.responder),
    ],
    run: () => judgeFloor(state, due, due.window.end),
  }));
}
