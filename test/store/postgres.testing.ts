// A private PostgreSQL for tests: Debian's package, an unprivileged user, a folder and a Unix socket of its own. Never the machine's own cluster.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const PACKAGED = '/usr/lib/postgresql';
const STARTED_MS_MAX = 60_000;
const STOPPED_MS_MAX = 20_000;

/** Why no PostgreSQL can be started here, or null. */
export function missingPostgres(): string | null {
  if (binaries() === null) return 'PostgreSQL is not installed (Debian: postgresql)';
  if (process.getuid?.() === 0 && unprivileged() === null)
    return 'there is no user "postgres" or "nobody" to run it as';
  return null;
}

export interface TestPostgres {
  /** The URL of a new, empty database. */
  fresh(): Promise<string>;
  /** As after a power cut, where `immediate`. Connections break. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  /** After a stop, on the same data and at the same URLs. */
  start(): Promise<void>;
  /** Stops it and takes its folder away. */
  end(): Promise<void>;
}

/** `settings`: more arguments of the server, as `-c name=value`. */
export async function startPostgres(settings: readonly string[] = []): Promise<TestPostgres> {
  const bin = binaries();
  if (bin === null) throw new Error('PostgreSQL is not installed');
  const user = process.getuid?.() === 0 ? unprivileged() : null;
  const folder = mkdtempSync(join(tmpdir(), 'picket-pg-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  for (const path of [folder, data]) {
    chmodSync(path, 0o700);
    if (user !== null) chownSync(path, user.uid, user.gid);
  }
  const initialised = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'picket', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...user,
    cwd: folder,
    encoding: 'utf8',
  });
  if (initialised.status !== 0) throw new Error(`initdb: ${initialised.stderr}`);
  const urlOf = (name: string): string => `postgres://picket@localhost/${name}?host=${encodeURIComponent(folder)}`;
  let server: ChildProcess | null = null;
  let databases = 0;

  const start = async (): Promise<void> => {
    const options = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=60', ...settings];
    server = spawn(join(bin, 'postgres'), options, { ...user, cwd: folder, stdio: 'ignore' });
    await reachable(urlOf('postgres'));
  };
  const stop = async (how: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  await start();
  return {
    async fresh() {
      const name = `test${++databases}`;
      // The order of a language and not of bytes: what differs from SQLite has to come from us.
      await ask(urlOf('postgres'), `CREATE DATABASE ${name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`);
      return urlOf(name);
    },
    start,
    stop,
    async end() {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function reachable(url: string): Promise<void> {
  const deadline = Date.now() + STARTED_MS_MAX;
  for (;;) {
    try {
      await ask(url, 'SELECT 1');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Folder of the newest version that is installed. */
function binaries(): string | null {
  const versions = existsSync(PACKAGED) ? readdirSync(PACKAGED) : [];
  const newest = versions.sort((one, other) => Number(other) - Number(one));
  return newest.map((version) => join(PACKAGED, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null;
}

function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {}
  }
  return null;
}
