// A dialect between Kysely and a database that tells troubles as errors of the store, and refuses what would hang or end the process. Not a query.

import { AsyncLocalStorage } from 'node:async_hooks';
import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely';
import { type Moment, storeTrouble } from './trouble.ts';

/** A transaction under way, as long as its work runs. */
interface Scope {
  isOpen: boolean;
}

/** Knows which work runs inside a transaction, so that a query beside it is told as the bug it is: with one connection it would wait for itself for ever. */
export class Scopes {
  readonly #inside = new AsyncLocalStorage<Scope>();

  async run<T>(work: () => Promise<T>): Promise<T> {
    const scope: Scope = { isOpen: true };
    try {
      return await this.#inside.run(scope, work);
    } finally {
      scope.isOpen = false;
    }
  }

  check(): void {
    if (this.#inside.getStore()?.isOpen === true)
      throw new Error('a query beside the transaction it is made in: use the db that the transaction gives');
  }
}

export function guarded(dialect: Dialect, scopes: Scopes): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => new GuardedDriver(dialect.createDriver(), scopes),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

class GuardedDriver implements Driver {
  readonly #driver: Driver;
  readonly #scopes: Scopes;

  constructor(driver: Driver, scopes: Scopes) {
    this.#driver = driver;
    this.#scopes = scopes;
  }

  init(): Promise<void> {
    return telling('connecting', () => this.#driver.init());
  }

  async acquireConnection(): Promise<GuardedConnection> {
    this.#scopes.check();
    return new GuardedConnection(await telling('connecting', () => this.#driver.acquireConnection()));
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return telling('asking', () => this.#driver.beginTransaction(innerOf(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return telling('committing', () => this.#driver.commitTransaction(innerOf(connection)));
  }

  /** What cannot be rolled back has ended already: with its connection, or by the database itself. The error that led here is the one to tell. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#driver.rollbackTransaction(innerOf(connection)).catch(() => {});
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await telling('asking', async () => this.#driver.savepoint?.(innerOf(connection), name, compile));
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await telling('asking', async () => this.#driver.rollbackToSavepoint?.(innerOf(connection), name, compile));
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await telling('asking', async () => this.#driver.releaseSavepoint?.(innerOf(connection), name, compile));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#driver.releaseConnection(innerOf(connection));
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }
}

class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return telling('asking', () => {
      checkParameters(query);
      return this.inner.executeQuery<R>(query);
    });
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    try {
      checkParameters(query);
      yield* this.inner.streamQuery<R>(query, chunkSize);
    } catch (error) {
      throw storeTrouble(error, 'asking');
    }
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof GuardedConnection ? connection.inner : connection;
}

async function telling<T>(moment: Moment, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeTrouble(error, moment);
  }
}

/** The two databases agree on texts, finite numbers and nothing. A truth value would even end the process inside libsql. */
function checkParameters({ parameters, sql }: CompiledQuery): void {
  for (const value of parameters) {
    if (typeof value === 'string' || value === null || (typeof value === 'number' && Number.isFinite(value))) continue;
    throw new TypeError(`a ${typeof value} cannot be kept in the database; statement: ${sql.slice(0, 200)}`);
  }
}
