// The texts that are signed to show that somebody holds a key: each binds what it is for, so that none can stand for another.
// Not the signing: private keys never come here.

import { ascii, hex } from './bytes.ts';
import type { Primitives } from './primitives.ts';

type Hash = Pick<Primitives, 'sha256'>;

/** `renewalSpki` is null for kinds that hold no renewal key. `root` is the SHA-256 of the root's public key, as the join link names it. */
export interface EnrolProof {
  readonly domain: string;
  readonly token: string;
  readonly spki: Uint8Array;
  readonly renewalSpki: Uint8Array | null;
  readonly root: Uint8Array;
}

/** Signed by the new leaf's key, and by the renewal key where there is one. The token makes it fresh: it is good for one enrolment. */
export function enrolText({ domain, token, spki, renewalSpki, root }: EnrolProof, primitives: Hash): Uint8Array {
  const renewal = renewalSpki === null ? '-' : hex(primitives.sha256(renewalSpki));
  return lines([
    'picket-enrol/1',
    domain,
    hex(primitives.sha256(ascii(token))),
    hex(primitives.sha256(spki)),
    renewal,
    hex(root),
  ]);
}

export interface RenewProof {
  /** The identity that renews, as text. */
  readonly id: string;
  readonly spki: Uint8Array;
  /** What the authority gave for this renewal: a challenge by the renewal key, the old leaf's serial number over mutual TLS. */
  readonly fresh: string;
}

/** Signed by the new leaf's key; without mutual TLS by the renewal key as well. */
export function renewText({ id, spki, fresh }: RenewProof, primitives: Hash): Uint8Array {
  return lines(['picket-renew/1', id, hex(primitives.sha256(spki)), fresh]);
}

/** Signed by an older root to vouch for a newer one. */
export function endorseText(domain: string, root: Uint8Array, primitives: Hash): Uint8Array {
  return lines(['picket-root/1', domain, hex(primitives.sha256(root))]);
}

/** No part holds a line break: each is a domain, an id, hexadecimal, or has been checked to be one line. */
function lines(parts: readonly string[]): Uint8Array {
  return ascii(parts.map((part) => part.replaceAll('\n', '')).join('\n'));
}
