// Makes certificates: roots, issuing certificates, leaves. The only place that knows the X.509 library, which is loaded when it is first needed.
// Not the deciding who gets one. What is made is read by our own strict reader before it leaves the authority.

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { CLIENT_AUTH, hex, keyIdOf, SERVER_AUTH } from '#identity';
import type { Instant } from '#model';
import { nodePrimitives } from './node-primitives.ts';

/** A P-256 key that signs. */
export interface SigningKey {
  /** SHA-256 of the public key, hexadecimal. */
  readonly keyId: string;
  readonly spki: Uint8Array;
  readonly privateKey: KeyObject;
}

export interface CertificateWish {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

export interface IssuerWish extends CertificateWish {
  readonly domain: string;
  /** root: signs itself. issuing: signed by the root. */
  readonly purpose: 'root' | 'issuing';
  readonly key: SigningKey;
  readonly by: SigningKey;
}

export interface LeafWish extends CertificateWish {
  /** spiffe://… */
  readonly id: string;
  readonly spki: Uint8Array;
  readonly by: SigningKey;
  readonly hosts: HostNames;
}

/** Names by which a controller is reached; empty for everybody else. */
export interface HostNames {
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

export const NO_HOSTS: HostNames = Object.freeze({ dns: [], ips: [] });

export interface Made {
  readonly der: Uint8Array;
  /** As the strict reader writes it. */
  readonly serial: string;
}

type Library = typeof import('@peculiar/x509');

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SERIAL_BYTES = 16;
/** Bytes of a key's id inside certificates: enough to find the issuer, and short enough for its name. */
const CERTIFICATE_KEY_ID_CHARS = 40;
const NAME_CONSTRAINTS = '2.5.29.30';

export function newSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/** A signing key of its PKCS #8 bytes. */
export function signingKeyFrom(pkcs8: Uint8Array): SigningKey {
  return signingKeyOf(createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }));
}

export function pkcs8Of({ privateKey }: SigningKey): Uint8Array {
  return new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const jwk = privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from(jwk.x ?? '', 'base64url'), Buffer.from(jwk.y ?? '', 'base64url')]);
  const spki = new Uint8Array(Buffer.concat([P256_HEAD, point]));
  return { keyId: keyIdOf(spki, nodePrimitives), spki, privateKey };
}

/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point's coordinates (RFC 5480). */
const P256_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

/** The id of a key as certificates name it. */
export function certificateKeyId(keyId: string): string {
  return keyId.slice(0, CERTIFICATE_KEY_ID_CHARS);
}

/** Loads the library once and makes certificates. */
export class CertificateMaker {
  #library: Promise<Library> | null = null;
  /** Imported for WebCrypto once: an import costs more than a signature. Goes with its key, so there are as many as keys that are kept opened. */
  readonly #imported = new WeakMap<SigningKey, Promise<webcrypto.CryptoKey>>();

  async makeIssuer({ domain, purpose, key, by, ...span }: IssuerWish): Promise<Made> {
    const x509 = await this.#load();
    const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
    return this.#make(by, {
      ...span,
      spki: key.spki,
      subject: issuerName(key.keyId),
      extensions: [
        new x509.BasicConstraintsExtension(true, purpose === 'root' ? 1 : 0, true),
        new x509.KeyUsagesExtension(usages, true),
        new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${domain}` }]),
        new x509.Extension(NAME_CONSTRAINTS, true, onlyDomain(domain)),
        new x509.SubjectKeyIdentifierExtension(certificateKeyId(key.keyId)),
      ],
    });
  }

  async makeLeaf({ id, spki, by, hosts, ...span }: LeafWish): Promise<Made> {
    const x509 = await this.#load();
    const names = [
      { type: 'url' as const, value: id },
      ...hosts.dns.map((value) => ({ type: 'dns' as const, value })),
      ...hosts.ips.map((value) => ({ type: 'ip' as const, value })),
    ];
    return this.#make(by, {
      ...span,
      spki,
      // Nobody shall take an identity from a subject, so there is none.
      subject: '',
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([SERVER_AUTH, CLIENT_AUTH]),
        new x509.SubjectAlternativeNameExtension(names, true),
      ],
    });
  }

  async #make(by: SigningKey, of: CertificateWish & Body): Promise<Made> {
    const x509 = await this.#load();
    const serial = newSerial();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: of.subject,
      issuer: issuerName(by.keyId),
      notBefore: new Date(of.notBefore / 1_000),
      notAfter: new Date(of.notAfter / 1_000),
      publicKey: new x509.PublicKey(Uint8Array.from(of.spki)),
      signingKey: await this.#cryptoKeyOf(by),
      signingAlgorithm: SIGNING,
      extensions: [...of.extensions, new x509.AuthorityKeyIdentifierExtension(certificateKeyId(by.keyId))],
    });
    return { der: new Uint8Array(certificate.rawData), serial };
  }

  #cryptoKeyOf(key: SigningKey): Promise<webcrypto.CryptoKey> {
    const imported = this.#imported.get(key) ?? importKey(key);
    this.#imported.set(key, imported);
    return imported;
  }

  async #load(): Promise<Library> {
    this.#library ??= loadLibrary();
    return this.#library;
  }
}

interface Body {
  readonly spki: Uint8Array;
  readonly subject: string;
  readonly extensions: readonly InstanceType<Library['Extension']>[];
}

async function loadLibrary(): Promise<Library> {
  // The library describes its types by decorators and needs this to be there before it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

function importKey({ privateKey }: SigningKey): Promise<webcrypto.CryptoKey> {
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, CURVE, false, ['sign']);
}

/** Each issuer has a name of its own, so that a chain is found by name as well as by key. */
function issuerName(keyId: string): string {
  return `O=Picket, CN=${certificateKeyId(keyId)}`;
}

/** Random, positive, and without a leading zero byte, so that it is written alike everywhere. */
function newSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return hex(bytes);
}

/** Name constraints with one permitted URI host (RFC 5280 4.2.1.10), for which the library has no words. */
function onlyDomain(domain: string): Uint8Array<ArrayBuffer> {
  const uri = tlv(0x86, Buffer.from(domain, 'latin1'));
  return Uint8Array.from(tlv(0x30, tlv(0xa0, tlv(0x30, uri))));
}

function tlv(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...head), content]);
}
