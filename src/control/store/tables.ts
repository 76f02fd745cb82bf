// Which tables a database of ours has, and their columns: what a backup holds, whatever topics there are. Not their rows.

import { sql } from 'kysely';
import type { Store } from './db.ts';

export interface TableShape {
  readonly name: string;
  /** In their order. */
  readonly columns: readonly string[];
}

interface ColumnRow {
  readonly table: string;
  readonly column: string;
}

const OF_SQLITE = sql<ColumnRow>`
  SELECT made.name AS "table", info.name AS "column" FROM sqlite_schema AS made JOIN pragma_table_info(made.name) AS info
  WHERE made.type = 'table' AND made.name NOT LIKE 'sqlite%' ORDER BY made.name, info.cid`;

const OF_POSTGRES = sql<ColumnRow>`
  SELECT columns.table_name::text AS "table", columns.column_name::text AS "column"
  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
  WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
  ORDER BY columns.table_name COLLATE "C", columns.ordinal_position`;

/** Every table but the list of migrations, in order of their names. */
export async function tablesOf({ db, kind }: Pick<Store, 'db' | 'kind'>): Promise<readonly TableShape[]> {
  const { rows } = await (kind === 'sqlite' ? OF_SQLITE : OF_POSTGRES).execute(db);
  const tables = new Map<string, string[]>();
  for (const { table, column } of rows) tables.set(table, [...(tables.get(table) ?? []), column]);
  tables.delete(MIGRATIONS_TABLE);
  return [...tables].map(([name, columns]) => ({ name, columns }));
}

const MIGRATIONS_TABLE = 'picket_migrations';
