// What this controller is called among those of one database: the host's name and some letters that no other has, kept in its data folder.

import { readFile, writeFile } from 'node:fs/promises';
import { ControllerError, reasonText } from './trouble.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HOST_CHARS_MAX = 40;
const LETTERS = 8;
const MODE = 0o600;

export async function controllerName(
  path: string,
  { hostName, newId }: { readonly hostName: string; readonly newId: () => string },
): Promise<string> {
  try {
    const known = (await readFile(path, 'utf8')).trim();
    if (NAME.test(known)) return known;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw unusable(path, error);
  }
  const host = hostName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, HOST_CHARS_MAX);
  const name = `${host === '' ? 'controller' : host}-${newId()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, LETTERS)}`;
  try {
    await writeFile(path, `${name}\n`, { mode: MODE });
  } catch (error) {
    throw unusable(path, error);
  }
  return name;
}

function unusable(path: string, cause: unknown): ControllerError {
  return new ControllerError({
    code: 'PICKET-C803',
    message: `cannot use "${path}": ${reasonText(cause)}; nothing was started`,
    help: 'the data folder and what is in it belong to the user of the controller',
    cause,
  });
}
