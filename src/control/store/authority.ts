// Topic: keys of an authority and its sequence numbers. Identities and tokens are in identities.ts.

import type { Db } from './db.ts';
import type { AuthorityKeyRow, AuthorityRow } from './rows/authority.ts';

/** Keys of one domain over its whole life, retired ones included: years of rotations. */
const KEYS_MAX = 1_000;

export function authorityRow(db: Db, domain: string): Promise<AuthorityRow | undefined> {
  return db.selectFrom('authorities').selectAll().where('domain', '=', domain).executeTakeFirst();
}

/** False where the domain has one already: of two that begin at once, one wins. */
export async function addAuthority(db: Db, domain: string): Promise<boolean> {
  const made = await db
    .insertInto('authorities')
    .values({ domain, bundle_sequence: 1, revocation_sequence: 0 })
    .onConflict((on) => on.column('domain').doNothing())
    .returning('domain')
    .executeTakeFirst();
  return made !== undefined;
}

export function authorityKeys(db: Db, domain: string): Promise<readonly AuthorityKeyRow[]> {
  return db
    .selectFrom('authority_keys')
    .selectAll()
    .where('domain', '=', domain)
    .orderBy('made_at')
    .orderBy('since_sequence')
    .orderBy('id')
    .limit(KEYS_MAX)
    .execute();
}

export async function addAuthorityKey(db: Db, row: AuthorityKeyRow): Promise<void> {
  await db.insertInto('authority_keys').values(row).execute();
}

export type KeyChange = Partial<Pick<AuthorityKeyRow, 'state' | 'used_until'>>;

/** Changes a key that is in `from`; false where it is not, because somebody else was faster. */
export async function changeKey(
  db: Db,
  key: { readonly domain: string; readonly id: string; readonly from: AuthorityKeyRow['state'] },
  change: KeyChange,
): Promise<boolean> {
  const changed = await db
    .updateTable('authority_keys')
    .set(change)
    .where('domain', '=', key.domain)
    .where('id', '=', key.id)
    .where('state', '=', key.from)
    .returning('id')
    .executeTakeFirst();
  return changed !== undefined;
}

/** The next number of the bundle or the revocation list. Whoever takes one holds the row until the transaction ends, so numbers come in order. */
export async function nextSequence(
  db: Db,
  domain: string,
  of: 'bundle_sequence' | 'revocation_sequence',
  by = 1,
): Promise<number> {
  const row = await db
    .updateTable('authorities')
    .set((set) => ({ [of]: set(of, '+', by) }))
    .where('domain', '=', domain)
    .returning(of)
    .executeTakeFirstOrThrow();
  return row[of];
}

/** A setting that is given once: the first value stays, and is answered. */
export async function settingOnce(db: Db, key: string, value: string): Promise<string> {
  await db
    .insertInto('settings')
    .values({ key, value })
    .onConflict((on) => on.column('key').doNothing())
    .execute();
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirstOrThrow();
  return row.value;
}
