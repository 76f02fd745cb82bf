// What this room needs of a cryptographic library, as a port: it computes nothing of the kind itself.

import type { PublicKey } from './certificate.ts';

export interface Primitives {
  sha256(bytes: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** ECDSA with SHA-256 in DER for P-256, plain Ed25519 otherwise. False for whatever is no such signature; never throws. */
  verify(of: { readonly signed: Uint8Array; readonly signature: Uint8Array; readonly key: PublicKey }): boolean;
}
