// Many rows added up in few statements: each is inserted, or summed into the one that has its key. Written once for both databases. Not which rows.

import { CompiledQuery, PostgresAdapter } from 'kysely';
import type { Db } from './db.ts';

export interface Upsert<Row extends object> {
  /** Names of ours, never from outside: they stand in the statement as they are. */
  readonly table: string;
  readonly key: readonly (keyof Row & string)[];
  readonly add: readonly (keyof Row & string)[];
  readonly least?: readonly (keyof Row & string)[];
  readonly greatest?: readonly (keyof Row & string)[];
  /** A column whose value afterwards is answered, row by row in no order. */
  readonly returning?: keyof Row & string;
  /** With the same columns, and each key once. */
  readonly rows: readonly Row[];
}

/** Values of one statement: SQLite takes 32,766, PostgreSQL 65,535. */
const VALUES_MAX = 16_000;

export async function upsert<Row extends object>(db: Db, options: Upsert<Row>): Promise<readonly number[]> {
  const [first] = options.rows;
  if (first === undefined) return [];
  const columns = Object.keys(first);
  const piece = Math.floor(VALUES_MAX / columns.length);
  const answers: number[] = [];
  for (let from = 0; from < options.rows.length; from += piece) {
    const rows = options.rows.slice(from, from + piece);
    const text = textOf(options, { columns, rows: rows.length, isNumbered: isPostgres(db) });
    const result = await db.executeQuery<{ readonly answer: number }>(CompiledQuery.raw(text, rows.flatMap(valuesOf)));
    for (const { answer } of result.rows) answers.push(answer);
  }
  return answers;
}

function valuesOf(row: object): unknown[] {
  return Object.values(row);
}

function isPostgres(db: Db): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

interface Shape {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly isNumbered: boolean;
}

function textOf<Row extends object>(options: Upsert<Row>, { columns, rows, isNumbered }: Shape): string {
  const { table, key, add, least = [], greatest = [], returning } = options;
  let value = 0;
  const place = () => (isNumbered ? `$${++value}` : '?');
  const row = () => `(${columns.map(place).join(',')})`;
  const lesser = isNumbered ? 'LEAST' : 'MIN';
  const greater = isNumbered ? 'GREATEST' : 'MAX';
  const sets = [
    ...add.map((name) => `"${name}"=${table}."${name}"+excluded."${name}"`),
    ...least.map((name) => `"${name}"=${lesser}(${table}."${name}",excluded."${name}")`),
    ...greatest.map((name) => `"${name}"=${greater}(${table}."${name}",excluded."${name}")`),
  ];
  return [
    `INSERT INTO ${table} (${columns.map((name) => `"${name}"`).join(',')})`,
    `VALUES ${Array.from({ length: rows }, row).join(',')}`,
    `ON CONFLICT (${key.map((name) => `"${name}"`).join(',')}) DO UPDATE SET ${sets.join(',')}`,
    returning === undefined ? '' : `RETURNING "${returning}" AS answer`,
  ].join(' ');
}
