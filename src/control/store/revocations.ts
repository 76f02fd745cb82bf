// Topic: revocations of a domain, in the order in which they came.

import type { Db } from './db.ts';
import type { RevocationRow } from './rows/authority.ts';

type RevocationKey = Pick<RevocationRow, 'domain' | 'kind' | 'value'>;

/** Puts one in, or makes the one that is there hold longer. */
export async function putRevocation(db: Db, row: RevocationRow): Promise<void> {
  await db
    .insertInto('revocations')
    .values(row)
    .onConflict((on) =>
      on.columns(['domain', 'kind', 'value']).doUpdateSet((set) => ({
        sequence: set.ref('excluded.sequence'),
        until: set.ref('excluded.until'),
      })),
    )
    .execute();
}

/** False where there was none. */
export async function removeRevocation(db: Db, { domain, kind, value }: RevocationKey): Promise<boolean> {
  const gone = await db
    .deleteFrom('revocations')
    .where('domain', '=', domain)
    .where('kind', '=', kind)
    .where('value', '=', value)
    .returning('value')
    .executeTakeFirst();
  return gone !== undefined;
}

/** Those that still stop something; newest first, so that a bound leaves out the oldest. */
export function liveRevocations(
  db: Db,
  of: { readonly domain: string; readonly now: number; readonly limit: number },
): Promise<readonly RevocationRow[]> {
  return db
    .selectFrom('revocations')
    .selectAll()
    .where('domain', '=', of.domain)
    .where('until', '>', of.now)
    .orderBy('sequence', 'desc')
    .limit(of.limit)
    .execute();
}

export async function revocationCount(db: Db, domain: string, now: number): Promise<number> {
  const row = await db
    .selectFrom('revocations')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('domain', '=', domain)
    .where('until', '>', now)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Whether one of these was revoked and not reinstated, however long ago. */
export async function isAnyRevoked(
  db: Db,
  domain: string,
  asked: readonly Pick<RevocationRow, 'kind' | 'value'>[],
): Promise<boolean> {
  const row = await db
    .selectFrom('revocations')
    .select('value')
    .where('domain', '=', domain)
    .where((is) => is.or(asked.map(({ kind, value }) => is.and([is('kind', '=', kind), is('value', '=', value)]))))
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets single certificates that have ended. What is said of identities and keys stays until it is taken back. */
export async function forgetRevocations(db: Db, before: number): Promise<void> {
  await db.deleteFrom('revocations').where('kind', '=', 'serial').where('until', '<', before).execute();
}
