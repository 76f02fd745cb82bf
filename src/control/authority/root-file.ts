// Root keys on disk: one file each, apart from the database, readable by its owner alone. It may be taken away and brought back when it is needed.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fromBase64url } from '#identity';
import type { Context } from './context.ts';
import { readSecret, removeSecret, writeSecret } from './key-file.ts';
import { SALT_BYTES, sealOf } from './seal.ts';
import { AuthorityError } from './trouble.ts';
import { pkcs8Of, type SigningKey, signingKeyFrom } from './x509.ts';

/** What is in the file, as JSON: either `key` (PKCS #8, base64url) or `sealed` under a passphrase with `salt`. */
const FORMAT = 'picket-root/1';
/** Enough of the key's id to tell files apart. */
const NAME_CHARS = 16;

type Where = Pick<Context, 'folder' | 'rootPassphrase'>;

interface RootOf {
  readonly domain: string;
  readonly keyId: string;
}

export function rootPath({ folder }: Pick<Where, 'folder'>, { domain, keyId }: RootOf): string {
  // INVARIANT: a domain is a DNS name, so it names no other folder.
  return join(folder, 'roots', `${domain}.${keyId.slice(0, NAME_CHARS)}.json`);
}

export async function writeRoot(where: Where, domain: string, key: SigningKey): Promise<void> {
  const { rootPassphrase } = where;
  const path = rootPath(where, { domain, keyId: key.keyId });
  const salt = randomBytes(SALT_BYTES);
  const secret =
    rootPassphrase === undefined
      ? { key: Buffer.from(pkcs8Of(key)).toString('base64url') }
      : {
          salt: salt.toString('base64url'),
          sealed: sealOf({ kind: 'passphrase', passphrase: rootPassphrase }, salt).close(
            pkcs8Of(key),
            labelOf(domain, key.keyId),
          ),
        };
  const text = JSON.stringify({ format: FORMAT, domain, keyId: key.keyId, ...secret });
  if (await writeSecret(path, `${text}\n`)) return;
  throw new AuthorityError({
    code: 'PICKET-C342',
    message: `the root key file "${path}" is there already; nothing was changed`,
  });
}

export async function removeRoot(where: Where, of: RootOf): Promise<void> {
  await removeSecret(rootPath(where, of));
}

/** The root key, or null where its file was taken away. A file that is damaged, of another key, or under another passphrase is refused. */
export async function readRoot(where: Where, of: RootOf): Promise<SigningKey | null> {
  const path = rootPath(where, of);
  const text = await readSecret(path);
  if (text === null) return null;
  const key = keyOf(text, where, of);
  if (key?.keyId === of.keyId) return key;
  throw new AuthorityError({
    code: 'PICKET-C343',
    message: `the root key file "${path}" does not hold the root key ${of.keyId.slice(0, NAME_CHARS)}, or its passphrase is another`,
    help: 'put the right file in its place, or start the controller with the passphrase it was made with',
  });
}

function keyOf(text: string, { rootPassphrase }: Where, { domain, keyId }: RootOf): SigningKey | null {
  try {
    const content: unknown = JSON.parse(text);
    const [plain, sealed, salt] = ['key', 'sealed', 'salt'].map((name) => member(content, name));
    if (member(content, 'format') !== FORMAT) return null;
    if (plain !== null) return signingKeyFrom(fromBase64url(plain ?? '') ?? new Uint8Array(0));
    if (rootPassphrase === undefined || sealed == null || salt == null) return null;
    const seal = sealOf({ kind: 'passphrase', passphrase: rootPassphrase }, Buffer.from(salt, 'base64url'));
    const pkcs8 = seal.open(sealed, labelOf(domain, keyId));
    return pkcs8 === null ? null : signingKeyFrom(pkcs8);
  } catch (error) {
    if (error instanceof AuthorityError) throw error;
    // No JSON, or no key in it: the caller says so with the file's name.
    return null;
  }
}

function labelOf(domain: string, keyId: string): string {
  return `root ${domain} ${keyId}`;
}

function member(of: unknown, name: string): string | null {
  const value: unknown =
    typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : null;
  return typeof value === 'string' ? value : null;
}
