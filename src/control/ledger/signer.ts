// Signing checkpoints and checking signatures: ECDSA on P-256 with SHA-256, or Ed25519. Keeps no key: the signer is a port.

import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { LedgerError } from './trouble.ts';

export type Algorithm = 'ES256' | 'EdDSA';

/** Signs what a checkpoint says. The private key stays with whoever offers this. */
export interface CheckpointSigner {
  readonly algorithm: Algorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  sign(statement: Uint8Array): Promise<Uint8Array>;
}

/** A public key that checkpoints are held against. */
export interface LedgerKey {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
  readonly spki: Uint8Array;
}

/** A signer by a private key of node:crypto. */
export function signerOf(privateKey: KeyObject): CheckpointSigner {
  const { algorithm, spki } = ofKeyObject(createPublicKey(privateKey));
  return {
    algorithm,
    publicKey: spki,
    sign: async (statement) =>
      algorithm === 'ES256'
        ? sign('sha256', statement, { key: privateKey, dsaEncoding: 'ieee-p1363' })
        : sign(null, statement, privateKey),
  };
}

/** The key of a PEM text or of SubjectPublicKeyInfo bytes; refuses what is neither P-256 nor Ed25519. */
export function ledgerKey(source: string | Uint8Array): LedgerKey {
  try {
    return ofKeyObject(
      typeof source === 'string'
        ? createPublicKey(source)
        : createPublicKey({ key: Buffer.from(source), format: 'der', type: 'spki' }),
    );
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw noKey('it is no public key', error);
  }
}

function ofKeyObject(key: KeyObject): LedgerKey {
  const spki = key.export({ format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ed25519') return { algorithm: 'EdDSA', key, spki };
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return { algorithm: 'ES256', key, spki };
  throw noKey(`it is a key of type ${key.asymmetricKeyType ?? 'unknown'}`);
}

export function isSignedBy(key: LedgerKey, statement: Uint8Array, signature: Uint8Array): boolean {
  try {
    return key.algorithm === 'ES256'
      ? verify('sha256', statement, { key: key.key, dsaEncoding: 'ieee-p1363' }, signature)
      : verify(null, statement, key.key, signature);
  } catch {
    return false;
  }
}

/** How people compare a key: SHA-256 of its SubjectPublicKeyInfo. */
export function keyName(spki: Uint8Array): string {
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}

function noKey(why: string, cause?: unknown): LedgerError {
  return new LedgerError({
    code: 'PICKET-C208',
    message: `cannot use the key: ${why}`,
    help: 'a P-256 or Ed25519 public key in PEM form is needed, beginning with -----BEGIN PUBLIC KEY-----',
    ...(cause === undefined ? {} : { cause }),
  });
}
