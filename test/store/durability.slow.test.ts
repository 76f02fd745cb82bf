// What was acknowledged stays: after a kill in the middle of writing, on a full disk, with the database away. And who may open a database at all.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore, type Store, setSetting, setting } from '#store';
import { missingPostgres, startPostgres, type TestPostgres } from './postgres.testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WRITER = fileURLToPath(new URL('./writer.testing.mjs', import.meta.url));
const ROUNDS = 6;
const missing = missingPostgres();
const folder = mkdtempSync(join(tmpdir(), 'picket-durable-'));
let postgres: TestPostgres | null = null;

beforeAll(async () => {
  // The writer runs the built program, which this brings up to date.
  expect(spawnSync(join(ROOT, 'picket'), ['version'], { encoding: 'utf8' }).status).toBe(0);
  if (missing === null) postgres = await startPostgres();
}, 180_000);
afterAll(async () => {
  await postgres?.end();
  rmSync(folder, { recursive: true, force: true });
});

interface Place {
  readonly file: string;
  readonly url: string | null;
}

async function withStore<T>(place: Place, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(place);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Kills the writer in the middle of the next commit, and gives what it said was acknowledged. */
async function writeAndKill({ file, url }: Place, round: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, file, url ?? '', String(round)], { cwd: ROOT });
  let said = '';
  let complaint = '';
  child.stderr.on('data', (piece) => {
    complaint += piece;
  });
  child.stdout.on('data', (piece) => {
    said += piece;
    if (said.split('\n').length > 10 + round * 13) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(complaint).toBe('');
  return said.split('\n').slice(0, -1);
}

async function killedOver(place: Place): Promise<void> {
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await writeAndKill(place, round)));
    await withStore(place, async ({ db }) => {
      const { rows } = await sql<{ readonly key: string }>`SELECT key FROM settings`.execute(db);
      const keys = new Set(rows.map(({ key }) => key));
      expect(acknowledged.filter((name) => !keys.has(`${name}-a`) || !keys.has(`${name}-b`))).toEqual([]);
      // A commit that was not acknowledged is there whole or not at all.
      expect(rows.length % 2).toBe(0);
    });
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 10);
}

describe('a writer that is killed', () => {
  it('loses nothing acknowledged in SQLite', () => killedOver({ file: join(folder, 'killed.db'), url: null }), 60_000);

  it.skipIf(missing !== null)(
    'loses nothing acknowledged in PostgreSQL',
    async () => killedOver({ file: '', url: (await postgres?.fresh()) ?? '' }),
    60_000,
  );
});

describe('SQLite', () => {
  const file = join(folder, 'one.db');

  it('lets no second one in, and the next one as soon as the first is gone', async () => {
    await withStore({ file, url: null }, async () => {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      await expect(openStore({ file, url: null })).rejects.toMatchObject({ code: 'PICKET-C101' });
      const words = [
        '--input-type=module',
        '-e',
        `import { openStore } from '#store'; await openStore({ file: ${JSON.stringify(file)}, url: null });`,
      ];
      const { stderr, status } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
      expect([status, stderr.includes('PICKET-C101')]).toEqual([1, true]);
    });
    await withStore({ file, url: null }, ({ db }) => setSetting(db, 'again', '1'));
  });

  it.each([
    ['no folder', join(folder, 'none', 'x.db'), null, 'PICKET-C104'],
    ['a folder', folder, null, 'PICKET-C104'],
    [
      'another kind of file',
      join(folder, 'text.db'),
      'this is some text and no database at all'.repeat(50),
      'PICKET-C105',
    ],
  ])('refuses %s', async (_, path, content, code) => {
    if (content !== null) writeFileSync(path, content);
    await expect(openStore({ file: path, url: null })).rejects.toMatchObject({ code });
  });

  it('refuses what a newer version wrote, and leaves it', async () => {
    const path = join(folder, 'newer.db');
    await withStore({ file: path, url: null }, ({ db }) =>
      sql`INSERT INTO picket_migrations VALUES ('9999-later')`.execute(db),
    );
    await expect(openStore({ file: path, url: null })).rejects.toMatchObject({ code: 'PICKET-C103' });
    await expect(openStore({ file: path, url: null, isAsFound: true })).rejects.toMatchObject({ code: 'PICKET-C103' });
    const gone = openStore({ file: join(folder, 'gone.db'), url: null, isAsFound: true });
    await expect(gone).rejects.toMatchObject({ code: 'PICKET-C104' });
  });

  const why = process.getuid?.() === 0 ? null : 'a disk of its own needs root';
  it.skipIf(why !== null)(`takes a change back whole on a full disk${why === null ? '' : `: ${why}`}`, async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]).status).toBe(0);
    try {
      await withStore({ file: join(disk, 'full.db'), url: null }, async (store) => {
        const fill = (number: number) =>
          store.transaction(async (db) => {
            for (const half of ['a', 'b']) await setSetting(db, `${number}-${half}`, 'x'.repeat(40_000));
          });
        let kept = 0;
        const refusal = await (async () => {
          for (; kept < 200; kept++) await fill(kept);
          return null;
        })().catch((error: unknown) => error);
        expect(refusal).toMatchObject({ code: 'PICKET-C106' });
        const { rows } = await sql<{ readonly key: string }>`SELECT key FROM settings`.execute(store.db);
        expect(rows).toHaveLength(2 * kept);
        expect(kept).toBeGreaterThan(3);
        // It goes on by itself as soon as there is room.
        expect(spawnSync('mount', ['-o', 'remount,size=12m', disk]).status).toBe(0);
        await fill(kept);
        expect(await setting(store.db, `${kept}-b`)).toHaveLength(40_000);
      });
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});

describe.skipIf(missing !== null)(`PostgreSQL${missing === null ? '' : `: ${missing}`}`, () => {
  it('makes its tables once, although several begin at the same time', async () => {
    const url = (await postgres?.fresh()) ?? '';
    const stores = await Promise.all([1, 2, 3, 4].map(() => openStore({ file: '', url })));
    await Promise.all(stores.map(({ db }, number) => setSetting(db, String(number), '1')));
    for (const { db } of stores) expect(await setting(db, '3')).toBe('1');
    await Promise.all(stores.map((store) => store.close()));
  });

  it('tells by a code that it is away, and goes on by itself when it is back', async () => {
    const url = (await postgres?.fresh()) ?? '';
    await withStore({ file: '', url }, async (store) => {
      await setSetting(store.db, 'before', '1');
      let inside = () => {};
      const isInside = new Promise<void>((resolve) => {
        inside = resolve;
      });
      let go = () => {};
      const mayGo = new Promise<void>((resolve) => {
        go = resolve;
      });
      const cut = store
        .transaction(async (db) => {
          await setSetting(db, 'half', '1');
          inside();
          await mayGo;
          await setSetting(db, 'before', '2');
        })
        .catch((error: unknown) => error);
      await isInside;
      await postgres?.stop('immediate');
      go();
      expect(await cut).toMatchObject({ code: 'PICKET-C102' });
      await expect(setting(store.db, 'before')).rejects.toMatchObject({ code: 'PICKET-C102' });
      await expect(openStore({ file: '', url })).rejects.toMatchObject({ code: 'PICKET-C102' });
      await postgres?.start();
      await vi.waitFor(async () => expect(await setting(store.db, 'before')).toBe('1'), { timeout: 20_000 });
      expect(await setting(store.db, 'half')).toBeNull();
    });
  });

  it('says neither address nor password where it cannot be opened', async () => {
    const good = new URL((await postgres?.fresh()) ?? '');
    const none = new URL(good);
    none.pathname = '/none';
    for (const [url, code] of [
      ['http://picket:hush@db/x', 'PICKET-C111'],
      ['postgres:hush', 'PICKET-C111'],
      ['postgres://picket:hush@127.0.0.1:1/x', 'PICKET-C102'],
      [none.href.replace('picket@', 'picket:hush@'), 'PICKET-C110'],
    ] as const) {
      const error = await openStore({ file: '', url }).catch((one: unknown) => one);
      expect([url, error]).toEqual([url, expect.objectContaining({ code })]);
      expect(String(error)).not.toContain('hush');
    }
  });

  it('refuses what a newer version wrote', async () => {
    const place = { file: '', url: (await postgres?.fresh()) ?? '' };
    await expect(openStore({ ...place, isAsFound: true })).rejects.toMatchObject({ code: 'PICKET-C105' });
    await withStore(place, ({ db }) => sql`INSERT INTO picket_migrations VALUES ('9999-later')`.execute(db));
    await expect(openStore(place)).rejects.toMatchObject({ code: 'PICKET-C103' });
  });
});
