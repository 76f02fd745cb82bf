// Topic: users, their roles by domain, and changes that need a second person. Not how somebody proves who they are.

import type { Db } from './db.ts';
import { setSetting } from './domains.ts';
import type { MembershipRow, UserRow } from './rows/people.ts';

/** Domains in which one person has a role: all of them are read with each request. */
const MEMBERSHIPS_MAX = 1_000;
/** Services of a domain whose changes need a second person. */
const FOUR_EYES_MAX = 1_000;

export async function addUser(db: Db, row: UserRow): Promise<void> {
  await db.insertInto('users').values(row).execute();
}

export function user(db: Db, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
}

/** With everything by which they could log on. */
export async function removeUser(db: Db, id: string): Promise<void> {
  await db.deleteFrom('sessions').where('user', '=', id).execute();
  await db.deleteFrom('api_tokens').where('user', '=', id).execute();
  await db.deleteFrom('passkeys').where('user', '=', id).execute();
  await db.deleteFrom('logon_links').where('user', '=', id).execute();
  await db.deleteFrom('logon_codes').where('user', '=', id).execute();
  await db.deleteFrom('memberships').where('user', '=', id).execute();
  await db.deleteFrom('users').where('id', '=', id).execute();
}

/** By `issuer subject`. */
export function userOfIdentity(db: Db, identity: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('identity', '=', identity).executeTakeFirst();
}

export function membershipsOf(db: Db, id: string): Promise<readonly MembershipRow[]> {
  return db.selectFrom('memberships').selectAll().where('user', '=', id).limit(MEMBERSHIPS_MAX).execute();
}

export type MemberRow = MembershipRow &
  Pick<UserRow, 'name'> & {
    /** How they prove who they are. */
    readonly known_by: 'passkey' | 'oidc' | 'nothing yet';
  };

/** People of a domain in the order of their ids, after one of them. */
export function membersOf(
  db: Db,
  domain: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly MemberRow[]> {
  return members(db, domain).where('memberships.user', '>', after).orderBy('memberships.user').limit(limit).execute();
}

export function member(db: Db, domain: string, id: string): Promise<MemberRow | undefined> {
  return members(db, domain).where('memberships.user', '=', id).executeTakeFirst();
}

function members(db: Db, domain: string) {
  return db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user')
    .selectAll('memberships')
    .select(({ eb, exists, selectFrom }) => [
      'users.name',
      eb
        .case()
        .when('users.identity', 'is not', null)
        .then('oidc' as const)
        .when(exists(selectFrom('passkeys').select('passkeys.id').whereRef('passkeys.user', '=', 'users.id')))
        .then('passkey' as const)
        .else('nothing yet' as const)
        .end()
        .as('known_by'),
    ])
    .where('memberships.domain', '=', domain);
}

/** Gives a role, or another one than before. */
export async function setMembership(db: Db, row: MembershipRow): Promise<void> {
  const { role, given_by, given_at } = row;
  await db
    .insertInto('memberships')
    .values(row)
    .onConflict((on) => on.columns(['domain', 'user']).doUpdateSet({ role, given_by, given_at }))
    .execute();
}

export async function removeMembership(db: Db, domain: string, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('memberships')
    .where('domain', '=', domain)
    .where('user', '=', id)
    .returning('user')
    .executeTakeFirst();
  return gone !== undefined;
}

/** Owners of a domain besides one person who can log on: somebody who was invited and never came owns nothing yet. */
export async function otherOwners(db: Db, domain: string, id: string): Promise<number> {
  const row = await db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('memberships.domain', '=', domain)
    .where('memberships.role', '=', 'owner')
    .where('memberships.user', '<>', id)
    .where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('users.identity', 'is not', null),
        exists(selectFrom('passkeys').select('passkeys.id').whereRef('passkeys.user', '=', 'users.id')),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Of two transactions that decide about owners, the second waits for the first. */
export async function lockOwners(db: Db): Promise<void> {
  await setSetting(db, 'people.owners', '1');
}

/** Whether anybody owns anything yet. */
export async function isOwned(db: Db): Promise<boolean> {
  const row = await db.selectFrom('memberships').select('user').where('role', '=', 'owner').limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function fourEyesOf(db: Db, domain: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('four_eyes')
    .select('service')
    .where('domain', '=', domain)
    .orderBy('service')
    .limit(FOUR_EYES_MAX)
    .execute();
  return rows.map(({ service }) => service);
}

export async function setFourEyes(db: Db, domain: string, services: readonly string[]): Promise<void> {
  await db.deleteFrom('four_eyes').where('domain', '=', domain).execute();
  if (services.length === 0) return;
  await db
    .insertInto('four_eyes')
    .values(services.slice(0, FOUR_EYES_MAX).map((service) => ({ domain, service })))
    .execute();
}
