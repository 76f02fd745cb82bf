// An SQLite file that is this process's alone. What was acknowledged is on the disk. Not the tables.

import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { SqliteDialect } from 'kysely';
import Database from 'libsql';
import { diskFull, reasonText, StoreError, systemCode } from './trouble.ts';

/** Owner only: the tables hold hashes of secrets and who talks with whom. */
const FILE_MODE = 0o600;

/** 64 MiB of pages: roll-ups of a day's last hours are found without the disk. Negative numbers are KiB. */
const CACHE_KIB = -65_536;

export interface OpenedSqlite {
  readonly dialect: SqliteDialect;
  /** Gives the lock back; called before the connection is closed. */
  readonly release: () => void;
}

export function openSqlite(file: string, isNew: boolean): OpenedSqlite {
  makePrivate(file, isNew);
  const database = opened(file);
  try {
    // EXCLUSIVE: a second process is refused. FULL: a commit is on the disk before it is acknowledged.
    database.exec('PRAGMA locking_mode=EXCLUSIVE');
    database.exec('PRAGMA journal_mode=WAL');
    database.exec('PRAGMA synchronous=FULL');
    database.exec(`PRAGMA cache_size=${CACHE_KIB}`);
    database.exec('PRAGMA temp_store=MEMORY');
    database.exec('BEGIN IMMEDIATE; COMMIT');
    // Of a backup that was cut off. The lock says that none is under way.
    rmSync(snapshotPath(file), { force: true });
  } catch (error) {
    database.close();
    throw refused(file, error);
  }
  return { dialect: new SqliteDialect({ database }), release: () => release(database) };
}

/**
 * Gives the file back at once. A closed connection of libsql keeps its lock until its statements are collected as garbage,
 * and a lock that was exclusive from the start is given up only outside of WAL.
 */
function release(database: Database.Database): void {
  if (!database.open) return;
  database.exec('PRAGMA journal_mode=DELETE');
  database.exec('PRAGMA locking_mode=NORMAL');
  database.exec('SELECT count(*) FROM sqlite_schema');
}

/** Where a copy for a backup lies while it is read. */
export function snapshotPath(file: string): string {
  return `${file}.snapshot`;
}

/** Made here and not by SQLite, so that nobody else can read it even for a moment. */
function makePrivate(file: string, isNew: boolean): void {
  try {
    if (!isNew || existsSync(file)) chmodSync(file, FILE_MODE);
    else closeSync(openSync(file, 'wx', FILE_MODE));
  } catch (error) {
    throw refused(file, error);
  }
}

function opened(file: string): Database.Database {
  try {
    return new Database(file);
  } catch (error) {
    throw refused(file, error);
  }
}

function refused(file: string, cause: unknown): StoreError {
  const code = systemCode(cause);
  if (code.startsWith('SQLITE_BUSY'))
    return new StoreError({
      code: 'PICKET-C101',
      message: `cannot open the database "${file}": another process uses it; nothing was changed`,
      help: 'one controller uses an SQLite file; several need PostgreSQL (--database postgres://…)',
      cause,
    });
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return new StoreError({
      code: 'PICKET-C105',
      message: `cannot open the database "${file}": it is no database of a controller, or it is damaged; nothing was changed`,
      help: 'name the right file, or restore a backup into a new place: picket restore',
      cause,
    });
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return new StoreError(diskFull(cause));
  return new StoreError({
    code: 'PICKET-C104',
    message: `cannot open the database "${file}": ${reasonText(cause)}; nothing was changed`,
    help: 'its folder must exist on a local disk, and the controller must be able to write to it',
    cause,
  });
}
