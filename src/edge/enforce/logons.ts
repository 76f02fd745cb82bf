// Who is logged on, and what that opens and keeps alive, as instants for a table that knows only timeouts (docs/semantics.md 16, 19, 25).
// Pure: the instant is an argument. Not the proof of a logon: whoever grants has seen it.

import { END_OF_TIME, type Factor, type Instant, type Logon, MINUTE, type Micros } from '#model';

/** One factor of one element. */
export interface FactorLogon {
  /** When it logged on, or null since it logged off. */
  readonly at: Instant | null;
  /** When the grant ends by itself. */
  readonly until: Instant;
  /** When it last logged off. */
  readonly off: Instant | null;
}

/** By element's id, then by factor. */
export type Logons = ReadonlyMap<string, ReadonlyMap<Factor, FactorLogon>>;

/** A grant in the kernel ends by itself so long after it was last made anew: nobody stays logged on without an agent. */
export const LEASE: Micros = 10 * MINUTE;

export interface LogonState {
  /** Until when sessions live, or null where they do not. */
  readonly livesUntil: Instant | null;
  /** Until when a session may open, or null where none may. */
  readonly opensUntil: Instant | null;
  /** When this has to be asked again. */
  readonly next: Instant;
}

const FACTORS: readonly Factor[] = ['person', 'device'];
const CLOSED: LogonState = { livesUntil: null, opensUntil: null, next: END_OF_TIME };

export interface LogonNeed {
  readonly logon: Logon;
  /** How long sessions live on after a logoff. */
  readonly drain: Micros;
}

/** What an element's factors give for a need. */
export function logonAt(
  { logon, drain }: LogonNeed,
  factors: ReadonlyMap<Factor, FactorLogon>,
  now: Instant,
): LogonState {
  const isAll = logon.factors.length > 0;
  const wanted = (isAll ? logon.factors : FACTORS).map((factor) => stateAt(factors.get(factor), now));
  const on = wanted.filter(({ at }) => at !== null);
  if (isAll ? on.length < wanted.length : on.length === 0) return drained(wanted, { isAll, drain, now });
  const ends = on.map(({ until }) => until);
  const begins = on.map(({ at }) => at ?? 0);
  const end = isAll ? Math.min(...ends) : Math.max(...ends);
  const leased = Math.min(end, now + LEASE);
  const begin = isAll ? Math.min(...begins) : Math.max(...begins);
  // The age that the limit names still opens.
  const fresh = logon.within === null ? leased : Math.min(leased, begin + logon.within + 1);
  return {
    livesUntil: Math.min(leased + drain, END_OF_TIME),
    opensUntil: fresh > now ? fresh : null,
    next: Math.min(now + LEASE / 2, end, fresh > now ? fresh : END_OF_TIME),
  };
}

/** A grant that ended is a logoff at its end. */
function stateAt(factor: FactorLogon | undefined, now: Instant): FactorLogon {
  if (factor === undefined) return { at: null, until: END_OF_TIME, off: null };
  return factor.at !== null && now >= factor.until ? { at: null, until: factor.until, off: factor.until } : factor;
}

function drained(
  wanted: readonly FactorLogon[],
  { isAll, drain, now }: { readonly isAll: boolean; readonly drain: Micros; readonly now: Instant },
): LogonState {
  const offs = wanted.flatMap(({ at, off }) => (at === null ? [off ?? Number.NEGATIVE_INFINITY] : []));
  const off = isAll ? Math.min(...offs) : Math.max(...offs);
  return drain > 0 && off + drain > now ? { livesUntil: off + drain, opensUntil: null, next: off + drain } : CLOSED;
}

/** What was granted and taken back; immutable maps come out, so that what is in force stays what it was. */
export class LogonBook {
  #logons: Logons = new Map();

  get logons(): Logons {
    return this.#logons;
  }

  set(element: string, factors: readonly Factor[], change: (before: FactorLogon | undefined) => FactorLogon): void {
    const own = new Map(this.#logons.get(element));
    for (const factor of factors) own.set(factor, change(own.get(factor)));
    this.#logons = new Map(this.#logons).set(element, own);
  }

  /** Puts back what was in force before. */
  reset(logons: Logons): void {
    this.#logons = logons;
  }
}
