// Secret files: readable by their owner alone, written whole or not at all. Used for the sealing key and for root keys. Not their content.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '#store';
import { AuthorityError } from './trouble.ts';

/** A sealed key with its names has some 400 bytes. */
const SECRET_BYTES_MAX = 8 * 1024;
const OTHERS = 0o077;

/** The text of a secret file, or null where there is none. One that others can read is refused. */
export async function readSecret(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw failed('read', path, error);
  });
  if (file === null) return null;
  try {
    const { mode, size } = await file.stat();
    if ((mode & OTHERS) !== 0)
      throw new AuthorityError({
        code: 'PICKET-C342',
        message: `the key file "${path}" can be read by others than its owner; it was not used`,
        help: `chmod 600 ${path}`,
      });
    if (size > SECRET_BYTES_MAX) throw failed('read', path, new Error(`it has ${size} bytes`));
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Writes a secret file that is not there yet; on the disk when the promise resolves. False where there is one already, which stays. */
export async function writeSecret(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  const draft = join(folder, `.${randomBytes(8).toString('hex')}.draft`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readSecret(path)) !== null) return false;
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(folder);
    return true;
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error instanceof AuthorityError ? error : failed('write', path, error);
  }
}

/** Removes a secret file that nothing needs any more. */
export async function removeSecret(path: string): Promise<void> {
  await unlink(path).catch(() => {});
}

function failed(what: string, path: string, cause: unknown): AuthorityError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AuthorityError({ code: 'PICKET-C342', message: `cannot ${what} the key file "${path}": ${why}`, cause });
}
