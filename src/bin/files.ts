// Files of the real world for the `Io` port: what a path is, its bytes, and writing one whole or not at all.

import { randomBytes } from 'node:crypto';
import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { access, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { type Appending, FileError, type FileFacts } from '#cli';

/** Read size: large enough to keep the parser busy, small enough for many open pipes. */
const READ_BYTES = 256 * 1024;
const PERMISSIONS = 0o7777;
const NEW_FILE_MODE = 0o666;
const SECRET_FILE_MODE = 0o600;
const LINE_END = 0x0a;

/** Temporary files that are being written now. */
const unfinished = new Set<string>();

export async function factsOf(path: string): Promise<FileFacts> {
  if (path === '-') return { kind: 'stream', bytes: null, identity: null };
  try {
    const facts = await stat(path);
    const identity = `${facts.dev}:${facts.ino}`;
    if (facts.isDirectory()) return { kind: 'directory', bytes: null, identity };
    return facts.isFile() ? { kind: 'file', bytes: facts.size, identity } : { kind: 'stream', bytes: null, identity };
  } catch (error) {
    throw fileError(error);
  }
}

export async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } catch (error) {
    throw fileError(error);
  } finally {
    stream.destroy();
  }
}

export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    throw fileError(error);
  }
}

/** Throws where `writeWhole` is bound to fail, so that nobody works for an hour before being told. */
export async function checkWritable(path: string): Promise<void> {
  const facts = await factsIfThere(path);
  if (facts?.kind === 'directory') throw new FileError('directory', 'it is a directory');
  try {
    if (facts?.kind === 'stream') await access(path, constants.W_OK);
    else await access(dirname(await targetOf(path)), constants.W_OK);
  } catch (error) {
    throw fileError(error);
  }
}

/** A link keeps pointing where it did, a file keeps its permissions, and a device or pipe is written to rather than replaced. */
export async function writeWhole(path: string, text: string | AsyncIterable<Uint8Array>): Promise<void> {
  try {
    const facts = await factsIfThere(path);
    if (facts?.kind === 'stream') await writeFile(path, text);
    else await replace(await targetOf(path), text);
  } catch (error) {
    throw error instanceof FileError ? error : fileError(error);
  }
}

/** Whole or not at all, for this user alone, whatever permissions the file had. */
export async function writeSecret(path: string, text: string): Promise<void> {
  try {
    await replace(await targetOf(path), text, SECRET_FILE_MODE);
  } catch (error) {
    throw fileError(error);
  }
}

async function replace(
  target: string,
  text: string | AsyncIterable<Uint8Array>,
  mode: number | null = null,
): Promise<void> {
  const beside = `${target}.${randomBytes(6).toString('hex')}.part`;
  const before = await stat(target).catch(() => null);
  unfinished.add(beside);
  try {
    const file = await open(beside, 'wx', mode ?? NEW_FILE_MODE);
    try {
      if (before !== null && mode === null) await file.chmod(before.mode & PERMISSIONS);
      if (typeof text === 'string') await file.writeFile(text);
      else for await (const piece of text) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    unfinished.delete(beside);
  }
}

/** Adds to the end of a file, each text in one write. A last line that a crash cut off is ended first, so that no line is glued to it. */
export async function appendTo(path: string): Promise<Appending> {
  try {
    const file = openSync(path, 'a+', NEW_FILE_MODE);
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== LINE_END) writeSync(file, '\n');
    return { write: (text) => writeAll(file, Buffer.from(text)), close: () => closeSync(file) };
  } catch (error) {
    throw fileError(error);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } catch (error) {
    throw fileError(error);
  }
}

/** Removes what an interrupted write would leave behind. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

async function factsIfThere(path: string): Promise<FileFacts | null> {
  try {
    return await factsOf(path);
  } catch (error) {
    if (error instanceof FileError && error.trouble === 'missing') return null;
    throw error;
  }
}

/** Where a path leads, links followed; the path itself where nothing is there yet. */
async function targetOf(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
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

export function fileError(error: unknown): FileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  return new FileError(isTrouble(code) ? TROUBLES[code] : 'failed', message.replace(/^E[A-Z]+: |, \w+( '.*')?$/g, ''));
}
