// Real controller processes on one PostgreSQL for tests: started from the built files, ended by their id; and a way to the database that can be cut.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, controllerClient } from '#routes';
import { authorityOf, DOMAIN, sender, until } from './controller.testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS_MAX = 60_000;
const SOCKET = '.s.PGSQL.5432';

/** Builds where the built files are older than the source. */
export function built(): void {
  const done = spawnSync(join(ROOT, 'picket'), ['version'], { encoding: 'utf8', timeout: 170_000 });
  if (done.status !== 0) throw new Error(done.stderr);
}

export interface Started {
  readonly child: ChildProcess;
  readonly data: string;
  readonly port: number;
  /** Where agents reach it. */
  readonly address: string;
  readonly origin: string;
  as(secret: string | null): Client;
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly folder: string;
  readonly url: string;
  /** File with the passphrase that all controllers of the database share. */
  readonly passphrase: string;
}

export async function startProcess({ folder, url, passphrase }: StartOptions): Promise<Started> {
  const data = join(folder, 'data');
  const config = join(folder, 'controller.yaml');
  mkdirSync(folder, { recursive: true });
  rmSync(join(data, 'running.json'), { force: true });
  const places = `data: ${data}\ndomain: ${DOMAIN}\nnames: [localhost]\nlisten: 127.0.0.1:0\nagents: 127.0.0.1:0\n`;
  writeFileSync(config, `picket: 1\n${places}database: { url: "${url}" }\npassphrase: ${passphrase}\n`);
  const words = ['dist/bin/picket.js', 'controller', 'run', '--config', config];
  const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  await until('it is ready', () => child.exitCode !== null || running(data) !== null, READY_MS_MAX);
  const found = running(data);
  if (found === null) throw new Error(said);
  const fetch = sender({ port: found.port, ca: authorityOf(data) });
  return {
    child,
    data,
    port: found.port,
    address: `localhost:${found.agentsPort}`,
    origin: `https://localhost:${found.port}`,
    as: (secret) => controllerClient(fetch, secret === null ? {} : { authorization: `Bearer ${secret}` }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

interface Told {
  readonly port: number;
  readonly agentsPort: number;
  /** Codes of what is not well. */
  readonly codes: readonly unknown[];
}

/** What it says of itself in its folder; null before it is ready. */
export function running(data: string): Told | null {
  try {
    const { port, agentsPort, states } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8'));
    return { port, agentsPort, codes: states.map(({ code }: { readonly code: unknown }) => code) };
  } catch {
    return null;
  }
}

/** What a controller with this folder is called among its peers. */
export function nameOf(data: string): string {
  return readFileSync(join(data, 'controller-name'), 'utf8').trim();
}

/** A way to a PostgreSQL's socket. Cut, it is as a network that drops what it gets: nothing arrives, and nothing is refused. */
export class Way {
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(folder: string, url: string) {
    this.#folder = folder;
    const target = join(new URL(url).searchParams.get('host') ?? '', SOCKET);
    this.#server = createServer((near) => {
      const far = connect(target);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        if (this.#isCut) from.pause();
        from.on('data', (bytes) => to.write(bytes));
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  async open(url: string): Promise<string> {
    mkdirSync(this.#folder, { recursive: true });
    this.#server.listen(join(this.#folder, SOCKET));
    await once(this.#server, 'listening');
    const through = new URL(url);
    through.searchParams.set('host', this.#folder);
    return through.href;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was under way arrives, late. */
  heal(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
