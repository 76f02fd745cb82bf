// The database as it was at one point in time, to be read at leisure while it goes on being written. Not what is read.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Db, Store } from './db.ts';
import { openBare } from './open.ts';
import { snapshotPath } from './sqlite.ts';
import { diskFull, StoreError, systemCode } from './trouble.ts';

/** Yields what `read` does on a view that no later change reaches. */
export function withSnapshot<T>(store: Store, read: (db: Db) => AsyncGenerator<T>): AsyncGenerator<T> {
  return store.kind === 'sqlite' ? onCopy(store, read) : inTransaction(store, read);
}

/** PostgreSQL keeps the view by itself, as long as a transaction lasts. */
async function* inTransaction<T>({ db }: Store, read: (db: Db) => AsyncGenerator<T>): AsyncGenerator<T> {
  const view = await db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute();
  try {
    // Whoever reads may be slow; the server would end a transaction that waits.
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(view);
    yield* read(view);
  } finally {
    await view.rollback().execute();
  }
}

/**
 * In WAL mode the main file only changes when the log is carried over into it. With that put off, the file is the state of
 * one moment, and a plain copy of it is whole, while changes go on into the log.
 */
async function* onCopy<T>({ db }: Store, read: (db: Db) => AsyncGenerator<T>): AsyncGenerator<T> {
  const { rows } = await sql<{
    readonly file: string;
  }>`SELECT file FROM pragma_database_list WHERE name = 'main'`.execute(db);
  const file = rows[0]?.file ?? '';
  const copy = snapshotPath(file);
  await claim(copy);
  try {
    await copied(db, file, copy);
    const store = openBare({ file: copy, url: null });
    try {
      yield* read(store.db);
    } finally {
      await store.close();
    }
  } finally {
    await rm(copy, { force: true });
  }
}

/** One at a time: the file is there as long as it is read. One that a crash left is taken away when the store is opened. */
async function claim(copy: string): Promise<void> {
  try {
    await (await open(copy, 'wx', 0o600)).close();
  } catch (error) {
    throw systemCode(error) === 'EEXIST' ? already() : noRoom(error);
  }
}

async function copied(db: Db, file: string, copy: string): Promise<void> {
  const before = await autoCheckpoint(db);
  try {
    await sql`PRAGMA wal_autocheckpoint=0`.execute(db);
    await carryOver(db);
    await copyApart(file, copy);
    // Answers only where the store is still open: closing it would have changed the file under the copy.
    await autoCheckpoint(db);
  } finally {
    await sql`PRAGMA wal_autocheckpoint=${sql.lit(before)}`.execute(db).catch(() => {});
  }
}

/** All of the log into the file, or the copy would be of two moments. */
async function carryOver(db: Db): Promise<void> {
  const { rows } = await sql<{ readonly busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db);
  if (rows[0]?.busy !== 0) throw already();
}

async function autoCheckpoint(db: Db): Promise<number> {
  const { rows } = await sql<{ readonly wal_autocheckpoint: number }>`PRAGMA wal_autocheckpoint`.execute(db);
  return rows[0]?.wal_autocheckpoint ?? 0;
}

/** By another process: opening and closing the file in this one would give its lock away. */
async function copyApart(file: string, copy: string): Promise<void> {
  const child = spawn('cp', ['--reflink=auto', '--', file, copy], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 500);
  });
  const [status]: readonly unknown[] = await once(child, 'close');
  if (status === 0) return;
  if (said.includes('No space left')) throw new StoreError(diskFull(said));
  throw noRoom(said);
}

function noRoom(cause: unknown): StoreError {
  return new StoreError({
    code: 'PICKET-C124',
    message: 'cannot copy the database beside itself for the backup; nothing was changed',
    help: 'the data folder needs room for the database once more',
    cause,
  });
}

function already(): StoreError {
  return new StoreError({
    code: 'PICKET-C125',
    message: 'another backup is being made; nothing was changed',
    help: 'wait until it is done',
  });
}
