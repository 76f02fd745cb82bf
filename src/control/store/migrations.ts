// The numbered steps by which the tables came to be, and the running of those that are missing. A step is never changed once it was released.

import { sql } from 'kysely';
import type { Db, Migration, Store } from './db.ts';
import { domainsMigration } from './migrations/0001-domains.ts';
import { policiesMigration } from './migrations/0010-policies.ts';
import { elementsMigration } from './migrations/0020-elements.ts';
import { authorityMigration } from './migrations/0030-authority.ts';
import { peopleMigration } from './migrations/0040-people.ts';
import { agentsMigration } from './migrations/0050-agents.ts';
import { reportsMigration } from './migrations/0051-reports.ts';
import { flowsMigration } from './migrations/0060-flows.ts';
import { findingsMigration } from './migrations/0070-findings.ts';
import { actsMigration } from './migrations/0080-acts.ts';
import { controllersMigration } from './migrations/0085-controllers.ts';
import { tellingsMigration } from './migrations/0090-tellings.ts';
import { StoreError } from './trouble.ts';

/** In the order of their numbers. */
export const MIGRATIONS: readonly Migration[] = [
  domainsMigration,
  policiesMigration,
  elementsMigration,
  authorityMigration,
  peopleMigration,
  agentsMigration,
  reportsMigration,
  flowsMigration,
  findingsMigration,
  actsMigration,
  controllersMigration,
  tellingsMigration,
];

/** Two controllers that start at once take turns. Any number that nobody else uses. */
const ADVISORY_LOCK = 7_443;

export interface MigrateOptions {
  /** Steps to run; the others wait. All where nothing is stated: a backup of an older version is read into its own tables first. */
  readonly only?: ReadonlySet<string>;
}

/** Runs what is missing, all of it in one transaction. Refuses a database that knows steps this program does not. */
export async function migrate(
  { kind, transaction }: Pick<Store, 'kind' | 'transaction'>,
  { only }: MigrateOptions = {},
): Promise<void> {
  await transaction(async (db) => {
    if (kind === 'postgres') await sql`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`.execute(db);
    await sql`CREATE TABLE IF NOT EXISTS picket_migrations (name text PRIMARY KEY)`.execute(db);
    const done = new Set(await migrationsOf(db));
    const strange = strangeMigration([...done]);
    if (strange !== null) throw newer(strange);
    const missing = MIGRATIONS.filter(({ name }) => !done.has(name) && (only === undefined || only.has(name)));
    for (const { name, up } of missing) {
      await up(db, kind);
      await sql`INSERT INTO picket_migrations (name) VALUES (${name})`.execute(db);
    }
    if (kind === 'postgres' && missing.length > 0) await orderByBytes(db);
  });
}

/** Rejects where there are no tables of ours, or newer ones. */
export async function refuseStrange({ db }: Pick<Store, 'db'>): Promise<void> {
  const names = await migrationsOf(db).catch((error: unknown) => {
    throw error instanceof StoreError ? error : noTables(error);
  });
  const strange = strangeMigration(names);
  if (strange !== null) throw newer(strange);
}

function noTables(cause: unknown): StoreError {
  return new StoreError({
    code: 'PICKET-C105',
    message: 'the database has no tables of a controller; nothing was changed',
    help: 'name the database that a controller has used',
    cause,
  });
}

/** Steps that a database has behind it. */
export async function migrationsOf(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly name: string }>`SELECT name FROM picket_migrations`.execute(db);
  return rows.map(({ name }) => name);
}

/** A step that this version does not know, or null. */
export function strangeMigration(names: readonly string[]): string | null {
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  return names.find((name) => !known.has(name)) ?? null;
}

/** Texts are compared by their bytes, as SQLite does: the language of a server must change neither the order of pages nor what is equal. */
async function orderByBytes(db: Db): Promise<void> {
  const { rows } = await sql<{ readonly table_name: string; readonly column_name: string }>`
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`.execute(db);
  for (const { table_name, column_name } of rows)
    await sql`ALTER TABLE ${sql.table(table_name)} ALTER COLUMN ${sql.ref(column_name)} TYPE text COLLATE "C"`.execute(
      db,
    );
}

function newer(name: string): StoreError {
  return new StoreError({
    code: 'PICKET-C103',
    message: `the database knows "${name}", which this version does not; nothing was changed`,
    help: 'run the version of Picket that wrote it, or a newer one',
  });
}
