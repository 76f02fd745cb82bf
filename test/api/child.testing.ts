// A server of the API as a process of its own, so that its memory can be looked at, and raw sockets to it. Not for anything but tests.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A loaded machine of two cores takes its time; a wait that long has failed. */
export const WAIT_MS_MAX = 60_000;

/** Builds the program of this folder into one file. */
export async function buildServer(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: { '#routes': join(root, 'src/core/routes/index.ts') },
    },
    ssr: { noExternal: true },
    build: {
      ssr: join(root, 'test/api/server.testing.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'server.mjs', format: 'es' } },
    },
  });
}

export class ServerProcess {
  readonly #child: ChildProcess;
  /** What it told besides its port: bugs. */
  readonly lines: string[] = [];
  port = 0;

  constructor(folder: string) {
    this.#child = spawn(process.execPath, ['--max-old-space-size=256', join(folder, 'server.mjs')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  start(): Promise<void> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('no pipes');
    createInterface({ input: stderr }).on('line', (line) => this.lines.push(line));
    return new Promise((resolve, reject) => {
      this.#child.once('exit', (code) => reject(new Error(`ended with ${code}: ${this.lines.join('\n')}`)));
      createInterface({ input: stdout }).on('line', (line) => {
        this.port = Number(/^port (\d+)$/.exec(line)?.[1] ?? this.port);
        if (!line.startsWith('port ')) this.lines.push(line);
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The most memory that it ever had resident. */
  get peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1_024;
  }

  stop(): Promise<void> {
    if (!this.isRunning) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.kill('SIGKILL');
    });
  }
}

export interface Heard {
  readonly text: string;
  /** Statuses of all answers, in order. */
  readonly statuses: readonly number[];
  /** Codes of all problems, in order. */
  readonly codes: readonly string[];
}

export function heardOf(text: string): Heard {
  const statuses = [...text.matchAll(/(?:^|\}|\n)HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  const codes = [...text.matchAll(/"code":"(PICKET-C\d{3})","hint"/g)].map(([, code]) => code ?? '');
  return { text, statuses, codes };
}

/** A socket that keeps what it hears. */
export class Raw {
  readonly socket: Socket;
  #heard = '';
  #isClosed = false;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('data', (chunk) => {
      this.#heard += chunk.toString('latin1');
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  get heard(): Heard {
    return heardOf(this.#heard);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  say(bytes: string): void {
    if (!this.socket.destroyed) this.socket.write(bytes, 'latin1');
  }

  /** Waits until it is closed by the other side. */
  async closed(): Promise<Heard> {
    await until(() => this.#isClosed);
    return this.heard;
  }

  async until(isDone: (heard: Heard) => boolean): Promise<Heard> {
    await until(() => isDone(this.heard));
    return this.heard;
  }

  end(): void {
    this.socket.destroy();
  }
}

export async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + WAIT_MS_MAX;
  while (!isDone()) {
    if (Date.now() > end) throw new Error(`waited ${WAIT_MS_MAX} ms for ${isDone}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
