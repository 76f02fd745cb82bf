// Roll-ups of traffic on both stores: how fast reports are summed, as a ratio to bare inserts of the same rows in the same run, and how long a page takes
// when millions of rows are stored. `--rows N` (10,000,000), `--store sqlite|postgres` (both). PostgreSQL is started here, where it is installed.

import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { flowPage, MINUTE, noteTraffic, openStore } from '#store';

const ROWS = 10_000_000;
const DOMAIN = 'plant.example';
const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 20);
/** Each agent tells of so many conversations a minute. */
const CONVERSATIONS = 1_000;
const AGENTS = 20;
/** Reports that are timed, in turns with the bare inserts of the same number of rows. */
const REPORTS = 40;
const PAGES = 20;

export async function bench(flags = []) {
  const rows = Number(flagValue(flags, '--rows') ?? ROWS);
  const only = flagValue(flags, '--store');
  const folder = mkdtempSync(join(tmpdir(), 'picket-rollups-'));
  const results = [];
  try {
    if (only !== 'postgres') results.push(await measure({ file: join(folder, 'rollups.db'), url: null }, rows));
    if (only !== 'sqlite') {
      const server = await startPostgres(folder);
      if (server === null) results.push({ store: 'postgres', skipped: 'PostgreSQL is not installed' });
      else
        try {
          results.push(await measure({ file: '', url: server.url }, rows));
        } finally {
          await server.stop();
        }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    what: `roll-ups: reports of ${CONVERSATIONS} conversations against bare inserts; pages at ${rows} rows`,
    rows: results,
  };
}

function flagValue(flags, name) {
  const at = flags.indexOf(name);
  return at === -1 ? undefined : flags[at + 1];
}

async function measure(place, rows) {
  const store = await openStore(place);
  try {
    const fillSeconds = await timed(() => fill(store, rows, place));
    if (store.kind === 'postgres') await patiently(place, store.db, sql`ANALYZE flow_rollups`);
    const ingest = await ingestAgainstBare(store, rows);
    return {
      store: store.kind,
      stored: rows,
      'fill s': fillSeconds.toFixed(0),
      ...ingest,
      ...(await pages(store, rows)),
    };
  } finally {
    await store.close();
  }
}

async function timed(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1e3;
}

/** The rows as ingestion would leave them, made inside the database: minutes of 20 agents, one denial in fifty. */
async function fill({ db, kind, transaction }, rows, place) {
  // Made anew in one piece afterwards: row by row they would take most of the time, and nothing here is measured.
  const indexes = {
    flow_rollups_from: sql`(domain, from_end, span, bucket)`,
    flow_rollups_to: sql`(domain, to_end, span, bucket)`,
    flow_rollups_denied: sql`(domain, span, bucket, agent, id) WHERE reason IS NOT NULL`,
  };
  // Dropping an index drops what SQLite knows of its rows by the migration.
  const known = kind === 'sqlite' ? (await sql`SELECT * FROM sqlite_stat1`.execute(db)).rows : [];
  for (const name of Object.keys(indexes)) await sql`DROP INDEX ${sql.ref(name)}`.execute(db);
  const step = 250_000;
  for (let from = 0; from < rows; from += step) {
    const numbers =
      kind === 'sqlite'
        ? sql`(WITH RECURSIVE n(i) AS (SELECT ${from} + 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.min(from + step, rows) - 1}) SELECT CAST(i AS integer) AS i FROM n)`
        : sql`(SELECT i FROM generate_series(${from}::bigint, ${Math.min(from + step, rows) - 1}::bigint) AS i)`;
    const text = (value) => (kind === 'sqlite' ? sql`CAST(${value} AS text)` : sql`(${value})::text`);
    const i = sql.raw('n.i');
    // In the order of the key: minutes hold agents, agents hold conversations.
    const id = kind === 'sqlite' ? sql`printf('%022d', ${i})` : sql`lpad((${i})::text, 22, '0')`;
    const agent = sql`10 + (${i} / ${sql.lit(CONVERSATIONS)}) % ${sql.lit(AGENTS)}`;
    await transaction((inside) =>
      sql`INSERT INTO flow_rollups SELECT ${DOMAIN}, 60, ${sql.lit(START)} + ${sql.lit(MINUTE_MS)} * (${i} / ${sql.lit(AGENTS * CONVERSATIONS)}),
        'gw-' || ${text(agent)}, ${id},
        'el-' || ${text(sql`${i} % 5003`)}, '10.0.' || ${text(sql`${i} % 251`)} || '.7', 1, 'el-' || ${text(sql`${i} % 307`)}, '10.9.0.' || ${text(sql`${i} % 251`)}, 1,
        'tcp', 1 + ${i} % 60000, CASE WHEN ${i} % 50 = 0 THEN 'no-rule' END, 1, 'rule-' || ${text(sql`${i} % 97`)},
        1, 10, 10, 1000, 1000, ${sql.lit(START)}, ${sql.lit(START)}, 0, 1 FROM ${numbers} AS n`.execute(inside),
    );
  }
  for (const [name, columns] of Object.entries(indexes))
    await patiently(place, db, sql`CREATE INDEX ${sql.ref(name)} ON flow_rollups ${columns}`);
  for (const { tbl, idx, stat } of known)
    await sql`INSERT INTO sqlite_stat1 SELECT ${tbl}, ${idx}, ${stat} WHERE NOT EXISTS (SELECT 1 FROM sqlite_stat1 WHERE idx = ${idx})`.execute(
      db,
    );
  if (kind === 'sqlite') await sql`ANALYZE sqlite_schema`.execute(db);
}

/** Outside of the store, which stops what takes long. */
async function patiently({ url }, db, statement) {
  if (url === null) return statement.execute(db);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement.compile(db).sql).finally(() => client.end());
}

function reportOf(number, base) {
  const minuteMs = base + Math.floor(number / AGENTS) * MINUTE_MS;
  const flows = Array.from({ length: CONVERSATIONS }, (_, at) => ({
    minuteMs,
    fromElement: `el-${(number * 13 + at) % 5_003}`,
    fromAddress: '10.0.0.7',
    toElement: `el-${at % 307}`,
    toAddress: '10.9.0.7',
    protocol: 'tcp',
    port: 1 + (at % 60_000),
    reason: at % 50 === 0 ? 'no-rule' : null,
    isEnforced: true,
    rule: `rule-${at % 97}`,
    openings: 1,
    packetsSent: 10,
    packetsReceived: 10,
    bytesSent: 1_000,
    bytesReceived: 1_000,
    firstMs: minuteMs,
    lastMs: minuteMs,
  }));
  return { domain: DOMAIN, agent: `gw-${10 + (number % AGENTS)}`, flows, verdicts: [], atMs: minuteMs };
}

/** In turns, so that both meet the same disk and the same caches. The bare table has the same columns and no index. */
async function ingestAgainstBare(store, rows) {
  const base = START + Math.ceil(rows / (AGENTS * CONVERSATIONS)) * MINUTE_MS;
  await sql`CREATE TABLE bare AS SELECT * FROM flow_rollups WHERE 1 = 0`.execute(store.db);
  const model = await store.db.selectFrom('flow_rollups').selectAll().limit(1).executeTakeFirstOrThrow();
  const bareRows = Array.from({ length: CONVERSATIONS }, () => model);
  const spent = { bare: 0, summed: 0, again: 0 };
  for (let number = 0; number < REPORTS; number++) {
    const report = reportOf(number, base);
    spent.bare += await timed(() =>
      store.transaction(async (db) => {
        for (let from = 0; from < bareRows.length; from += 500)
          await db
            .insertInto('bare')
            .values(bareRows.slice(from, from + 500))
            .execute();
      }),
    );
    spent.summed += await timed(() => store.transaction((db) => noteTraffic(db, report)));
    spent.again += await timed(() => store.transaction((db) => noteTraffic(db, report)));
  }
  await sql`DROP TABLE bare`.execute(store.db);
  const rate = (seconds) => Math.round((REPORTS * CONVERSATIONS) / seconds);
  return {
    'bare rows/s': rate(spent.bare),
    'new conversations/s': rate(spent.summed),
    'known conversations/s': rate(spent.again),
    'new to bare': (spent.bare / spent.summed).toFixed(2),
    'known to bare': (spent.bare / spent.again).toFixed(2),
  };
}

/** Longest of some pages each, at times spread over all that is stored. */
async function pages({ db }, rows) {
  const last = START + Math.ceil(rows / (AGENTS * CONVERSATIONS)) * MINUTE_MS;
  const kinds = {
    newest: () => ({}),
    end: (number) => ({ end: `el-${number * 11}` }),
    denied: () => ({ isDenied: true }),
    'rule (looked through)': (number) => ({ rule: `rule-${number}` }),
    'nothing found': () => ({ rule: 'none' }),
  };
  const worst = {};
  for (const [name, filter] of Object.entries(kinds)) {
    const times = [];
    for (let number = 0; number < PAGES; number++) {
      const untilMs = START + ((last - START) / PAGES) * (number + 1);
      const ask = { domain: DOMAIN, span: MINUTE, sinceMs: 0, untilMs, before: null, limit: 100, ...filter(number) };
      times.push((await timed(() => flowPage(db, ask))) * 1e3);
    }
    worst[`ms ${name}`] = Math.max(...times).toFixed(0);
  }
  return worst;
}

async function startPostgres(below) {
  const bin = postgresFolder();
  if (bin === null) return null;
  const folder = join(below, 'postgres');
  mkdirSync(folder, { mode: 0o700 });
  const dropped = process.getuid?.() === 0 ? idsOf('postgres') : {};
  if (dropped.uid !== undefined) {
    // The folder around it is root's own, and a server has to pass through it.
    chownSync(below, dropped.uid, dropped.gid);
    chownSync(folder, dropped.uid, dropped.gid);
  }
  const data = join(folder, 'data');
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'picket', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...dropped,
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'shared_buffers=512MB',
    'max_wal_size=8GB',
  ];
  const words = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const child = spawn(join(bin, 'postgres'), words, { ...dropped, cwd: folder, stdio: 'ignore' });
  const url = `postgres://picket@localhost/postgres?host=${encodeURIComponent(folder)}`;
  for (let tries = 0; ; tries++) {
    const store = await openStore({ file: '', url }).catch((error) => error);
    if (!(store instanceof Error)) {
      await store.close();
      break;
    }
    if (tries === 100) throw store;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGQUIT');
      }),
  };
}

function postgresFolder() {
  const packaged = '/usr/lib/postgresql';
  const versions = existsSync(packaged) ? readdirSync(packaged).sort((one, other) => Number(other) - Number(one)) : [];
  return (
    versions.map((version) => join(packaged, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null
  );
}

function idsOf(user) {
  const id = (flag) => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}
