// The restore drill: every table of either database comes back from a backup of either, while it is being written; what is damaged, newer or hostile is refused.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backUpController, readConfig, restoreController } from '#controller';
import {
  backupBytes,
  backupTo,
  checkBackup,
  openStore,
  restoreBackup,
  type Store,
  setSetting,
  setting,
  tablesOf,
} from '#store';
import { missingPostgres, startPostgres, type TestPostgres } from './postgres.testing.ts';

const missing = missingPostgres();
const folder = mkdtempSync(join(tmpdir(), 'picket-backup-'));
const now = 1_790_000_000_000;
let postgres: TestPostgres | null = null;
let names = 0;

const place = (): string => join(folder, `place-${++names}`);
const sqliteAt = (file = `${place()}.db`) => ({ file, url: null });
const newPostgres = async () => ({ file: '', url: (await postgres?.fresh()) ?? '' });

beforeAll(async () => {
  if (missing === null) postgres = await startPostgres(['-c', 'fsync=off']);
}, 90_000);
afterAll(async () => {
  await postgres?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Rows in every table there is, whatever its topic: by the types of its columns. */
async function fill(store: Store): Promise<void> {
  const { rows } = await sql<{ t: string; c: string; kind: string }>`${sql.raw(
    store.kind === 'sqlite'
      ? `SELECT made.name AS t, info.name AS c, lower(info.type) AS kind FROM sqlite_schema AS made JOIN pragma_table_info(made.name) AS info WHERE made.type = 'table'`
      : `SELECT table_name::text AS t, column_name::text AS c, data_type::text AS kind FROM information_schema.columns WHERE table_schema = current_schema()`,
  )}`.execute(store.db);
  for (const { name, columns } of await tablesOf(store))
    for (let number = 0; number < 700; number++) {
      const values = columns.map((column) => {
        const kind = rows.find(({ t, c }) => t === name && c === column)?.kind;
        if (kind !== 'text') return kind === 'integer' ? number : Number.MAX_SAFE_INTEGER - number;
        return number % 2 === 0 ? `${column} ${number}` : `${column} ${number} '"\\\n\t\u{1f600}ü</script>`;
      });
      if (number >= 3 && name !== 'settings') break;
      await sql`INSERT INTO ${sql.table(name)} VALUES (${sql.join(values)})`.execute(store.db);
    }
}

async function contents(store: Store): Promise<unknown> {
  const all: Record<string, unknown> = {};
  for (const { name, columns } of await tablesOf(store)) {
    const list = sql.join(columns.map((column) => sql.ref(column)));
    const { rows } = await sql`SELECT ${list} FROM ${sql.table(name)} ORDER BY 1, 2`.execute(store.db);
    all[name] = rows;
  }
  return all;
}

async function backupOf(store: Store): Promise<string> {
  const path = `${place()}.backup`;
  await backupTo(path, { store, parts: [], now });
  return path;
}

async function withStore<T>(options: Parameters<typeof openStore>[0], work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(options);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

describe('the restore drill', () => {
  const targets = missing === null ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
  const options = async (kind: 'sqlite' | 'postgres') => (kind === 'sqlite' ? sqliteAt() : await newPostgres());

  for (const from of targets)
    it(`takes every table from ${from} into ${targets.join(' and ')}`, async () => {
      const [path, before] = await withStore(await options(from), async (store) => {
        await fill(store);
        return [await backupOf(store), await contents(store)] as const;
      });
      const { head, rows } = await checkBackup(path);
      expect(head.kind).toBe(from);
      expect(rows).toBeGreaterThan(700);
      for (const into of targets) {
        const target = await options(into);
        await restoreBackup({ path, store: target, parts: {} });
        expect(await withStore(target, contents)).toEqual(before);
      }
    });

  for (const kind of targets)
    it(`is of one moment while ${kind} is being written, and goes on afterwards`, async () => {
      const target = sqliteAt();
      await withStore(await options(kind), async (store) => {
        await fill(store);
        let count = 0;
        let isOver = false;
        const write = async () => {
          while (!isOver) {
            const value = String(++count);
            await store.transaction(async (db) => {
              for (const name of ['one', 'two', 'three']) await setSetting(db, name, value);
            });
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        const writing = write();
        const paths: string[] = [];
        for (let round = 0; round < 3; round++) paths.push(await backupOf(store));
        isOver = true;
        await writing;
        expect(await setting(store.db, 'one')).toBe(String(count));
        for (const path of paths.slice(0, 2)) await checkBackup(path);
        await restoreBackup({ path: paths[2] ?? '', store: target, parts: {} });
      });
      const seen = await withStore(target, ({ db }) =>
        Promise.all(['one', 'two', 'three'].map((name) => setting(db, name))),
      );
      expect(new Set(seen).size).toBe(1);
      expect(Number(seen[0])).toBeGreaterThan(0);
      expect(readdirSync(folder).filter((name) => /snapshot|part$|restoring/.test(name))).toEqual([]);
    });

  it('takes folders along, without their locks, and as bytes to be sent the same', async () => {
    const ledger = place();
    mkdirSync(join(ledger, 'deep'), { recursive: true });
    const large = Buffer.alloc(1_200_000, 'ledger line\n');
    writeFileSync(join(ledger, '000001.jsonl'), large);
    writeFileSync(join(ledger, 'deep', 'empty'), '');
    writeFileSync(join(ledger, 'lock'), 'held');
    const into = place();
    const target = sqliteAt();
    await withStore(sqliteAt(), async (store) => {
      const parts = [{ name: 'ledger', folder: ledger }];
      const path = `${place()}.backup`;
      const summary = await backupTo(path, { store, parts, now });
      expect(summary.bytes).toBe(large.length);
      const sent: Uint8Array[] = [];
      for await (const piece of backupBytes({ store, parts, now })) sent.push(piece);
      expect(gunzipSync(Buffer.concat(sent)).equals(gunzipSync(readFileSync(path)))).toBe(true);
      await restoreBackup({ path, store: target, parts: { ledger: into } });
    });
    expect(readFileSync(join(into, '000001.jsonl')).equals(large)).toBe(true);
    expect(readdirSync(into, { recursive: true }).sort()).toEqual(['000001.jsonl', 'deep', 'deep/empty']);
  });
});

describe('a controller', () => {
  it('comes back whole in an empty data folder, and nowhere else', async () => {
    const [data, empty] = [place(), place()];
    mkdirSync(join(data, 'ledger'), { recursive: true });
    mkdirSync(join(data, 'authority'));
    for (const name of [
      'ledger/000001.jsonl',
      'ledger-key.pem',
      'authority/plant.example.key',
      'running.json',
      'events',
    ])
      writeFileSync(join(data, name), name);
    await withStore({ file: join(data, 'picket.db'), url: null }, (store) => setSetting(store.db, 'a', '1'));
    const path = `${place()}.picket`;
    const { config } = readConfig(JSON.stringify({ picket: 1, data }), 'test');
    if (config === null) throw new Error('the configuration does not read');
    await withStore({ file: join(data, 'picket.db'), url: null }, async () => {
      await expect(backUpController(config, { path, now })).rejects.toMatchObject({ code: 'PICKET-C101' });
    });
    await backUpController(config, { path, now });
    await expect(restoreController(config, path)).rejects.toMatchObject({ code: 'PICKET-C123' });
    await restoreController({ ...config, data: empty }, path);
    const names = [
      'authority',
      'authority/plant.example.key',
      'ledger',
      'ledger-key.pem',
      'ledger/000001.jsonl',
      'picket.db',
    ];
    expect(readdirSync(empty, { recursive: true }).sort()).toEqual(names);
    expect(readFileSync(join(empty, 'ledger-key.pem'), 'utf8')).toBe('ledger-key.pem');
    expect(await withStore({ file: join(empty, 'picket.db'), url: null }, ({ db }) => setting(db, 'a'))).toBe('1');
    const nothing = backUpController({ ...config, data: place() }, { path: `${place()}.picket`, now });
    await expect(nothing).rejects.toMatchObject({ code: 'PICKET-C104' });
  });
});

describe('a backup', () => {
  /** Edits the lines and makes the checksum fit again, as somebody hostile would. */
  function forged(path: string, edit: (lines: Record<string, unknown>[]) => Record<string, unknown>[]): string {
    const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(0, -1);
    const edited = edit(lines.map((line) => JSON.parse(line))).map((line) => JSON.stringify(line));
    const sha256 = createHash('sha256')
      .update(`${edited.join('\n')}\n`)
      .digest('hex');
    const rows = edited.map((line) => JSON.parse(line).rows?.length ?? 0).reduce((sum, one) => sum + one, 0);
    const bytes = edited.reduce((sum, line) => sum + Buffer.byteLength(JSON.parse(line).base64 ?? '', 'base64'), 0);
    const made = `${place()}.forged`;
    writeFileSync(made, gzipSync([...edited, JSON.stringify({ end: true, rows, bytes, sha256 }), ''].join('\n')));
    return made;
  }

  it('that is cut, changed, longer or something else is refused, and nothing is made', async () => {
    const path = await withStore(sqliteAt(), async (store) => {
      await fill(store);
      return backupOf(store);
    });
    const whole = readFileSync(path);
    const plain = gunzipSync(whole);
    const cut = (at: number) => gzipSync(plain.subarray(0, at));
    const changed = (at: number) => gzipSync(Buffer.from(plain.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    const lines = plain.toString().split('\n');
    const wrong: readonly (readonly [string, Buffer, RegExp])[] = [
      ['nothing', Buffer.alloc(0), /C12[01]/],
      ['text', Buffer.from('not gzip at all, but long enough'), /C120/],
      ['gzip of something else', gzipSync('{"a":1}\n'), /C120/],
      ['gzip of nothing', gzipSync(''), /C120/],
      ['cut in gzip', whole.subarray(0, whole.length >> 1), /C121/],
      ['without its last byte', whole.subarray(0, -1), /C121/],
      ['without its last line', cut(plain.lastIndexOf('\n', plain.length - 2) + 1), /C121/],
      ['without its line break', cut(plain.length - 1), /C121/],
      ['cut in a line', cut(plain.length >> 1), /C121/],
      ['a byte changed', changed(plain.length >> 1), /C121/],
      ['a byte of its end changed', changed(plain.length - 6), /C121/],
      ['a line twice', gzipSync([...lines.slice(0, 2), ...lines.slice(1)].join('\n')), /C121/],
      ['a line less', gzipSync([...lines.slice(0, 1), ...lines.slice(2)].join('\n')), /C121/],
      ['something behind its end', gzipSync(Buffer.concat([plain, Buffer.from(`${lines[1]}\n`)])), /C121/],
    ];
    for (const [what, bytes, code] of wrong) {
      const file = `${place()}.wrong`;
      writeFileSync(file, bytes);
      const target = sqliteAt();
      const refusal = await restoreBackup({ path: file, store: target, parts: {} }).catch((error: unknown) => error);
      expect([what, refusal]).toEqual([what, expect.objectContaining({ code: expect.stringMatching(code) })]);
      expect(existsSync(target.file)).toBe(false);
    }
    const gone = restoreBackup({ path: join(folder, 'nowhere'), store: sqliteAt(), parts: {} });
    await expect(gone).rejects.toMatchObject({ code: 'PICKET-C120' });
  });

  it('of a newer version, or that names what is not ours, is refused', async () => {
    const path = await withStore(sqliteAt(), async (store) => {
      await setSetting(store.db, 'a', '1');
      return backupOf(store);
    });
    const head = (more: object) => (lines: Record<string, unknown>[]) => [{ ...lines[0], ...more }, ...lines.slice(1)];
    const line = (more: Record<string, unknown>) => (lines: Record<string, unknown>[]) => [...lines, more];
    const hostile = `settings (key, value) VALUES ('x','y'); DROP TABLE domains; --`;
    const wrong = [
      [head({ version: 2 }), 'PICKET-C122'],
      [head({ migrations: ['0001-domains', '9999-later'] }), 'PICKET-C122'],
      [line({ table: hostile, rows: [['x']] }), 'PICKET-C121'],
      [line({ table: 'picket_migrations', rows: [['x']] }), 'PICKET-C121'],
      [head({ tables: [{ name: 'settings', columns: ['key', 'value) VALUES (1,2); --'] }] }), 'PICKET-C121'],
      [line({ part: 'ledger', path: '../outside', base64: '' }), 'PICKET-C121'],
      [line({ part: 'ledger', path: '/etc/passwd', base64: '' }), 'PICKET-C121'],
      [head({ parts: ['..'] }), 'PICKET-C120'],
    ] as const;
    for (const [edit, code] of wrong) {
      const target = sqliteAt();
      const restoring = restoreBackup({ path: forged(path, edit), store: target, parts: {} });
      await expect(restoring).rejects.toMatchObject({ code });
      expect(existsSync(target.file)).toBe(false);
    }
    const target = sqliteAt();
    await restoreBackup({ path: forged(path, (lines) => lines), store: target, parts: {} });
    expect(await withStore(target, ({ db }) => setting(db, 'a'))).toBe('1');
  });

  it('is restored into an empty place only, and written to a new file only', async () => {
    const target = sqliteAt();
    const path = await withStore(target, async (store) => {
      await setSetting(store.db, 'kept', 'yes');
      const made = await backupOf(store);
      await expect(backupTo(made, { store, parts: [], now })).rejects.toMatchObject({ code: 'PICKET-C124' });
      const nowhere = backupTo(join(folder, 'no', 'where'), { store, parts: [], now });
      await expect(nowhere).rejects.toMatchObject({ code: 'PICKET-C124' });
      const both = [backupOf(store), backupOf(store)].map((one) =>
        one.then(
          () => 'made',
          (error: { code: string }) => error.code,
        ),
      );
      expect((await Promise.all(both)).sort()).toEqual(['PICKET-C125', 'made']);
      return made;
    });
    await expect(restoreBackup({ path, store: target, parts: {} })).rejects.toMatchObject({ code: 'PICKET-C123' });
    const filled = place();
    mkdirSync(filled);
    writeFileSync(join(filled, 'mine'), 'kept');
    const mixed = restoreBackup({ path, store: sqliteAt(), parts: { ledger: filled } });
    await expect(mixed).rejects.toMatchObject({ code: 'PICKET-C121' });
    expect(await withStore(target, ({ db }) => setting(db, 'kept'))).toBe('yes');
    if (missing !== null) return;
    const url = await newPostgres();
    await withStore(url, (store) => setSetting(store.db, 'own', '1'));
    await expect(restoreBackup({ path, store: url, parts: {} })).rejects.toMatchObject({ code: 'PICKET-C123' });
    expect(await withStore(url, ({ db }) => setting(db, 'own'))).toBe('1');
  });

  it('of an older version is brought up to this one', async () => {
    const path = await withStore(sqliteAt(), async (store) => {
      await setSetting(store.db, 'old', '1');
      return backupOf(store);
    });
    const older = forged(path, ([head, ...lines]) => {
      const tables = [{ name: 'settings', columns: ['key', 'value'] }];
      return [{ ...head, migrations: ['0001-domains'], tables }, ...lines.filter(({ table }) => table === 'settings')];
    });
    const target = sqliteAt();
    await restoreBackup({ path: older, store: target, parts: {} });
    await withStore(target, async (store) => {
      expect(await setting(store.db, 'old')).toBe('1');
      expect((await tablesOf(store)).length).toBeGreaterThan(10);
    });
  });
});
