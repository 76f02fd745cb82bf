// Sessions of people: opened by a logon, found by the hash of their secret, over after an hour without use or twelve hours in all. Not the logon.

import type { Note } from '#ledger';
import { notFound, type RequestFacts } from '#routes';
import {
  addSession,
  type Db,
  endSession,
  endSessionsOf,
  type SessionRow,
  sessionIn,
  sessionsOf,
  type UserRow,
} from '#store';
import { NO_DOMAIN, type Parts, performAs } from './parts.ts';
import { hashOf, newId, newSecret } from './secrets.ts';

export const SESSION_LIFE_MS = 12 * 60 * 60 * 1_000;
export const SESSION_IDLE_MS = 60 * 60 * 1_000;

/** `__Host-`: only this host, only over TLS, for every path; a page of a neighbour host cannot set it. */
export const SESSION_COOKIE = '__Host-picket';

export interface Begun {
  readonly session: SessionRow;
  readonly user: Pick<UserRow, 'id' | 'name'>;
  /** Shown to its holder once. */
  readonly secret: string;
}

export interface BeginOptions {
  readonly user: Pick<UserRow, 'id' | 'name'>;
  readonly means: SessionRow['means'];
  /** When the person proved to be there; null where nobody says. */
  readonly provedAt: number | null;
  readonly facts: RequestFacts;
  readonly program?: string;
}

/** Opens a session inside the transaction of a logon. */
export async function beginSession(
  { random, now }: Parts,
  { db, note }: { readonly db: Db; readonly note: Note },
  { user, means, provedAt, facts, program }: BeginOptions,
): Promise<Begun> {
  const secret = newSecret(random, 'pks_');
  const at = now();
  const session: SessionRow = {
    id: newId(random),
    hash: hashOf(secret),
    user: user.id,
    means,
    made_at: at,
    seen_at: at,
    proved_at: provedAt,
    ends_at: at + SESSION_LIFE_MS,
    peer: facts.peerAddress,
    program: program ?? facts.userAgent ?? '',
  };
  await addSession(db, session);
  const detail = { means, address: facts.peerAddress };
  note({ action: 'session.begin', subject: session.id, domain: NO_DOMAIN, detail });
  return { session, user, secret };
}

export function isOver({ ends_at, seen_at }: SessionRow, now: number): boolean {
  return ends_at <= now || seen_at + SESSION_IDLE_MS <= now;
}

export function sessionCookie(secret: string): string {
  return cookie(SESSION_COOKIE, secret, SESSION_LIFE_MS);
}

export function noSessionCookie(): string {
  return cookie(SESSION_COOKIE, '', 0);
}

/** `Lax` lets a cookie come along when another site sends the browser here; `Strict` never does. */
export function cookie(name: string, value: string, lifeMs: number, site: 'Strict' | 'Lax' = 'Strict'): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${site}; Max-Age=${Math.floor(lifeMs / 1_000)}`;
}

/** The value of a cookie; null where there is none or two of that name, of which one may be forged. */
export function cookieOf(header: string | null, name: string): string | null {
  const values = (header ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one.startsWith(`${name}=`));
  const [only] = values;
  return values.length === 1 && only !== undefined ? only.slice(name.length + 1) : null;
}

/** Those that are not over. */
export async function liveSessions({ store, now }: Parts, user: string): Promise<readonly SessionRow[]> {
  const at = now();
  return (await sessionsOf(store.db, user)).filter((session) => !isOver(session, at));
}

export async function endOwnSession(parts: Parts, who: Pick<UserRow, 'id' | 'name'>, id: string): Promise<void> {
  await performAs(parts, who, async (db, note) => {
    if (!(await endSession(db, who.id, id))) throw notFound('the session');
    note({ action: 'session.end', subject: id, domain: NO_DOMAIN });
  });
}

export function endOwnSessions(parts: Parts, who: Pick<UserRow, 'id' | 'name'>): Promise<number> {
  return performAs(parts, who, async (db, note) => {
    const count = await endSessionsOf(db, who.id);
    note({ action: 'session.end', subject: who.id, domain: NO_DOMAIN, detail: { count } });
    return count;
  });
}

/** An owner ends a session of somebody who has a role in the domain. */
export async function endSessionIn(
  parts: Parts,
  who: Pick<UserRow, 'id' | 'name'> & { readonly kind: string },
  { domain, id }: { readonly domain: string; readonly id: string },
): Promise<void> {
  await parts.recorder.perform(who, async (db, note) => {
    const session = await sessionIn(db, domain, id);
    if (session === undefined || !(await endSession(db, session.user, id))) throw notFound('the session');
    note({ action: 'session.end', subject: id, domain, detail: { user: session.user } });
  });
}
