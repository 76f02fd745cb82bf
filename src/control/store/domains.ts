// Topic: domains, and settings of the controller by key.

import { sql } from 'kysely';
import type { Db, Store } from './db.ts';
import type { DomainRow } from './rows/domains.ts';

/** False where it is there already. */
export async function addDomain(db: Db, row: DomainRow): Promise<boolean> {
  const made = await db
    .insertInto('domains')
    .values(row)
    .onConflict((on) => on.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return made !== undefined;
}

/** Domains of one controller: each has a CA and a policy in memory. */
export const DOMAINS_MAX = 1_000;

export function allDomains(db: Db): Promise<readonly DomainRow[]> {
  return db.selectFrom('domains').selectAll().orderBy('id').limit(DOMAINS_MAX).execute();
}

export async function someDomains(db: Db, ids: readonly string[]): Promise<readonly DomainRow[]> {
  if (ids.length === 0) return [];
  return db.selectFrom('domains').selectAll().where('id', 'in', ids).orderBy('id').execute();
}

export async function setting(db: Db, key: string): Promise<string | null> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value ?? null;
}

export async function setSetting(db: Db, key: string, value: string): Promise<void> {
  await db
    .insertInto('settings')
    .values({ key, value })
    .onConflict((on) => on.column('key').doUpdateSet({ value }))
    .execute();
}

/** The clock of the database in epoch milliseconds; null where it is this machine's. */
export async function databaseNow({ kind, db }: Pick<Store, 'kind' | 'db'>): Promise<number | null> {
  if (kind === 'sqlite') return null;
  const { rows } = await sql<{
    readonly at: number;
  }>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at`.execute(db);
  return rows[0]?.at ?? null;
}
