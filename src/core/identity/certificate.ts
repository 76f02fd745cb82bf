// X.509 v3 certificates, bytes → fields, strictly: BER, trailing bytes, doubled extensions, unknown critical ones and other versions are refused.
// Not a verdict: rules for leaves and issuers, signatures and chains are judged elsewhere, from these fields.

import type { Instant } from '#model';
import { hex } from './bytes.ts';
import { Der, readBitString, readInteger, readObjectId, readSmallInteger, TAG, type Trouble } from './der.ts';
import { readTime } from './der-time.ts';
import { type Extensions, NO_EXTENSIONS, readExtensions } from './extensions.ts';
import { type Checked, ok, refuse } from './refusal.ts';

/** Keys that Picket knows: P-256, which hardware can hold, and Ed25519. */
export type KeyKind = 'p256' | 'ed25519';

export interface PublicKey {
  readonly kind: KeyKind;
  /** SubjectPublicKeyInfo in DER: what is hashed where a key is named. */
  readonly spki: Uint8Array;
}

export interface Certificate extends Extensions {
  readonly der: Uint8Array;
  /** The part that is signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** The kind of key that the signature was made with. */
  readonly signedWith: KeyKind;
  /** Lower-case hexadecimal, as it stands in the certificate: an even number of digits, a leading 00 where the first bit needs one. */
  readonly serial: string;
  /** Names in DER: two are the same when their bytes are. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Instant;
  /** From here on it counts as ended. */
  readonly notAfter: Instant;
  readonly key: PublicKey;
}

/** Ours have some 600 bytes; one that is larger is not ours. */
export const CERTIFICATE_BYTES_MAX = 4096;
/** RFC 5280 4.1.2.2. */
const SERIAL_BYTES_MAX = 20;
const VERSION_3 = 2;
const CONTEXT_VERSION = 0xa0;
const CONTEXT_EXTENSIONS = 0xa3;
/** A relative name each: country, organisation, name and a few more. */
const RELATIVE_NAMES_MAX = 16;
const OID_ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const OID_EC_KEY = '1.2.840.10045.2.1';
const OID_P256 = '1.2.840.10045.3.1.7';
const OID_ED25519 = '1.3.101.112';
/** 04 and two coordinates: the only form of a point that is read. */
const POINT_BYTES = 65;
const ED25519_BYTES = 32;

/** Reads one certificate, the whole of `der` and nothing after it. Total: never throws. */
export function readCertificate(der: Uint8Array): Checked<Certificate> {
  if (der.length > CERTIFICATE_BYTES_MAX)
    return refuse('PICKET-C301', `the certificate has ${der.length} bytes, at most ${CERTIFICATE_BYTES_MAX} are read`);
  const trouble: Trouble = { text: null };
  const certificate = readWhole(der, trouble);
  if (trouble.text !== null) return refuse('PICKET-C301', `the certificate cannot be read: ${trouble.text}`);
  return ok(certificate);
}

/** Reads a public key of a kind that Picket knows. Whether its point lies on the curve is seen when it is used. */
export function readPublicKey(spki: Uint8Array): Checked<PublicKey> {
  if (spki.length > CERTIFICATE_BYTES_MAX) return refuse('PICKET-C301', 'the public key is too long');
  const trouble: Trouble = { text: null };
  const whole = Der.over(spki, trouble);
  const key = readKey(whole);
  whole.end('public key');
  if (trouble.text !== null) return refuse('PICKET-C301', `the public key cannot be read: ${trouble.text}`);
  return ok(key);
}

function readWhole(der: Uint8Array, trouble: Trouble): Certificate {
  const text = Der.over(der, trouble);
  const outer = text.next(TAG.sequence, 'certificate');
  text.end('certificate');
  const signed = outer.next(TAG.sequence, 'signed part');
  const fields = readSigned(signed, trouble);
  const signedWith = readSignatureKind(outer, 'signature algorithm');
  const signature = readBitString(outer, 'signature');
  outer.end('certificate');
  if (signature.unusedBits !== 0) outer.fail('signature is not whole bytes');
  if (fields.signedWith !== signedWith) outer.fail('signature algorithm differs from the one that was signed');
  return { ...fields, der, signed: signed.raw, signature: signature.bytes };
}

function readSigned(signed: Der, trouble: Trouble): Omit<Certificate, 'der' | 'signed' | 'signature'> {
  const version = signed.next(CONTEXT_VERSION, 'version');
  if (readSmallInteger(version, 'version', VERSION_3) !== VERSION_3) version.fail('version is not 3');
  version.end('version');
  const serial = readSerial(signed);
  const signedWith = readSignatureKind(signed, 'signature algorithm');
  const issuer = readName(signed, 'issuer');
  const validity = signed.next(TAG.sequence, 'validity');
  const notBefore = readTime(validity, 'begin of validity');
  const notAfter = readTime(validity, 'end of validity');
  validity.end('validity');
  if (notAfter < notBefore) validity.fail('validity ends before it begins');
  const subject = readName(signed, 'subject');
  const key = readKey(signed);
  // Unique ids of issuer and subject (tags 1 and 2) are refused here as well: RFC 5280 forbids them.
  const tagged = signed.next(CONTEXT_EXTENSIONS, 'extensions');
  const extensions = readExtensions(tagged.next(TAG.sequence, 'extensions'), trouble);
  tagged.end('extensions');
  signed.end('signed part');
  return { ...NO_EXTENSIONS, ...extensions, serial, signedWith, issuer, notBefore, notAfter, subject, key };
}

function readSerial(signed: Der): string {
  const bytes = readInteger(signed, 'serial number');
  const isPositive = (bytes[0] ?? 0x80) < 0x80 && bytes.some((byte) => byte !== 0);
  if (!isPositive || bytes.length > SERIAL_BYTES_MAX)
    signed.fail(`serial number is not positive, or has more than ${SERIAL_BYTES_MAX} bytes`);
  return hex(bytes);
}

function readSignatureKind(parent: Der, what: string): KeyKind {
  const algorithm = parent.next(TAG.sequence, what);
  const id = readObjectId(algorithm, what);
  algorithm.end(what);
  if (id !== OID_ECDSA_SHA256 && id !== OID_ED25519)
    algorithm.fail(`${what} ${id} is neither ECDSA with SHA-256 nor Ed25519`);
  return id === OID_ED25519 ? 'ed25519' : 'p256';
}

function readKey(parent: Der): PublicKey {
  const info = parent.next(TAG.sequence, 'public key');
  const algorithm = info.next(TAG.sequence, 'key algorithm');
  const id = readObjectId(algorithm, 'key algorithm');
  const curve = id === OID_EC_KEY ? readObjectId(algorithm, 'curve') : '';
  if (id === OID_EC_KEY || id === OID_ED25519) algorithm.end('key algorithm');
  const { bytes, unusedBits } = readBitString(info, 'public key');
  info.end('public key');
  const isEd25519 = id === OID_ED25519;
  const isP256 = id === OID_EC_KEY && curve === OID_P256;
  if (!isEd25519 && !isP256) info.fail(`key algorithm ${id} ${curve} is neither P-256 nor Ed25519`);
  const isWhole = isEd25519 ? bytes.length === ED25519_BYTES : bytes.length === POINT_BYTES && bytes[0] === 4;
  if (!isWhole || unusedBits !== 0) info.fail('public key has an impossible length or form');
  return { kind: isEd25519 ? 'ed25519' : 'p256', spki: info.raw };
}

/** A name's bytes, once its form is sound. Its words are never looked at: identity comes from nowhere but the URI. */
function readName(parent: Der, what: string): Uint8Array {
  const name = parent.next(TAG.sequence, what);
  let count = 0;
  while (!name.isAtEnd) {
    const relative = name.next(TAG.set, what);
    const pair = relative.next(TAG.sequence, what);
    relative.end(`a part of ${what}`);
    readObjectId(pair, what);
    if (pair.tag !== TAG.utf8String && pair.tag !== TAG.printableString && pair.tag !== TAG.ia5String)
      pair.fail(`${what} has a text of an unknown kind`);
    // Where a name's text may hold anything, two readers see two names.
    if (pair.next(pair.tag, what).content.some((byte) => byte < 0x20 || byte > 0x7e))
      pair.fail(`${what} is not printable ASCII`);
    pair.end(what);
    count += 1;
    if (count > RELATIVE_NAMES_MAX) name.fail(`${what} has more than ${RELATIVE_NAMES_MAX} parts`);
  }
  return name.raw;
}
