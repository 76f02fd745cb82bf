// The key that signs the ledger's checkpoints: made at the first start, in a file of the data folder for its owner alone.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { ControllerError, reasonText } from './trouble.ts';

const MODE = 0o600;

export async function ledgerKeyOf(path: string): Promise<KeyObject> {
  try {
    return createPrivateKey(await readFile(path, 'utf8'));
  } catch (error) {
    if (!isMissing(error)) throw unusable(path, error);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  try {
    await writeFile(path, pem, { mode: MODE, flag: 'wx', flush: true });
  } catch (error) {
    throw unusable(path, error);
  }
  return privateKey;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unusable(path: string, cause: unknown): ControllerError {
  return new ControllerError({
    code: 'PICKET-C804',
    message: `cannot use the ledger's key in "${path}": ${reasonText(cause)}; nothing was changed`,
    help: 'bring the file back from a backup; without it the ledger goes on under a new key: move the file away, and keep it',
    cause,
  });
}
