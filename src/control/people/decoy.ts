// A public key that nobody holds: what an unknown passkey is verified against, so that it takes as long as a known one. Not a secret.

import { createPublicKey, generateKeyPairSync } from 'node:crypto';

let key: Uint8Array<ArrayBuffer> | null = null;

/** COSE (RFC 9053): EC2, ES256, P-256, x, y. The private half is thrown away when it is made. */
export function decoyKey(): Uint8Array<ArrayBuffer> {
  key ??= newKey();
  return key;
}

function newKey(): Uint8Array<ArrayBuffer> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = createPublicKey(publicKey).export({ format: 'jwk' });
  const head = Buffer.from('a5010203262001215820', 'hex');
  return Uint8Array.from(
    Buffer.concat([head, Buffer.from(x, 'base64url'), Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url')]),
  );
}
