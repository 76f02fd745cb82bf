// Every topic's functions on an SQLite file and on a real PostgreSQL: each as it promises, and both alike.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from '#store';
import { domainsSuite } from './domains.suite.testing.ts';
import { missingPostgres, startPostgres, type TestPostgres } from './postgres.testing.ts';
import type { Case, Suite } from './suite.testing.ts';

const SUITES: readonly Suite[] = [domainsSuite];

const missing = missingPostgres();
const folder = mkdtempSync(join(tmpdir(), 'picket-store-'));
let postgres: TestPostgres | null = null;
let files = 0;

beforeAll(async () => {
  if (missing === null) postgres = await startPostgres();
}, 90_000);
afterAll(async () => {
  await postgres?.end();
  rmSync(folder, { recursive: true, force: true });
});

async function seen(url: string | null, run: Case): Promise<unknown> {
  const store: Store = await openStore({ file: join(folder, `${++files}.db`), url });
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

describe.each(SUITES)('topic $topic', ({ cases }) => {
  for (const [title, run] of Object.entries(cases)) {
    it(`${title}: on SQLite`, async () => {
      await seen(null, run);
    });

    it.skipIf(missing !== null)(`${title}: on PostgreSQL as on SQLite`, async () => {
      const url = (await postgres?.fresh()) ?? null;
      expect(url).not.toBeNull();
      expect(await seen(url, run)).toEqual(await seen(null, run));
    });
  }
});
