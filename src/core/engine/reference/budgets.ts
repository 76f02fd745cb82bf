// Semantics 18, 20, 21: what a limit counts on. Each budget is a list of charges, and what is used is added up afresh each time.

import type { Direction, Instant, Micros, Rate, Window } from '#model';
import { windowOf } from './windows.ts';

export interface Charge {
  readonly at: Instant;
  readonly amount: number;
}

/** One budget of one limit. */
export interface Budget {
  /** Ids of the two elements, or '' for the whole rule. */
  readonly pair: string;
  readonly initiator: string | null;
  readonly responder: string | null;
  /** When it was born (26); null for a pair none of whose sessions was admitted yet. */
  born: Instant | null;
  charges: Charge[];
  /** Start of the window for the rest of which it is shut (21). */
  shutSince: Instant | null;
  /** Theoretical arrival time of a rate (20). */
  arrival: number;
  /** End of the last floor window looked at. */
  floorDone: Instant | null;
}

/** Charges older than this many windows can not be asked for again. */
const WINDOWS_KEPT = 3;

export function isDirection(direction: Direction, isSent: boolean): boolean {
  return direction === 'both' || (direction === 'sent') === isSent;
}

/** What the window at `now` holds: since its start, or in 61 sixtieths when it rolls. */
export function usedIn(budget: Budget, window: Window, now: Instant): number {
  if (window.kind === 'rolling') {
    const sixtieth = window.length / 60;
    const slot = Math.floor(now / sixtieth);
    return sum(budget, (charge) => Math.floor(charge.at / sixtieth) >= slot - 60);
  }
  const { start } = windowOf(window, now);
  return sum(budget, (charge) => charge.at >= start);
}

export function chargedBetween(budget: Budget, start: Instant, end: Instant): number {
  return sum(budget, (charge) => charge.at >= start && charge.at < end);
}

function sum(budget: Budget, isIn: (charge: Charge) => boolean): number {
  return budget.charges.filter(isIn).reduce((total, charge) => total + charge.amount, 0);
}

export function isShut(budget: Budget, window: Window, now: Instant): boolean {
  return window.kind !== 'rolling' && budget.shutSince === windowOf(window, now).start;
}

export function shut(budget: Budget, window: Window, now: Instant): void {
  if (window.kind !== 'rolling') budget.shutSince = windowOf(window, now).start;
}

export function charge(budget: Budget, window: Window, what: Charge): void {
  const oldest = what.at - WINDOWS_KEPT * lengthMax(window);
  budget.charges = [...budget.charges.filter((one) => one.at >= oldest), what];
}

/** At least the length of any window: a month has at most 31 days and an hour from daylight saving. */
function lengthMax(window: Window): Micros {
  return window.kind === 'calendar' ? 32 * 86_400_000_000 : window.length;
}

/** One packet against a rate, in doubles as the page says; `arrival` is where the theoretical arrival time goes if it is charged. */
export function rateOf(budget: Budget, rate: Rate, packet: { units: number; now: Instant }) {
  const cost = (packet.units * 1e6) / rate.perSecond;
  const room = (rate.burst * 1e6) / rate.perSecond;
  const start = Math.max(budget.arrival, packet.now);
  const observed = start + cost - packet.now;
  return { isConforming: observed <= room, observed, room, arrival: start + cost };
}
