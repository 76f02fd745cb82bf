// Opens the database: an SQLite file that is this process's alone, or PostgreSQL that several controllers share.

import { type Dialect, Kysely } from 'kysely';
import type { Store, Tables } from './db.ts';
import { guarded, Scopes } from './guarded.ts';
import { migrate, refuseStrange } from './migrations.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

export interface StoreOptions {
  /** Path of the SQLite file; used where no URL is given. */
  readonly file: string;
  /** `postgres://…`, or null. */
  readonly url: string | null;
  /** Nothing is made, and tables stay as an older version left them: to look at it. */
  readonly isAsFound?: boolean;
}

/** Opens it and brings its tables up to this version. Rejects with a StoreError, and then nothing was changed. */
export async function openStore(options: StoreOptions): Promise<Store> {
  // A step may go over a large table: on PostgreSQL it has a connection of its own, on which nothing is too slow.
  if (options.url !== null && options.isAsFound !== true) {
    const patient = openPatient(options);
    await migrate(patient).finally(() => patient.close().catch(() => {}));
  }
  const store = openBare(options);
  try {
    if (options.isAsFound === true) await refuseStrange(store);
    else if (options.url === null) await migrate(store);
  } catch (error) {
    await store.close().catch(() => {});
    throw error;
  }
  return store;
}

/** The store as it is found: tables may be missing. */
export function openBare({ file, url, isAsFound = false }: StoreOptions): Store {
  if (url !== null) return storeOf('postgres', openPostgres(url, false));
  const { dialect, release } = openSqlite(file, !isAsFound);
  return storeOf('sqlite', dialect, release);
}

/** The same for what is done to whole tables. */
export function openPatient(options: StoreOptions): Store {
  return options.url === null ? openBare(options) : storeOf('postgres', openPostgres(options.url, true));
}

function storeOf(kind: Store['kind'], dialect: Dialect, release: () => void = () => {}): Store {
  const scopes = new Scopes();
  const db = new Kysely<Tables>({ dialect: guarded(dialect, scopes) });
  return {
    kind,
    db,
    transaction: (work) => db.transaction().execute((inside) => scopes.run(() => work(inside))),
    close: async () => {
      try {
        release();
      } finally {
        await db.destroy();
      }
    },
  };
}
