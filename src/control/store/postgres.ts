// A PostgreSQL database that several controllers share, by a pool of connections that replaces what breaks. Not the tables.

import {
  CompiledQuery,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import type pg from 'pg';
import { StoreError, systemCode } from './trouble.ts';

/** Connections of one controller: PostgreSQL has 100 for all by default. */
const CONNECTIONS_MAX = 10;
const CONNECT_MS = 5_000;
/** The server stops a statement before the client gives its connection up. A page or a batch takes well under a second. */
const STATEMENT_MS = 12_000;
const QUERY_MS = 15_000;
/** A controller that stalls inside a transaction must not hold up the others. */
const IDLE_IN_TRANSACTION_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;
/** Type of the columns that hold counts and times; all of ours are below 2^53. */
const INT8 = 20;
const NUMERIC = 1_700;

/** Acknowledged means on the disk of the server, whatever its configuration says. */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/** `isPatient`: no statement is stopped for its length, for what is done to whole tables. */
export function openPostgres(url: string, isPatient: boolean): PostgresDialect {
  checkUrl(url);
  return new PostgresDialect({
    pool: () => poolOf(url, isPatient ? {} : { statement_timeout: STATEMENT_MS, query_timeout: QUERY_MS }),
    onCreateConnection: async (connection) => void (await connection.executeQuery(CompiledQuery.raw(DURABLE))),
  });
}

/** Says nothing of the URL itself: it may hold a password. */
function checkUrl(url: string): void {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return;
  throw new StoreError({
    code: 'PICKET-C111',
    message: 'the address of the database cannot be read; nothing was changed',
    help: 'it is like postgres://user:password@host:5432/database; a password with "@", "/" or ":" is percent-encoded',
  });
}

async function poolOf(url: string, patience: pg.PoolConfig): Promise<PostgresPool> {
  // Loaded here alone: a controller with a file of its own has no use for it.
  const { default: driver } = await import('pg');
  const pool = new driver.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS,
    ...patience,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'picket-controller',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 || oid === NUMERIC ? Number : driver.types.getTypeParser(oid, format),
    },
  });
  // A connection that breaks while idle is replaced by the next query.
  pool.on('error', () => {});
  const known = new WeakMap<pg.PoolClient, Replaced>();
  return {
    connect: async () => {
      const client = await pool.connect();
      const replaced = known.get(client) ?? new Replaced(client);
      known.set(client, replaced);
      return replaced;
    },
    end: () => pool.end(),
  };
}

const COMMANDS = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'] as const;

/** A connection that is not used again once it failed in a way that leaves open what it still waits for. */
class Replaced implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  #isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    // Without a listener the loss of a connection in use would end the process; the query under way rejects as well.
    client.on('error', () => {
      this.#isBroken = true;
    });
  }

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new TypeError('only texts are asked');
    return this.#ask(text, values);
  }

  async #ask<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(text, [...values]);
      return { command: COMMANDS.find((one) => one === command) ?? 'SELECT', rowCount: rowCount ?? 0, rows };
    } catch (error) {
      // What the server refused has a code of its own, and the connection goes on.
      if (!/^[0-9A-Z]{5}$/.test(systemCode(error))) this.#isBroken = true;
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }
}
