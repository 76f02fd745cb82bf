// Topic: passkeys, and what stands open while somebody logs on: links, challenges, codes. Each of those is used once, also where two controllers are asked at once.

import type { Db } from './db.ts';
import type { LogonChallengeRow, LogonCodeRow, LogonLinkRow, PasskeyRow } from './rows/people.ts';

/** Passkeys of one person. */
export const PASSKEYS_MAX = 20;
/** Challenges and codes that stand open, of all people together: asked for without a logon, so a flood of them must not fill the disk. */
export const OPEN_MAX = 10_000;

export async function addPasskey(db: Db, row: PasskeyRow): Promise<boolean> {
  if ((await passkeysOf(db, row.user)).length >= PASSKEYS_MAX) return false;
  const made = await db
    .insertInto('passkeys')
    .values(row)
    .onConflict((on) => on.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return made !== undefined;
}

export function passkey(db: Db, id: string): Promise<PasskeyRow | undefined> {
  return db.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst();
}

export function passkeysOf(db: Db, user: string): Promise<readonly PasskeyRow[]> {
  return db
    .selectFrom('passkeys')
    .selectAll()
    .where('user', '=', user)
    .orderBy('made_at')
    .limit(PASSKEYS_MAX)
    .execute();
}

/** False where the counter moved on meanwhile: somebody else used the same key. */
export async function usePasskey(
  db: Db,
  { id, before, counter, at }: { id: string; before: number; counter: number; at: number },
): Promise<boolean> {
  const used = await db
    .updateTable('passkeys')
    .set({ counter, used_at: at })
    .where('id', '=', id)
    .where('counter', '=', before)
    .returning('id')
    .executeTakeFirst();
  return used !== undefined;
}

/** The last one is kept: nobody shuts themselves out by accident. */
export async function removePasskey(db: Db, user: string, id: string): Promise<'removed' | 'absent' | 'last'> {
  const all = await passkeysOf(db, user);
  if (!all.some((one) => one.id === id)) return 'absent';
  if (all.length === 1) return 'last';
  await db.deleteFrom('passkeys').where('user', '=', user).where('id', '=', id).execute();
  return 'removed';
}

export async function addLogonLink(db: Db, row: LogonLinkRow): Promise<void> {
  await db.insertInto('logon_links').values(row).execute();
}

export function logonLink(db: Db, hash: string, now: number): Promise<LogonLinkRow | undefined> {
  return db
    .selectFrom('logon_links')
    .selectAll()
    .where('hash', '=', hash)
    .where('ends_at', '>', now)
    .executeTakeFirst();
}

/** Takes the link away; undefined where somebody else did. */
export function takeLogonLink(db: Db, hash: string, now: number): Promise<LogonLinkRow | undefined> {
  return db
    .deleteFrom('logon_links')
    .where('hash', '=', hash)
    .where('ends_at', '>', now)
    .returningAll()
    .executeTakeFirst();
}

/** Links of the first owner, when there is one. */
export async function removeFirstLinks(db: Db): Promise<void> {
  await db.deleteFrom('logon_links').where('user', 'is', null).execute();
}

/** False where too many stand open. */
export async function addLogonChallenge(db: Db, row: LogonChallengeRow): Promise<boolean> {
  const { count } = await db
    .selectFrom('logon_challenges')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= OPEN_MAX) return false;
  await db.insertInto('logon_challenges').values(row).execute();
  return true;
}

export function takeLogonChallenge(
  db: Db,
  { id, purpose, now }: { id: string; purpose: LogonChallengeRow['purpose']; now: number },
): Promise<LogonChallengeRow | undefined> {
  return db
    .deleteFrom('logon_challenges')
    .where('id', '=', id)
    .where('purpose', '=', purpose)
    .where('ends_at', '>', now)
    .returningAll()
    .executeTakeFirst();
}

/** False where too many stand open, or the code is in use. */
export async function addLogonCode(db: Db, row: LogonCodeRow): Promise<boolean> {
  const { count } = await db
    .selectFrom('logon_codes')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= OPEN_MAX) return false;
  const made = await db
    .insertInto('logon_codes')
    .values(row)
    .onConflict((on) => on.column('code').doNothing())
    .returning('code')
    .executeTakeFirst();
  return made !== undefined;
}

/** One that waits for a person. */
export function waitingCode(db: Db, code: string, now: number): Promise<LogonCodeRow | undefined> {
  return db
    .selectFrom('logon_codes')
    .selectAll()
    .where('code', '=', code)
    .where('state', '=', 'waiting')
    .where('ends_at', '>', now)
    .executeTakeFirst();
}

export async function decideCode(
  db: Db,
  {
    code,
    state,
    user,
    provedAt,
    now,
  }: Pick<LogonCodeRow, 'code' | 'state' | 'user'> & { provedAt: number | null; now: number },
): Promise<boolean> {
  const decided = await db
    .updateTable('logon_codes')
    .set({ state, user, proved_at: provedAt })
    .where('code', '=', code)
    .where('state', '=', 'waiting')
    .where('ends_at', '>', now)
    .returning('code')
    .executeTakeFirst();
  return decided !== undefined;
}

/** What became of a code; it is taken away once decided, so that only one poll gets the answer. */
export async function polledCode(db: Db, hash: string, now: number): Promise<LogonCodeRow | undefined> {
  const decided = await db
    .deleteFrom('logon_codes')
    .where('hash', '=', hash)
    .where('state', '<>', 'waiting')
    .where('ends_at', '>', now)
    .returningAll()
    .executeTakeFirst();
  if (decided !== undefined) return decided;
  return db
    .selectFrom('logon_codes')
    .selectAll()
    .where('hash', '=', hash)
    .where('ends_at', '>', now)
    .executeTakeFirst();
}

/** Takes away what nobody used in time. */
export async function sweepLogons(db: Db, now: number): Promise<void> {
  await db.deleteFrom('logon_links').where('ends_at', '<=', now).execute();
  await db.deleteFrom('logon_challenges').where('ends_at', '<=', now).execute();
  await db.deleteFrom('logon_codes').where('ends_at', '<=', now).execute();
}
