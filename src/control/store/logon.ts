// Topic: passkeys, and what stands open while somebody logs on: links, codes, proofs that were used, failures. Links and codes are used once, also where two controllers are asked at once.

import type { Db } from './db.ts';
import type { LogonCodeRow, LogonLinkRow, PasskeyRow } from './rows/people.ts';

/** Passkeys of one person. */
export const PASSKEYS_MAX = 20;
/** Codes that stand open: asked for without a logon, so a flood of them must not fill the disk, and one source must not take them all. */
const CODES_MAX = 10_000;
const CODES_OF_PEER_MAX = 5;
/** How long a code stands open. */
export const CODE_LIFE_MS = 10 * 60 * 1_000;
/** Sources and accounts whose failures are counted apart; beyond, new ones are counted together. */
const FAILURE_KEYS_MAX = 20_000;
const OTHERS = 'others';

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

/** False where the proof was used before. */
export async function spendProof(db: Db, hash: string, endsAt: number): Promise<boolean> {
  const spent = await db
    .insertInto('logon_spent')
    .values({ hash, ends_at: endsAt })
    .onConflict((on) => on.column('hash').doNothing())
    .returning('hash')
    .executeTakeFirst();
  return spent !== undefined;
}

/** Failures of each key since a time. */
export async function failuresOf(db: Db, keys: readonly string[], since: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('logon_failures')
    .selectAll()
    .where('key', 'in', [...keys, OTHERS])
    .where('since', '>', since)
    .execute();
  const counts = new Map(rows.map(({ key, count }) => [key, count]));
  const others = counts.get(OTHERS) ?? 0;
  return new Map(keys.map((key) => [key, counts.get(key) ?? others]));
}

/** Counts one for each key; a count that began before `since` begins anew. */
export async function noteFailures(
  db: Db,
  keys: readonly string[],
  { now, since }: { readonly now: number; readonly since: number },
): Promise<void> {
  for (const key of await countedKeys(db, keys))
    await db
      .insertInto('logon_failures')
      .values({ key, count: 1, since: now })
      .onConflict((on) =>
        on.column('key').doUpdateSet(({ eb }) => ({
          count: eb
            .case()
            .when('logon_failures.since', '>', since)
            .then(eb('logon_failures.count', '+', 1))
            .else(1)
            .end(),
          since: eb
            .case()
            .when('logon_failures.since', '>', since)
            .then(eb.ref('logon_failures.since'))
            .else(now)
            .end(),
        })),
      )
      .execute();
}

async function countedKeys(db: Db, keys: readonly string[]): Promise<readonly string[]> {
  const { count } = await db
    .selectFrom('logon_failures')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) < FAILURE_KEYS_MAX) return keys;
  const rows = await db.selectFrom('logon_failures').select('key').where('key', 'in', keys).execute();
  const known = new Set(rows.map(({ key }) => key));
  return [...new Set(keys.map((key) => (known.has(key) ? key : OTHERS)))];
}

/** False where too many stand open, or the code is in use. */
export async function addLogonCode(db: Db, row: LogonCodeRow): Promise<boolean> {
  const { all, own } = await db
    .selectFrom('logon_codes')
    .select(({ fn, eb }) => [
      fn.countAll<number>().as('all'),
      fn.sum<number | null>(eb.case().when('peer', '=', row.peer).then(1).else(0).end()).as('own'),
    ])
    .where('ends_at', '>', row.ends_at - CODE_LIFE_MS)
    .executeTakeFirstOrThrow();
  if (Number(all) >= CODES_MAX || Number(own ?? 0) >= CODES_OF_PEER_MAX) return false;
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

/** Takes away what nobody used in time, and counts of failures that began before `since`. */
export async function sweepLogons(
  db: Db,
  { now, since }: { readonly now: number; readonly since: number },
): Promise<void> {
  await db.deleteFrom('logon_failures').where('since', '<=', since).execute();
  await db.deleteFrom('logon_links').where('ends_at', '<=', now).execute();
  await db.deleteFrom('logon_spent').where('ends_at', '<=', now).execute();
  await db.deleteFrom('logon_codes').where('ends_at', '<=', now).execute();
}
