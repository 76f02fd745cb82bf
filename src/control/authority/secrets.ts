// The two secrets of an installation: the seal of what is in the database, and the secret of the gate. All controllers of one database share them.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fromBase64url } from '#identity';
import { setting, settingOnce } from '#store';
import { readSecret, writeSecret } from './key-file.ts';
import type { AuthorityOptions } from './options.ts';
import { SALT_BYTES, SEAL_KEY_BYTES, type Seal, type SealSource, sealOf } from './seal.ts';
import { AuthorityError } from './trouble.ts';

const SALT = 'authority.salt';
const CHECK = 'authority.check';
const GATE = 'authority.gate';
const KEY_FILE = 'seal.key';
const GATE_BYTES = 32;
/** What the check seals: that it opens shows that the key is the one that sealed everything else. */
const CHECK_TEXT = Buffer.from('picket');

/** Opens the seal and the gate's secret, making them at the first start. A seal that does not fit what is in the database is refused. */
export async function openSecrets(
  options: AuthorityOptions,
): Promise<{ readonly seal: Seal; readonly gateSecret: Uint8Array }> {
  const { db } = options.store;
  const isFirst = (await setting(db, CHECK)) === null;
  const source = options.seal ?? (await sealFile(options.folder, isFirst));
  const salt = await settingOnce(db, SALT, randomBytes(SALT_BYTES).toString('base64url'));
  const seal = sealOf(source, Buffer.from(salt, 'base64url'));
  const check = await settingOnce(db, CHECK, seal.close(CHECK_TEXT, CHECK));
  if (seal.open(check, CHECK) === null) throw wrongSeal(options);
  const gate = await settingOnce(db, GATE, seal.close(randomBytes(GATE_BYTES), GATE));
  const gateSecret = seal.open(gate, GATE);
  if (gateSecret === null) throw wrongSeal(options);
  return { seal, gateSecret };
}

/** The key file; made at the first start only: one made later could open nothing, and would hide that the right one is gone. */
async function sealFile(folder: string, isFirst: boolean): Promise<SealSource> {
  const path = join(folder, KEY_FILE);
  if (isFirst) await writeSecret(path, `${randomBytes(SEAL_KEY_BYTES).toString('base64url')}\n`);
  const text = await readSecret(path);
  const key = text === null ? null : fromBase64url(text.trim());
  if (key?.length === SEAL_KEY_BYTES) return { kind: 'key', key };
  throw new AuthorityError({
    code: 'PICKET-C341',
    message: `the sealing key "${path}" is ${text === null ? 'not there' : 'damaged'}, and the database holds keys that only it opens; nothing was changed`,
    help: 'put the file back from a backup, or give the key that was used when the database was made',
  });
}

function wrongSeal({ seal }: AuthorityOptions): AuthorityError {
  const what = seal === undefined ? 'the sealing key file' : seal.kind === 'key' ? 'the sealing key' : 'the passphrase';
  return new AuthorityError({
    code: 'PICKET-C341',
    message: `${what} does not open the keys in the database; nothing was changed`,
    help: 'every controller of one database needs the same sealing key or passphrase',
  });
}
