// The `picket` program: chooses the real streams, files and clock, and hands them to the commands. No decision is made here.

import { randomBytes } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import process from 'node:process';
import { FileError, type FileFacts, type Io, runPicket, type Writer } from '#cli';

/** Read size: large enough to keep the parser busy, small enough for many open pipes. */
const READ_BYTES = 256 * 1024;
const INTERRUPTED = 130;

function writerOf(stream: NodeJS.WriteStream): Writer {
  return {
    columns: stream.isTTY ? (stream.columns ?? 80) : null,
    write: (text) => {
      stream.write(text);
    },
  };
}

async function factsOf(path: string): Promise<FileFacts> {
  if (path === '-') return { kind: 'stream', bytes: null };
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) return { kind: 'directory', bytes: null };
    return facts.isFile() ? { kind: 'file', bytes: facts.size } : { kind: 'stream', bytes: null };
  } catch (error) {
    throw fileError(error);
  }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } catch (error) {
    throw fileError(error);
  } finally {
    stream.destroy();
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw fileError(error);
  }
}

const TROUBLES = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EISDIR: 'directory',
  EACCES: 'denied',
  EPERM: 'denied',
} as const;

function isTrouble(code: string): code is keyof typeof TROUBLES {
  return Object.hasOwn(TROUBLES, code);
}

function fileError(error: unknown): FileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  return new FileError(isTrouble(code) ? TROUBLES[code] : 'failed', message.replace(/^E[A-Z]+: |, \w+( '.*')?$/g, ''));
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const isNamed = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return isNamed ? String(parsed.version) : 'unknown';
}

/** A reader that went away (`picket flows … | head`) ends the run quietly; nobody is left to read a message. */
function endOnBrokenPipe(error: Error & { code?: string }): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

process.stdout.on('error', endOnBrokenPipe);
process.stderr.on('error', endOnBrokenPipe);
process.on('SIGINT', () => process.exit(INTERRUPTED));

const io: Io = {
  stdout: writerOf(process.stdout),
  stderr: writerOf(process.stderr),
  env: process.env,
  version: version(),
  now: () => Math.floor((performance.timeOrigin + performance.now()) * 1000),
  stat: factsOf,
  read: chunksOf,
  writeWhole,
};

process.exitCode = await runPicket(process.argv.slice(2), io);
