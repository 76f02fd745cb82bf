// Every way in which a certificate may fail to be strict DER, each alone: the sound one passes, the broken one does not.

import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HOUR } from '#model';
import { hex, joined } from './bytes.ts';
import { readCertificate, readPublicKey } from './certificate.ts';
import { CRITICAL, extension, Kit, NOON, name, newKeys, type Parts, time, uri } from './certificates.testing.ts';
import { bits, boolean, integer, octets, oid, sequence, text, tlv } from './der.testing.ts';
import { CLIENT_AUTH, OID } from './extensions.ts';

const kit = new Kit();
const ID = 'spiffe://plant.example/device/cam-lobby';
const names = (...list: readonly Uint8Array[]): Record<string, Uint8Array> => ({
  [OID.alternativeNames]: extension(OID.alternativeNames, sequence(...list), CRITICAL),
});

test('readCertificate() reads what OpenSSL reads', () => {
  for (const der of [
    kit.leaf(),
    kit.root,
    kit.issuing,
    kit.leaf({ keys: newKeys('ed25519') }),
    new Kit('lab', 'ed25519').leaf(),
  ]) {
    const openssl = new X509Certificate(der);
    const ours = readCertificate(der);
    if (ours.kind === 'refused') throw new Error(ours.message);
    const { value } = ours;
    expect(value.serial.replace(/^00/, '')).toBe(openssl.serialNumber.toLowerCase());
    expect(value.notBefore).toBe(Date.parse(openssl.validFrom) * 1_000);
    expect(value.notAfter).toBe(Date.parse(openssl.validTo) * 1_000);
    expect(hex(value.key.spki)).toBe(openssl.publicKey.export({ format: 'der', type: 'spki' }).toString('hex'));
    expect(openssl.subjectAltName).toBe(
      value.alternativeNames?.map((one) => (one.kind === 'uri' ? `URI:${one.text}` : '?')).join(', '),
    );
    expect(value.basicConstraints?.isCa ?? false).toBe(openssl.ca);
  }
});

test('readCertificate() reads instants beyond 2049', () => {
  const far = Date.UTC(2051, 0, 1) * 1_000;
  expect(readCertificate(kit.leaf({ notAfter: far }))).toMatchObject({ kind: 'ok', value: { notAfter: far } });
});

const P256 = newKeys().spki;
const OTHER_CURVE = sequence(
  sequence(oid('1.2.840.10045.2.1'), oid('1.3.132.0.34')),
  bits(0, 4, ...new Uint8Array(96)),
);
const RSA = sequence(sequence(oid('1.2.840.113549.1.1.1'), tlv(0x05)), bits(0, ...sequence(integer(1), integer(3))));
const SHA384 = sequence(oid('1.2.840.10045.4.3.3'));
const span = (from: Uint8Array, to: Uint8Array): Partial<Parts> => ({ validity: sequence(from, to) });
const tagged = (...parts: readonly Uint8Array[]): Partial<Parts> => ({ extensions: tlv(0xa3, sequence(...parts)) });
const utc = (digits: string): Uint8Array => text(0x17, digits);
const LATER = time(NOON + HOUR);

describe('readCertificate() refuses parts that are', () => {
  test.each<[string, Partial<Parts>]>([
    ['version 1, written', { version: tlv(0xa0, integer(0)) }],
    ['version 1, left out', { version: new Uint8Array(0) }],
    ['version 2', { version: tlv(0xa0, integer(1)) }],
    ['version 4', { version: tlv(0xa0, integer(3)) }],
    ['version with a tail', { version: tlv(0xa0, integer(2), integer(2)) }],
    ['version padded', { version: tlv(0xa0, integer(0, 2)) }],
    ['serial zero', { serial: integer(0) }],
    ['serial negative', { serial: integer(0x80, 1, 2, 3, 4, 5, 6, 7) }],
    ['serial padded', { serial: integer(0, 1, 2, 3, 4, 5, 6, 7, 8) }],
    ['serial empty', { serial: integer() }],
    ['serial of 21 bytes', { serial: integer(1, ...new Uint8Array(20)) }],
    ['inner algorithm SHA-384', { algorithm: SHA384 }],
    ['outer algorithm SHA-384', { outerAlgorithm: SHA384 }],
    ['algorithms that differ', { outerAlgorithm: sequence(oid('1.3.101.112')) }],
    ['algorithm with parameters', { algorithm: sequence(oid('1.2.840.10045.4.3.2'), tlv(0x05)) }],
    ['a curve of another kind', { key: OTHER_CURVE }],
    ['RSA', { key: RSA }],
    [
      'a compressed point',
      {
        key: sequence(
          sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
          bits(0, 2, ...new Uint8Array(32)),
        ),
      },
    ],
    [
      'Ed25519 with parameters',
      { key: sequence(sequence(oid('1.3.101.112'), tlv(0x05)), bits(0, ...new Uint8Array(32))) },
    ],
    ['Ed25519 of 31 bytes', { key: sequence(sequence(oid('1.3.101.112')), bits(0, ...new Uint8Array(31))) }],
    ['a key with unused bits', { key: sequence(sequence(oid('1.3.101.112')), bits(1, ...new Uint8Array(32))) }],
    ['a validity that ends before it begins', span(LATER, time(NOON))],
    ['a time without seconds', span(utc('2605041200Z'), LATER)],
    ['a time with an offset', span(utc('260504120000+0000'), LATER)],
    ['a time with a fraction', span(text(0x18, '20260504120000.5Z'), LATER)],
    ['GeneralizedTime before 2050', span(text(0x18, '20260504120000Z'), LATER)],
    ['31 June', span(utc('260631120000Z'), LATER)],
    ['hour 24', span(utc('260504240000Z'), LATER)],
    ['month 0', span(utc('260004120000Z'), LATER)],
    ['second 60', span(utc('260504120060Z'), LATER)],
    ['29 February of a year without', span(utc('250229000000Z'), LATER)],
    ['a validity of three times', { validity: sequence(time(NOON), LATER, LATER) }],
    ['a subject that is a set', { subject: tlv(0x31) }],
    [
      'a name with two values in one part',
      {
        subject: sequence(
          tlv(0x31, sequence(oid('2.5.4.3'), text(0x0c, 'a')), sequence(oid('2.5.4.3'), text(0x0c, 'b'))),
        ),
      },
    ],
    ['a name in a rare text kind', { subject: sequence(tlv(0x31, sequence(oid('2.5.4.3'), text(0x14, 'a')))) }],
    ['a name with a zero byte', { subject: name('a\0b') }],
    [
      'a name that is no UTF-8',
      { subject: sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Uint8Array.of(0xff))))) },
    ],
    ['a subject of 17 parts', { subject: sequence(...Array.from({ length: 17 }, () => name('x').subarray(2))) }],
    ['a unique id of the subject', { extensions: joined([tlv(0x82, Uint8Array.of(0, 1)), tlv(0xa3, sequence())]) }],
    ['no extensions', { extensions: new Uint8Array(0) }],
    ['an empty list of extensions', tagged()],
    [
      'something after the extensions',
      { extensions: joined([tlv(0xa3, sequence(extension('1.2.3', tlv(5)))), integer(1)]) },
    ],
    ['an extension with a tail', tagged(sequence(oid('1.2.3'), octets(), octets()))],
    ['an extension without a value', tagged(sequence(oid('1.2.3')))],
    ['25 extensions', tagged(...Array.from({ length: 25 }, (_, index) => extension(`1.2.3.${index}`, tlv(5))))],
  ])('%s', (_, parts) => {
    expect(readCertificate(kit.leaf({ parts }))).toMatchObject({ kind: 'refused', code: 'PICKET-C301' });
  });
});

describe('readCertificate() refuses an extension that is', () => {
  test.each<[string, readonly Uint8Array[]]>([
    ['unknown and critical', [extension('1.2.3.4', tlv(5), CRITICAL)]],
    ['there twice', [extension(OID.keyUsage, bits(7, 0x80))]],
    ['there twice and unknown', [extension('1.2.3', tlv(5)), extension('1.2.3', tlv(5))]],
    ['marked not critical in so many words', [extension('1.2.3', tlv(5), boolean(0))]],
    ['critical by 01', [extension(OID.subjectKeyId, octets(), boolean(1))]],
    ['basic constraints with CA written false', [extension(OID.basicConstraints, sequence(boolean(0)))]],
    ['basic constraints with CA by 01', [extension(OID.basicConstraints, sequence(boolean(1)))]],
    ['basic constraints with a path length and no CA', [extension(OID.basicConstraints, sequence(integer(0)))]],
    ['basic constraints with a tail', [extension(OID.basicConstraints, joined([sequence(), tlv(5)]))]],
    ['a negative path length', [extension(OID.basicConstraints, sequence(boolean(0xff), integer(0xff)))]],
    ['name constraints without any', [extension(OID.nameConstraints, sequence())]],
    ['name constraints with an empty list', [extension(OID.nameConstraints, sequence(tlv(0xa0)))]],
    [
      'name constraints with a minimum',
      [extension(OID.nameConstraints, sequence(tlv(0xa0, sequence(uri('x'), tlv(0x80, Uint8Array.of(1))))))],
    ],
    ['an authority key id by issuer and serial', [extension(OID.authorityKeyId, sequence(tlv(0xa1), tlv(0x82)))]],
  ])('%s', (_, more) => {
    const without = { [OID.authorityKeyId]: null };
    expect(readCertificate(kit.leaf({ more, extensions: without }))).toMatchObject({
      kind: 'refused',
      code: 'PICKET-C301',
    });
  });

  test.each<[string, string, Uint8Array]>([
    ['key usage without bits', OID.keyUsage, bits(0)],
    ['key usage with a zero byte behind', OID.keyUsage, bits(0, 0x80, 0x00)],
    ['key usage with too few unused bits', OID.keyUsage, bits(0, 0x80)],
    ['key usage with set unused bits', OID.keyUsage, bits(7, 0x81)],
    ['key usage of ten bits', OID.keyUsage, bits(6, 0x80, 0x40)],
    ['purposes without any', OID.extendedKeyUsage, sequence()],
    ['a purpose twice', OID.extendedKeyUsage, sequence(oid(CLIENT_AUTH), oid(CLIENT_AUTH))],
    ['no names', OID.alternativeNames, sequence()],
    ['a name with a zero byte', OID.alternativeNames, sequence(uri(`${ID}\0.evil`))],
    ['a name with a space', OID.alternativeNames, sequence(uri(`${ID} x`))],
    ['a name beyond ASCII', OID.alternativeNames, sequence(tlv(0x86, Uint8Array.of(0xc3, 0xa4)))],
    ['an address of three bytes', OID.alternativeNames, sequence(tlv(0x87, Uint8Array.of(1, 2, 3)))],
    ['an unknown kind of name', OID.alternativeNames, sequence(text(0x8a, 'x'))],
    ['65 names', OID.alternativeNames, sequence(...Array.from({ length: 65 }, () => text(0x82, 'a')))],
    ['names with a tail', OID.alternativeNames, joined([sequence(uri(ID)), tlv(5)])],
  ])('%s', (_, id, value) => {
    expect(readCertificate(kit.leaf({ extensions: { [id]: extension(id, value) } }))).toMatchObject({
      kind: 'refused',
      code: 'PICKET-C301',
    });
  });
});

test('readCertificate() passes over an unknown extension that is not critical', () => {
  expect(readCertificate(kit.leaf({ more: [extension('1.2.3.4', tlv(5))] })).kind).toBe('ok');
  expect(readCertificate(kit.leaf({ extensions: names(uri(ID)) })).kind).toBe('ok');
});

describe('readCertificate() refuses bytes that', () => {
  const sound = kit.leaf();
  const body = sound.subarray(4);
  test.each<[string, Uint8Array]>([
    ['are none', new Uint8Array(0)],
    ['end after the tag', sound.subarray(0, 1)],
    ['end one early', sound.subarray(0, -1)],
    ['go on after the end', joined([sound, Uint8Array.of(0)])],
    ['have an indefinite length', joined([Uint8Array.of(0x30, 0x80), body, Uint8Array.of(0, 0)])],
    ['have a length in three bytes', joined([Uint8Array.of(0x30, 0x83, 0, body.length >> 8, body.length & 255), body])],
    ['have a padded length', joined([Uint8Array.of(0x30, 0x82, 0, 0x7f), new Uint8Array(127)])],
    ['have a short length in the long form', joined([Uint8Array.of(0x30, 0x81, 0x7f), new Uint8Array(127)])],
    ['have a tag of two bytes', joined([Uint8Array.of(0x3f, 0x30, 0x82), body])],
    ['are more than 4096', tlv(0x30, new Uint8Array(4093))],
    ['are PEM', new TextEncoder().encode('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')],
  ])('%s', (_, der) => {
    expect(readCertificate(der)).toMatchObject({ kind: 'refused', code: 'PICKET-C301' });
  });
});

test('readPublicKey() takes the two kinds of keys, whole', () => {
  expect(readPublicKey(P256)).toMatchObject({ kind: 'ok', value: { kind: 'p256' } });
  expect(readPublicKey(newKeys('ed25519').spki)).toMatchObject({ kind: 'ok', value: { kind: 'ed25519' } });
  for (const spki of [RSA, OTHER_CURVE, joined([P256, tlv(5)]), P256.subarray(0, -1), new Uint8Array(0)])
    expect(readPublicKey(spki)).toMatchObject({ kind: 'refused', code: 'PICKET-C301' });
});
