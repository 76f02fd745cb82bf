// The machine of the real world for the `Machine` port: children without a shell, small files, signals, the terminal.

import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { open, readdir, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Entry, Machine, RunEnd, RunOptions, Started } from '#cli';
import { fileError, writeSecret } from './files.ts';
import { httpsTo, shownBy } from './https.ts';

/** A small program's output; a ruleset of a million lines is cut. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const RUN_MILLIS = 10_000;
/** Files read whole are those of /proc and logs' ends. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;
const PERMISSIONS = 0o7777;
const LOG_MODE = 0o600;
/** A longer log is put aside at the next start, in place of the one put aside before. */
const LOG_BYTES_MAX = 1_000_000;
const FOLDER_MODE = 0o700;
/** Where nft and conntrack are, which the path of an ordinary user leaves out. */
const ROOT_FOLDERS = '/usr/sbin:/sbin';
const PROGRAM = fileURLToPath(new URL('./picket.js', import.meta.url));

/**
 * Of processes that stay. One thread of V8's own in place of four, and a young generation of 1 MB in place of 16: together 3 MB less for a controller and 13 MB less for
 * an agent three seconds after its start, and less that grows with what passes by. `npm run bench -- start` shows it.
 */
const STAYING = ['--v8-pool-size=1', '--max-semi-space-size=1'];

let told: (() => void) | null = null;

/** Tells the command that waits for it to end; false where none waits. */
export function tellToEnd(): boolean {
  const tell = told;
  told = null;
  tell?.();
  return tell !== null;
}

export const machine: Machine = {
  nodeVersion: process.versions.node,
  pid: process.pid,
  packageFolder: fileURLToPath(new URL('../..', import.meta.url)),
  uid: process.getuid?.() ?? -1,
  timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  elapsed: () => Math.floor(performance.now() * 1_000),
  environment: (name) => process.env[name] ?? null,
  absolute: (path) => resolve(path),
  run,
  text,
  entry,
  names: (path) => readdir(path).catch(() => []),
  freeBytes,
  startPicket,
  keepSecret,
  https: httpsTo,
  shown: shownBy,
  forget,
  // A quarter less resident memory for a controller, at no cost that was measured.
  spareMemory: () => setFlagsFromString('--optimize-for-size'),
  wait: (millis) => new Promise((done) => setTimeout(done, millis)),
  onTold: (tell) => {
    told = tell;
  },
  ask,
};

function run([program = '', ...words]: readonly string[], options: RunOptions = {}): Promise<RunEnd> {
  return new Promise((done) => {
    const child = execFile(
      program,
      words,
      {
        timeout: options.timeoutMillis ?? RUN_MILLIS,
        maxBuffer: OUTPUT_BYTES_MAX,
        killSignal: 'SIGKILL',
        env: machine.uid === 0 ? process.env : { ...process.env, PATH: `${process.env.PATH ?? ''}:${ROOT_FOLDERS}` },
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        const status = typeof code === 'number' ? code : null;
        done({ isFound: code !== 'ENOENT' && code !== 'EACCES', status, stdout, stderr });
      },
    );
    // A program that reads nothing closes its end; what it says is the answer then.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

async function text(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const pieces: Buffer[] = [];
      for (let bytes = 0; bytes < TEXT_BYTES_MAX; ) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024));
        if (bytesRead === 0) break;
        pieces.push(buffer.subarray(0, bytesRead));
        bytes += bytesRead;
      }
      return Buffer.concat(pieces).toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    // Whatever keeps it from being read, there is no text to judge by.
    return null;
  }
}

async function entry(path: string): Promise<Entry | null> {
  try {
    const facts = await stat(path);
    const kind = facts.isDirectory() ? 'directory' : facts.isFile() ? 'file' : 'other';
    return { kind, uid: facts.uid, mode: facts.mode & PERMISSIONS, modified: Math.floor(facts.mtimeMs * 1_000) };
  } catch {
    // Not there, or in a folder that may not be entered: for this user it is not there.
    return null;
  }
}

async function freeBytes(path: string): Promise<number | null> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      // Not made yet: the folder above it tells.
      if (dirname(at) === at) return null;
    }
  }
}

async function startPicket(words: readonly string[], logPath: string): Promise<Started> {
  try {
    mkdirSync(dirname(logPath), { recursive: true, mode: FOLDER_MODE });
    if ((statSync(logPath, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(logPath, `${logPath}.1`);
    const log = openSync(logPath, 'a', LOG_MODE);
    const child = spawn(process.execPath, [...STAYING, PROGRAM, ...words], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
    });
    closeSync(log);
    let end: number | null = null;
    child.on('exit', (status, signal) => {
      end = signal === null ? (status ?? 1) : 1;
    });
    await new Promise<void>((done, failed) => {
      child.once('spawn', done);
      child.once('error', failed);
    });
    child.unref();
    return { pid: child.pid ?? -1, ended: () => end };
  } catch (error) {
    throw fileError(error);
  }
}

async function keepSecret(path: string, secret: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  await writeSecret(path, secret);
}

async function forget(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    // Not there, or a folder that holds something of others: left as it is.
    await ((await entry(path))?.kind === 'directory' ? rmdir(path) : rm(path, { force: true })).catch(() => {});
  }
}

async function ask(question: string): Promise<string | null> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<null>((done) => lines.once('close', () => done(null)));
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
