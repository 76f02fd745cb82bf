// A domain's trust bundle: its roots and the keys that sign policies, as a SPIFFE bundle document. A bundle never goes back, and a new root needs an old one's word.
// Not the fetching of it.

import type { Instant } from '#model';
import { areEqual, base64, base64url, fromBase64, hex } from './bytes.ts';
import { type Certificate, readPublicKey } from './certificate.ts';
import { checkRoot } from './peer.ts';
import type { Primitives } from './primitives.ts';
import { endorseText } from './proofs.ts';
import { type Checked, ok, quoted, type Refusal, refuse } from './refusal.ts';
import { isDomainName } from './spiffe.ts';

export interface BundleRoot {
  readonly certificate: Certificate;
  /** SHA-256 of its public key, hexadecimal. */
  readonly keyId: string;
  /** An older root's signature over this one; null for a domain's first. */
  readonly endorsement: { readonly by: string; readonly signature: Uint8Array } | null;
}

/** A key that signs policies (ES256). */
export interface PolicyKey {
  /** SHA-256 of its public key, hexadecimal: the `kid` of what it signs. */
  readonly keyId: string;
  readonly spki: Uint8Array;
}

export interface TrustBundle {
  readonly domain: string;
  readonly sequence: number;
  readonly roots: readonly BundleRoot[];
  readonly policyKeys: readonly PolicyKey[];
}

/** A rotation has two of each; a second one that begins before the first ended has three. */
const KEYS_MAX = 8;
/** Seconds after which a reader should ask anew. */
const REFRESH_SECONDS = 300;
/** SubjectPublicKeyInfo of a P-256 key up to its two coordinates, and the length of one. */
const P256_HEAD_BYTES = 27;
const COORDINATE_BYTES = 32;

interface BundleContext {
  readonly now: Instant;
  readonly primitives: Primitives;
}

/** The SHA-256 of a public key, in hexadecimal: how keys are named everywhere. */
export function keyIdOf(spki: Uint8Array, primitives: Pick<Primitives, 'sha256'>): string {
  return hex(primitives.sha256(spki));
}

/** A SPIFFE bundle document; members of ours begin with `picket_`. */
export interface BundleDocument {
  readonly [more: string]: unknown;
  readonly spiffe_sequence: number;
  readonly spiffe_refresh_hint: number;
  readonly picket_domain: string;
  readonly keys: BundleDocumentKey[];
}

export interface BundleDocumentKey {
  readonly [more: string]: unknown;
  readonly use: string;
  readonly kid: string;
  readonly kty: string;
  readonly crv: string;
}

/** The document: JSON Web Keys as SPIFFE has them; members of ours begin with `picket_`, which other readers pass over. */
export function printBundle(bundle: TrustBundle): BundleDocument {
  const roots = bundle.roots.map(({ certificate, keyId, endorsement }) => ({
    use: 'x509-svid',
    kid: keyId,
    ...jwkOf(certificate.key.spki),
    x5c: [base64(certificate.der)],
    ...(endorsement === null
      ? {}
      : { picket_endorsed_by: endorsement.by, picket_endorsement: base64(endorsement.signature) }),
  }));
  const policyKeys = bundle.policyKeys.map(({ keyId, spki }) => ({
    use: 'picket-policy',
    alg: 'ES256',
    kid: keyId,
    ...jwkOf(spki),
    picket_spki: base64(spki),
  }));
  return {
    spiffe_sequence: bundle.sequence,
    spiffe_refresh_hint: REFRESH_SECONDS,
    picket_domain: bundle.domain,
    keys: [...roots, ...policyKeys],
  };
}

function jwkOf(spki: Uint8Array): {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
} {
  const point = spki.subarray(P256_HEAD_BYTES);
  if (point.length !== 2 * COORDINATE_BYTES)
    return { kty: 'OKP', crv: 'Ed25519', x: base64url(spki.subarray(-COORDINATE_BYTES)) };
  return {
    kty: 'EC',
    crv: 'P-256',
    x: base64url(point.subarray(0, COORDINATE_BYTES)),
    y: base64url(point.subarray(COORDINATE_BYTES)),
  };
}

/** Reads a document from outside. Keys for other uses are passed over; one of ours that is damaged refuses the whole. */
export function readBundle(document: unknown, context: BundleContext): Checked<TrustBundle> {
  const sequence = member(document, 'spiffe_sequence');
  const domain = member(document, 'picket_domain');
  const keys = member(document, 'keys');
  if (typeof domain !== 'string' || !isDomainName(domain)) return unread('it names no domain');
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1)
    return unread('its sequence number is none');
  if (!Array.isArray(keys) || keys.length > KEYS_MAX * 2)
    return unread(`its keys are no list of at most ${KEYS_MAX * 2}`);
  const roots: BundleRoot[] = [];
  const policyKeys: PolicyKey[] = [];
  for (const key of keys) {
    const fault = readKey(key, { roots, policyKeys, domain, context });
    if (fault !== null) return fault;
  }
  if (roots.length === 0) return unread('it has no root');
  return ok({ domain, sequence, roots, policyKeys });
}

interface Reading {
  readonly roots: BundleRoot[];
  readonly policyKeys: PolicyKey[];
  readonly domain: string;
  readonly context: BundleContext;
}

function readKey(key: unknown, into: Reading): Refusal | null {
  const use = member(key, 'use');
  if (use === 'x509-svid') return readRoot(key, into);
  if (use !== 'picket-policy') return null;
  const spki = bytesOf(member(key, 'picket_spki'));
  const read = spki === null ? null : readPublicKey(spki);
  if (read?.kind !== 'ok' || read.value.kind !== 'p256') return unread('a policy key is no P-256 key');
  const keyId = keyIdOf(read.value.spki, into.context.primitives);
  if (member(key, 'kid') !== keyId) return unread('a policy key has the name of another');
  into.policyKeys.push({ keyId, spki: read.value.spki });
  return null;
}

function readRoot(key: unknown, { roots, domain, context }: Reading): Refusal | null {
  const chain = member(key, 'x5c');
  const der = Array.isArray(chain) && chain.length === 1 ? bytesOf(chain[0]) : null;
  if (der === null) return unread('a root has no certificate');
  const root = checkRoot(der, { domain, now: context.now }, context.primitives);
  if (root.kind === 'refused') return root;
  const keyId = keyIdOf(root.value.key.spki, context.primitives);
  if (member(key, 'kid') !== keyId) return unread('a root has the name of another');
  const by = member(key, 'picket_endorsed_by');
  const signature = bytesOf(member(key, 'picket_endorsement'));
  const endorsement = typeof by === 'string' && signature !== null ? { by, signature } : null;
  roots.push({ certificate: root.value, keyId, endorsement });
  return null;
}

function unread(what: string): Refusal {
  return refuse('PICKET-C312', `the bundle cannot be read: ${what}`);
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;
}

function bytesOf(text: unknown): Uint8Array | null {
  return typeof text === 'string' ? fromBase64(text) : null;
}

/**
 * Whether a bundle may take the place of the one that is known: same domain, not older, and every new root vouched for by a root that is already trusted.
 * So a stolen controller, which has no root key, cannot make itself a new root.
 */
export function acceptBundle(known: TrustBundle, offered: TrustBundle, primitives: Primitives): Checked<TrustBundle> {
  if (offered.domain !== known.domain)
    return refuse(
      'PICKET-C303',
      `the bundle is of domain ${quoted(offered.domain)}, needed is ${quoted(known.domain)}`,
    );
  if (offered.sequence < known.sequence)
    return refuse(
      'PICKET-C310',
      `the bundle has sequence ${offered.sequence}, known is ${known.sequence} already: it goes back`,
    );
  const stranger = offered.roots.find((root) => !isKnown(root, known) && !isEndorsed(root, { known, primitives }));
  if (stranger !== undefined)
    return refuse(
      'PICKET-C311',
      `root ${stranger.keyId.slice(0, 16)} of the bundle is new, and no root that is trusted here vouches for it`,
    );
  return ok(offered);
}

function isKnown(root: BundleRoot, known: TrustBundle): boolean {
  return known.roots.some(({ certificate }) => areEqual(certificate.der, root.certificate.der));
}

function isEndorsed(
  { certificate, endorsement }: BundleRoot,
  { known, primitives }: { readonly known: TrustBundle; readonly primitives: Primitives },
): boolean {
  const by = known.roots.find(({ keyId }) => keyId === endorsement?.by);
  if (by === undefined || endorsement === null) return false;
  const signed = endorseText(known.domain, certificate.der, primitives);
  return primitives.verify({ signed, signature: endorsement.signature, key: by.certificate.key });
}
