// Topic: sessions and API tokens, each found by the hash of a secret that only its holder has.

import type { Db } from './db.ts';
import type { ApiTokenRow, SessionRow } from './rows/people.ts';

/** Sessions of one person shown at once; more than this are ended, oldest first. */
export const SESSIONS_MAX = 50;
/** API tokens of one person. */
export const API_TOKENS_MAX = 50;

/** Adds one, and ends the person's oldest where there are too many. */
export async function addSession(db: Db, row: SessionRow): Promise<void> {
  await db.insertInto('sessions').values(row).execute();
  const kept = await sessionsOf(db, row.user);
  if (kept.length < SESSIONS_MAX) return;
  const ids = kept.map(({ id }) => id);
  await db.deleteFrom('sessions').where('user', '=', row.user).where('id', 'not in', ids).execute();
}

export function sessionOfHash(db: Db, hash: string): Promise<SessionRow | undefined> {
  return db.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
}

/** Newest first. */
export function sessionsOf(db: Db, user: string): Promise<readonly SessionRow[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('user', '=', user)
    .orderBy('made_at', 'desc')
    .limit(SESSIONS_MAX)
    .execute();
}

export async function touchSession(db: Db, id: string, seenAt: number): Promise<void> {
  await db.updateTable('sessions').set({ seen_at: seenAt }).where('id', '=', id).execute();
}

/** The person proved once more to be there. */
export async function proveSession(db: Db, id: string, provedAt: number): Promise<void> {
  await db.updateTable('sessions').set({ proved_at: provedAt, seen_at: provedAt }).where('id', '=', id).execute();
}

export type MemberSessionRow = SessionRow & { readonly name: string };

/** Sessions of everybody with a role in the domain, in the order of their ids, after one of them. */
export function sessionsIn(
  db: Db,
  domain: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly MemberSessionRow[]> {
  return db
    .selectFrom('sessions')
    .innerJoin('memberships', 'memberships.user', 'sessions.user')
    .innerJoin('users', 'users.id', 'sessions.user')
    .selectAll('sessions')
    .select('users.name')
    .where('memberships.domain', '=', domain)
    .where('sessions.id', '>', after)
    .orderBy('sessions.id')
    .limit(limit)
    .execute();
}

/** One of them. */
export function sessionIn(db: Db, domain: string, id: string): Promise<MemberSessionRow | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('memberships', 'memberships.user', 'sessions.user')
    .innerJoin('users', 'users.id', 'sessions.user')
    .selectAll('sessions')
    .select('users.name')
    .where('memberships.domain', '=', domain)
    .where('sessions.id', '=', id)
    .executeTakeFirst();
}

export async function endSession(db: Db, user: string, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('sessions')
    .where('user', '=', user)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}

/** All of a person's; how many. */
export async function endSessionsOf(db: Db, user: string): Promise<number> {
  return (await db.deleteFrom('sessions').where('user', '=', user).returning('id').execute()).length;
}

/** Takes away what is over. `idleSince`: unused since then is over as well. */
export async function sweepSessions(db: Db, { now, idleSince }: { now: number; idleSince: number }): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where(({ eb, or }) => or([eb('ends_at', '<=', now), eb('seen_at', '<=', idleSince)]))
    .execute();
  await db.deleteFrom('api_tokens').where('ends_at', '<=', now).execute();
}

/** False where the person has too many. */
export async function addApiToken(db: Db, row: ApiTokenRow): Promise<boolean> {
  if ((await apiTokensOf(db, row.user)).length >= API_TOKENS_MAX) return false;
  await db.insertInto('api_tokens').values(row).execute();
  return true;
}

export function apiTokenOfHash(db: Db, hash: string): Promise<ApiTokenRow | undefined> {
  return db.selectFrom('api_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
}

export function apiTokensOf(db: Db, user: string): Promise<readonly ApiTokenRow[]> {
  return db
    .selectFrom('api_tokens')
    .selectAll()
    .where('user', '=', user)
    .orderBy('made_at', 'desc')
    .limit(API_TOKENS_MAX)
    .execute();
}

export async function touchApiToken(db: Db, id: string, usedAt: number): Promise<void> {
  await db.updateTable('api_tokens').set({ used_at: usedAt }).where('id', '=', id).execute();
}

export async function removeApiToken(db: Db, user: string, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('api_tokens')
    .where('user', '=', user)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}

export async function removeApiTokensOf(db: Db, user: string): Promise<number> {
  return (await db.deleteFrom('api_tokens').where('user', '=', user).returning('id').execute()).length;
}
