// A small certificate maker for tests: every part can be replaced by other bytes, so that each rule can be broken alone. Not the authority.

import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { HOUR, type Instant, MINUTE } from '#model';
import { readCertificate } from './certificate.ts';
import { bits, boolean, integer, octets, oid, sequence, text, tlv } from './der.testing.ts';
import { CLIENT_AUTH, OID, SERVER_AUTH } from './extensions.ts';
import type { Trust } from './peer.ts';
import type { Primitives } from './primitives.ts';
import { RevocationIndex } from './revocations.ts';

export const NOON: Instant = Date.UTC(2026, 4, 4, 12) * 1_000;
export const DOMAIN = 'plant.example';

export const nodePrimitives: Primitives = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: (key, bytes) => createHmac('sha256', key).update(bytes).digest(),
  verify: ({ signed, signature, key }) => {
    try {
      const object = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
      return verify(key.kind === 'p256' ? 'sha256' : null, signed, object, signature);
    } catch {
      return false;
    }
  },
};

export interface Keys {
  readonly kind: 'p256' | 'ed25519';
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  readonly id: Uint8Array;
}

export function newKeys(kind: 'p256' | 'ed25519' = 'p256'): Keys {
  const { privateKey, publicKey } =
    kind === 'p256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  return { kind, privateKey, spki, id: nodePrimitives.sha256(spki).subarray(0, 20) };
}

/** The parts of a certificate as bytes, in their order; each can be replaced. */
export interface Parts {
  readonly version: Uint8Array;
  readonly serial: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly validity: Uint8Array;
  readonly subject: Uint8Array;
  readonly key: Uint8Array;
  readonly extensions: Uint8Array;
  readonly outerAlgorithm: Uint8Array;
}

const algorithmOf = (kind: Keys['kind']): Uint8Array =>
  sequence(oid(kind === 'p256' ? '1.2.840.10045.4.3.2' : '1.3.101.112'));
export const VERSION_3 = tlv(0xa0, integer(2));

export function time(at: Instant): Uint8Array {
  const digits = new Date(at / 1_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return digits < '2050' ? text(0x17, digits.slice(2)) : text(0x18, digits);
}

export const name = (common: string): Uint8Array => sequence(tlv(0x31, sequence(oid('2.5.4.3'), text(0x0c, common))));
export const uri = (value: string): Uint8Array => text(0x86, value);

/** One extension; `critical` null leaves the flag out. */
export function extension(id: string, value: Uint8Array, critical: Uint8Array | null = null): Uint8Array {
  return sequence(oid(id), ...(critical === null ? [] : [critical]), octets(value));
}

export const CRITICAL = boolean(0xff);

export interface LeafWishes {
  readonly id?: string;
  readonly notBefore?: Instant;
  readonly notAfter?: Instant;
  readonly names?: readonly Uint8Array[];
  readonly keys?: Keys;
  /** By object identifier: other bytes for that extension, or null to leave it out. */
  readonly extensions?: Readonly<Record<string, Uint8Array | null>>;
  /** Extensions put after the usual ones. */
  readonly more?: readonly Uint8Array[];
  readonly parts?: Partial<Parts>;
}

/** A domain with a root, an issuing key and a leaf at hand. */
export class Kit {
  readonly domain: string;
  readonly rootKeys = newKeys();
  readonly issuingKeys: Keys;
  readonly root: Uint8Array;
  readonly issuing: Uint8Array;

  constructor(domain = DOMAIN, issuingKind: Keys['kind'] = 'p256') {
    this.domain = domain;
    this.issuingKeys = newKeys(issuingKind);
    this.root = this.issuer({ pathLength: 1, keys: this.rootKeys, subject: 'root' });
    this.issuing = this.issuer({ pathLength: 0, keys: this.issuingKeys, subject: 'issuing' });
  }

  issuer(of: { pathLength: number; keys: Keys; subject: string; by?: Keys; wishes?: LeafWishes }): Uint8Array {
    const { pathLength, keys, subject, by = this.rootKeys, wishes = {} } = of;
    const usual = {
      [OID.basicConstraints]: extension(OID.basicConstraints, sequence(boolean(0xff), integer(pathLength)), CRITICAL),
      [OID.keyUsage]: extension(OID.keyUsage, bits(1, 0x06), CRITICAL),
      [OID.alternativeNames]: extension(OID.alternativeNames, sequence(uri(`spiffe://${this.domain}`))),
      [OID.nameConstraints]: extension(OID.nameConstraints, sequence(tlv(0xa0, sequence(uri(this.domain)))), CRITICAL),
      [OID.subjectKeyId]: extension(OID.subjectKeyId, octets(keys.id)),
      [OID.authorityKeyId]: extension(OID.authorityKeyId, sequence(tlv(0x80, by.id))),
    };
    const { notBefore = NOON - HOUR, notAfter = NOON + 24 * HOUR } = wishes;
    return certificate(by, {
      serial: integer(0x2a, ...keys.id.subarray(0, 9)),
      issuer: name('root'),
      subject: name(subject),
      validity: sequence(time(notBefore), time(notAfter)),
      key: keys.spki,
      extensions: assembled(usual, wishes),
      ...wishes.parts,
    });
  }

  leaf(wishes: LeafWishes = {}): Uint8Array {
    const { id = `spiffe://${this.domain}/device/cam-lobby`, names = [uri(id)], keys = newKeys() } = wishes;
    const { notBefore = NOON - MINUTE, notAfter = NOON + 10 * MINUTE } = wishes;
    const usual = {
      [OID.keyUsage]: extension(OID.keyUsage, bits(7, 0x80), CRITICAL),
      [OID.extendedKeyUsage]: extension(OID.extendedKeyUsage, sequence(oid(SERVER_AUTH), oid(CLIENT_AUTH))),
      [OID.alternativeNames]: extension(OID.alternativeNames, sequence(...names), CRITICAL),
      [OID.authorityKeyId]: extension(OID.authorityKeyId, sequence(tlv(0x80, this.issuingKeys.id))),
    };
    return certificate(this.issuingKeys, {
      serial: integer(0x35, ...keys.id.subarray(0, 15)),
      issuer: name('issuing'),
      subject: sequence(),
      validity: sequence(time(notBefore), time(notAfter)),
      key: keys.spki,
      extensions: assembled(usual, wishes),
      ...wishes.parts,
    });
  }

  trust(revocations = new RevocationIndex({ domain: this.domain, sequence: 0, entries: [] })): Trust {
    const root = readCertificate(this.root);
    if (root.kind === 'refused') throw new Error(root.message);
    return { roots: [root.value], revocations, primitives: nodePrimitives };
  }
}

function assembled(
  usual: Readonly<Record<string, Uint8Array>>,
  { extensions = {}, more = [] }: LeafWishes,
): Uint8Array {
  const kept = Object.entries({ ...usual, ...extensions }).flatMap(([, value]) => (value === null ? [] : [value]));
  return tlv(0xa3, sequence(...kept, ...more));
}

type Given = Omit<Parts, 'version' | 'algorithm' | 'outerAlgorithm'> & Partial<Parts>;

export function certificate(by: Keys, parts: Given): Uint8Array {
  const { version = VERSION_3, algorithm = algorithmOf(by.kind), outerAlgorithm = algorithmOf(by.kind) } = parts;
  const { serial, issuer, validity, subject, key, extensions } = parts;
  const signed = sequence(version, serial, algorithm, issuer, validity, subject, key, extensions);
  const signature = sign(by.kind === 'p256' ? 'sha256' : null, signed, by.privateKey);
  return sequence(signed, outerAlgorithm, bits(0, ...signature));
}
