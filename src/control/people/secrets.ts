// Secrets: made, hashed, compared in constant time, sealed. What is kept of a secret is its hash alone.

import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** 256 bits: nobody guesses one, so nothing has to be slowed down when it is hashed. */
const SECRET_BYTES = 32;
/** Enough that two never meet; ids are no secrets. */
const ID_BYTES = 12;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export type Random = (bytes: number) => Uint8Array;

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** The prefix says what it is, to people and to programs that look for secrets in texts. */
export function newSecret(random: Random, prefix: 'pks_' | 'pkt_' | ''): string {
  return `${prefix}${textOf(random(SECRET_BYTES))}`;
}

export function newId(random: Random): string {
  return textOf(random(ID_BYTES));
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares what is kept with what was shown, in a time that does not depend on where they differ. */
export function isSame(kept: string, shown: string): boolean {
  const [left, right] = [Buffer.from(kept), Buffer.from(shown)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Keys of one controller or of several on one database, all from one secret. */
export class Keyring {
  readonly #proofs: Buffer;
  readonly #seals: Buffer;

  constructor(secret: Uint8Array) {
    this.#proofs = derived(secret, 'picket people proofs');
    this.#seals = derived(secret, 'picket people seals');
  }

  /** Authenticates parts; none of them may be cut otherwise than it was. */
  mac(...parts: readonly string[]): Uint8Array {
    return createHmac('sha256', this.#proofs).update(JSON.stringify(parts)).digest();
  }

  /** Text that only this controller reads, for its bearer to keep and bring back. */
  seal(text: string, purpose: string, random: Random): string {
    const nonce = random(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#seals, nonce);
    cipher.setAAD(Buffer.from(purpose));
    return textOf(Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]));
  }

  /** Null where it is not ours, for another purpose, or was changed. */
  open(sealed: string, purpose: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#seals, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      // The tag does not hold: whoever brought it learns no more than that.
      return null;
    }
  }
}

function derived(secret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), use, KEY_BYTES));
}
