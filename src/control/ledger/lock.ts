// One writer for one folder: a lock that the kernel gives back when its holder is gone, however it went. Holds no data.

import Database from 'libsql';
import { LedgerError, reasonText, systemCode } from './trouble.ts';

export interface Lock {
  release(): void;
}

/** Locks a file through SQLite, whose locks of files hold between processes, containers and inside one process alike. */
export function takeLock(path: string): Lock {
  let database: Database.Database | null = null;
  try {
    database = new Database(path);
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    throw systemCode(error).startsWith('SQLITE_BUSY') ? taken(path) : cannotLock(path, error);
  }
}

function taken(path: string): LedgerError {
  return new LedgerError({
    code: 'PICKET-C201',
    message: `another process writes the ledger that "${path}" locks; nothing was changed`,
    help: 'end the other controller first, or give this one a data folder of its own',
  });
}

function cannotLock(path: string, error: unknown): LedgerError {
  return new LedgerError({
    code: 'PICKET-C202',
    message: `cannot lock the ledger with "${path}": ${reasonText(error)}`,
    help: 'the folder must be on a local disk that the controller may write to',
    cause: error,
  });
}
