// The cryptography that identity asks for, and keys of this element, by Node's own library. Keys are made here and never leave.

import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import type { Primitives } from '#identity';

export const primitives: Primitives = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: (key, bytes) => createHmac('sha256', key).update(bytes).digest(),
  verify: ({ signed, signature, key }) => {
    try {
      const digest = key.kind === 'p256' ? 'sha256' : null;
      return verify(
        digest,
        signed,
        createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' }),
        signature,
      );
    } catch {
      return false;
    }
  },
};

export const sha256Text: (text: string) => string = (text) => createHash('sha256').update(text).digest('hex');

export interface OwnKey {
  /** PKCS #8 in PEM. */
  readonly pem: string;
  readonly spki: Uint8Array;
}

export function makeKey(): OwnKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    spki: publicKey.export({ format: 'der', type: 'spki' }),
  };
}

/** ECDSA with SHA-256, in DER. */
export function signWith(pem: string, text: Uint8Array): Uint8Array {
  return sign('sha256', text, createPrivateKey(pem));
}

export function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
