// Secrets at rest: sealed with AES-256-GCM under a key that is not in the database. Not a key store: where the key comes from is the caller's.

import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { AuthorityError } from './trouble.ts';

/** Where the sealing key comes from. A file holds 32 bytes in base64url; a passphrase is stretched. */
export type SealSource =
  | { readonly kind: 'key'; readonly key: Uint8Array }
  | { readonly kind: 'passphrase'; readonly passphrase: string };

export interface Seal {
  /** `label` says what the secret is: opened under another label it does not open, so that none can be put in another's place. */
  close(secret: Uint8Array, label: string): string;
  /** Null where the key, the label or the text is another. */
  open(text: string, label: string): Uint8Array | null;
}

export const SEAL_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const SALT_BYTES = 16;
/** scrypt over 32 MiB: some 100 ms a try, on this machine and on an attacker's. */
const STRETCH = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
/** Shortest passphrase that is taken; stretching does not make up for a short one. */
const PASSPHRASE_CHARS_MIN = 12;

export function sealOf(source: SealSource, salt: Uint8Array): Seal {
  const key = source.kind === 'key' ? source.key : stretched(source.passphrase, salt);
  if (key.length !== SEAL_KEY_BYTES)
    throw new AuthorityError({
      code: 'PICKET-C341',
      message: `the sealing key has ${key.length} bytes, needed are ${SEAL_KEY_BYTES}; nothing was changed`,
    });
  return {
    close: (secret, label) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(label));
      const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
      return `s1.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },
    open: (text, label) => opened({ text, label, key }),
  };
}

function opened({
  text,
  label,
  key,
}: {
  readonly text: string;
  readonly label: string;
  readonly key: Uint8Array;
}): Uint8Array | null {
  const bytes = Buffer.from(text.slice(3), 'base64url');
  if (!text.startsWith('s1.') || bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(label));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]));
  } catch {
    return null;
  }
}

function stretched(passphrase: string, salt: Uint8Array): Uint8Array {
  if (passphrase.length < PASSPHRASE_CHARS_MIN)
    throw new AuthorityError({
      code: 'PICKET-C341',
      message: `the passphrase has ${passphrase.length} characters, at least ${PASSPHRASE_CHARS_MIN} are needed; nothing was changed`,
    });
  return scryptSync(passphrase.normalize('NFC'), salt, SEAL_KEY_BYTES, STRETCH);
}
