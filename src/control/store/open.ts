// Opens the database: an SQLite file that is this process's alone, or PostgreSQL that several controllers share.

import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import Database from 'libsql';
import pg from 'pg';
import type { Db, Store, Tables } from './db.ts';
import { migrate } from './migrations.ts';
import { StoreError } from './trouble.ts';

export interface StoreOptions {
  /** Path of the SQLite file; used where no URL is given. */
  readonly file: string;
  /** `postgres://…`, or null. */
  readonly url: string | null;
}

/** Connections of one controller to PostgreSQL. */
const CONNECTIONS_MAX = 10;
const CONNECT_MS = 5_000;
const INT8 = 20;

export async function openStore({ file, url }: StoreOptions): Promise<Store> {
  const db = url === null ? sqlite(file) : postgres(url);
  const store: Store = {
    kind: url === null ? 'sqlite' : 'postgres',
    db,
    transaction: (work) => db.transaction().execute(work),
    close: () => (url === null ? release(db) : db.destroy()),
  };
  try {
    await migrate(store);
  } catch (error) {
    await db.destroy().catch(() => {});
    throw error instanceof StoreError ? error : unreachable(error);
  }
  return store;
}

function sqlite(file: string): Db {
  const database = new Database(file);
  try {
    // EXCLUSIVE: a second process is refused. FULL: what was acknowledged is on the disk.
    database.exec('PRAGMA locking_mode=EXCLUSIVE');
    database.exec('PRAGMA journal_mode=WAL');
    database.exec('PRAGMA synchronous=FULL');
    database.exec('BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    database.close();
    throw taken(file, error);
  }
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

/**
 * Gives the file back at once. A closed connection of libsql keeps its lock until its statements are collected as garbage,
 * and a lock that was exclusive from the start is given up only outside of WAL.
 */
async function release(db: Db): Promise<void> {
  try {
    await sql`PRAGMA journal_mode=DELETE`.execute(db);
    await sql`PRAGMA locking_mode=NORMAL`.execute(db);
    await sql`SELECT count(*) FROM migrations`.execute(db);
  } finally {
    await db.destroy();
  }
}

function postgres(url: string): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A connection that breaks while idle is replaced by the next query.
  pool.on('error', () => {});
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

function taken(file: string, cause: unknown): StoreError {
  return new StoreError({
    code: 'PICKET-C101',
    message: `cannot open the database "${file}": another process uses it, or the file cannot be written`,
    help: 'one controller uses an SQLite file; several need PostgreSQL',
    cause,
  });
}

function unreachable(cause: unknown): StoreError {
  return new StoreError({
    code: 'PICKET-C102',
    message: `the database cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    help: 'see that it runs and that its address and password are right',
    cause,
  });
}
