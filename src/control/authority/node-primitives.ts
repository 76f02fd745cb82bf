// Hashes, HMAC and signatures for the identity room, by Node's own cryptography. Not the making of signatures: keys stay where they are used.

import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import type { Primitives } from '#identity';

export const nodePrimitives: Primitives = Object.freeze({
  sha256: (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key: Uint8Array, bytes: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
  verify: ({ signed, signature, key }: Parameters<Primitives['verify']>[0]) => {
    try {
      const object = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
      return verify(key.kind === 'p256' ? 'sha256' : null, signed, object, signature);
    } catch {
      // A point that is not on the curve, or a signature that is no DER: what does not verify is not valid.
      return false;
    }
  },
});
