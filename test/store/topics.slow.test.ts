// Every topic's functions on an SQLite file and on a real PostgreSQL: each as it promises, and both alike.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store, tablesOf } from '#store';
import { actsSuite } from './acts.suite.testing.ts';
import { agentsSuite } from './agents.suite.testing.ts';
import { authoritySuite } from './authority.suite.testing.ts';
import { domainsSuite } from './domains.suite.testing.ts';
import { flowsSuite } from './flows.suite.testing.ts';
import { peopleSuite } from './people.suite.testing.ts';
import { policiesSuite } from './policies.suite.testing.ts';
import { missingPostgres, startPostgres, type TestPostgres } from './postgres.testing.ts';
import { proposalsSuite } from './proposals.suite.testing.ts';
import { seenSuite } from './seen.suite.testing.ts';
import { storeSuite } from './store.suite.testing.ts';
import type { Case, Suite } from './suite.testing.ts';

const SUITES: readonly Suite[] = [
  storeSuite,
  domainsSuite,
  actsSuite,
  authoritySuite,
  flowsSuite,
  agentsSuite,
  policiesSuite,
  seenSuite,
  proposalsSuite,
  peopleSuite,
];

const missing = missingPostgres();
const folder = mkdtempSync(join(tmpdir(), 'picket-store-'));
let postgres: TestPostgres | null = null;

beforeAll(async () => {
  if (missing === null) postgres = await startPostgres(['-c', 'fsync=off', '-c', 'full_page_writes=off']);
}, 90_000);
afterAll(async () => {
  await postgres?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Takes every row away: a case begins with an empty store. */
async function empty(store: Store): Promise<void> {
  for (const { name } of await tablesOf(store)) await sql`DELETE FROM ${sql.table(name)}`.execute(store.db);
}

describe.each(SUITES)('topic $topic', ({ topic, cases }) => {
  const seen = new Map<string, unknown>();
  let sqlite: Store | null = null;
  let postgresql: Store | null = null;
  beforeAll(async () => {
    sqlite = await openStore({ file: join(folder, `${topic}.db`), url: null });
    if (postgres !== null) postgresql = await openStore({ file: '', url: await postgres.fresh() });
  }, 60_000);
  afterAll(async () => {
    await sqlite?.close();
    await postgresql?.close();
  });

  const on = async (store: Store | null, run: Case): Promise<unknown> => {
    if (store === null) throw new Error('the store is not open');
    await empty(store);
    return run(store);
  };

  for (const [title, run] of Object.entries(cases)) {
    it(`${title}: on SQLite`, async () => {
      seen.set(title, await on(sqlite, run));
    });

    it.skipIf(missing !== null)(`${title}: on PostgreSQL as on SQLite`, async () => {
      expect(await on(postgresql, run)).toEqual(seen.get(title));
    });
  }
});
