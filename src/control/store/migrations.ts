// The numbered steps by which the tables came to be, and the running of those that are missing. A step is never changed once it was released.

import { sql } from 'kysely';
import type { Migration, Store } from './db.ts';
import { domainsMigration } from './migrations/0001-domains.ts';
import { policiesMigration } from './migrations/0010-policies.ts';
import { elementsMigration } from './migrations/0020-elements.ts';
import { peopleMigration } from './migrations/0040-people.ts';
import { agentsMigration } from './migrations/0050-agents.ts';
import { findingsMigration } from './migrations/0070-findings.ts';
import { actsMigration } from './migrations/0080-acts.ts';
import { StoreError } from './trouble.ts';

/** In the order of their numbers. */
export const MIGRATIONS: readonly Migration[] = [
  domainsMigration,
  policiesMigration,
  elementsMigration,
  peopleMigration,
  agentsMigration,
  findingsMigration,
  actsMigration,
];

/** Two controllers that start at once take turns. Any number that nobody else uses. */
const ADVISORY_LOCK = 7_443;

/** Runs what is missing, all of it in one transaction. Refuses a database that knows steps this program does not. */
export async function migrate({ kind, transaction }: Pick<Store, 'kind' | 'transaction'>): Promise<void> {
  await transaction(async (db) => {
    if (kind === 'postgres') await sql`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`.execute(db);
    await sql`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)`.execute(db);
    const { rows } = await sql<{ readonly name: string }>`SELECT name FROM migrations`.execute(db);
    const done = new Set(rows.map(({ name }) => name));
    const known = new Set(MIGRATIONS.map(({ name }) => name));
    const strange = [...done].find((name) => !known.has(name));
    if (strange !== undefined) throw newer(strange);
    for (const { name, up } of MIGRATIONS) {
      if (done.has(name)) continue;
      await up(db);
      await sql`INSERT INTO migrations (name) VALUES (${name})`.execute(db);
    }
  });
}

function newer(name: string): StoreError {
  return new StoreError({
    code: 'PICKET-C103',
    message: `the database knows "${name}", which this version does not; nothing was changed`,
    help: 'run the version of Picket that wrote it, or a newer one',
  });
}
