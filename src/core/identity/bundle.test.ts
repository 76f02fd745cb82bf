// Bundles: read again what was printed, refuse what is damaged, goes back, or brings a root that nobody vouches for.

import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '#model';
import { acceptBundle, type BundleRoot, keyIdOf, printBundle, readBundle, type TrustBundle } from './bundle.ts';
import { readCertificate } from './certificate.ts';
import { type Keys, Kit, NOON, newKeys, nodePrimitives } from './certificates.testing.ts';
import { endorseText } from './proofs.ts';

const CONTEXT = { now: NOON, primitives: nodePrimitives };
const [first, second, third] = [new Kit(), new Kit(), new Kit()];
const policyKey = newKeys();

function rootOf(kit: Kit, by: { readonly keys: Keys; readonly domain?: string } | null = null): BundleRoot {
  const certificate = readCertificate(kit.root);
  if (certificate.kind === 'refused') throw new Error(certificate.message);
  const keyId = keyIdOf(kit.rootKeys.spki, nodePrimitives);
  if (by === null) return { certificate: certificate.value, keyId, endorsement: null };
  const signature = sign('sha256', endorseText(by.domain ?? kit.domain, kit.root, nodePrimitives), by.keys.privateKey);
  return {
    certificate: certificate.value,
    keyId,
    endorsement: { by: keyIdOf(by.keys.spki, nodePrimitives), signature },
  };
}

function bundle(sequence: number, roots: readonly BundleRoot[], domain = 'plant.example'): TrustBundle {
  return {
    domain,
    sequence,
    roots,
    policyKeys: [{ keyId: keyIdOf(policyKey.spki, nodePrimitives), spki: policyKey.spki }],
  };
}

const known = bundle(3, [rootOf(first)]);

test('a bundle is read as it was printed, through JSON', () => {
  const both = bundle(4, [rootOf(first), rootOf(second, { keys: first.rootKeys })]);
  const document = JSON.parse(JSON.stringify(printBundle(both)));
  const read = readBundle(document, CONTEXT);
  if (read.kind === 'refused') throw new Error(read.message);
  expect(printBundle(read.value)).toEqual(document);
  expect(document.keys[0]).toMatchObject({ use: 'x509-svid', kty: 'EC', crv: 'P-256' });
  expect(document.keys[0].x).toHaveLength(43);
});

test('a bundle passes over keys for other uses', () => {
  const document = {
    ...printBundle(known),
    keys: [{ use: 'jwt-svid', kty: 'EC' }, ...Object(printBundle(known)).keys],
  };
  expect(readBundle(document, CONTEXT)).toMatchObject({ kind: 'ok', value: { sequence: 3 } });
});

const [rootKey, signingKey] = Object(printBundle(known)).keys;
describe('readBundle() refuses', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'bundle'],
    ['a list', []],
    ['no domain', { picket_domain: undefined }],
    ['a domain that is none', { picket_domain: 'Plant' }],
    ['sequence 0', { spiffe_sequence: 0 }],
    ['sequence 1.5', { spiffe_sequence: 1.5 }],
    ['a sequence in a text', { spiffe_sequence: '3' }],
    ['no roots', { keys: [signingKey] }],
    ['keys that are no list', { keys: { 0: rootKey } }],
    ['17 keys', { keys: Array.from({ length: 17 }, () => ({ use: 'jwt-svid' })) }],
    ['a root without a certificate', { keys: [{ ...rootKey, x5c: undefined }] }],
    ['a root with two certificates', { keys: [{ ...rootKey, x5c: [rootKey.x5c[0], rootKey.x5c[0]] }] }],
    ['a root in loose base64', { keys: [{ ...rootKey, x5c: [`${rootKey.x5c[0]}\n`] }] }],
    ['a root under another name', { keys: [{ ...rootKey, kid: 'ab' }] }],
    ['a root of another domain', { picket_domain: 'office.example' }],
    [
      'an issuing certificate as a root',
      { keys: [{ ...rootKey, x5c: [Buffer.from(first.issuing).toString('base64')] }] },
    ],
    [
      'a policy key that is Ed25519',
      { keys: [rootKey, { ...signingKey, picket_spki: Buffer.from(newKeys('ed25519').spki).toString('base64') }] },
    ],
    ['a policy key under another name', { keys: [rootKey, { ...signingKey, kid: 'ab' }] }],
  ])('%s', (_, change) => {
    const isWhole = typeof change !== 'object' || change === null || Array.isArray(change);
    expect(readBundle(isWhole ? change : { ...printBundle(known), ...change }, CONTEXT).kind).toBe('refused');
  });

  test('a root that has ended', () => {
    expect(readBundle(printBundle(known), { ...CONTEXT, now: NOON + 24 * HOUR - 1 }).kind).toBe('ok');
    expect(readBundle(printBundle(known), { ...CONTEXT, now: NOON + DAY })).toMatchObject({ code: 'PICKET-C306' });
  });
});

describe('acceptBundle()', () => {
  const accepted = (offered: TrustBundle): string => {
    const answer = acceptBundle(known, offered, nodePrimitives);
    return answer.kind === 'ok' ? 'ok' : answer.code;
  };
  test('takes the same and a newer one, refuses one that goes back', () => {
    expect([2, 3, 4].map((sequence) => accepted(bundle(sequence, [rootOf(first)])))).toEqual([
      'PICKET-C310',
      'ok',
      'ok',
    ]);
  });
  test('takes a new root on the word of a known one, with or without it staying', () => {
    expect(accepted(bundle(4, [rootOf(first), rootOf(second, { keys: first.rootKeys })]))).toBe('ok');
    expect(accepted(bundle(5, [rootOf(second, { keys: first.rootKeys })]))).toBe('ok');
  });
  test("refuses a new root on nobody's word, on its own, on a stranger's, on a word for another domain", () => {
    const words: readonly Parameters<typeof rootOf>[1][] = [
      null,
      { keys: second.rootKeys },
      { keys: third.rootKeys },
      { keys: first.rootKeys, domain: 'office.example' },
    ];
    for (const word of words) expect(accepted(bundle(4, [rootOf(first), rootOf(second, word)]))).toBe('PICKET-C311');
    const [forFirst, forThird] = [rootOf(second, { keys: first.rootKeys }), rootOf(third)];
    expect(accepted(bundle(4, [{ ...forThird, endorsement: forFirst.endorsement }]))).toBe('PICKET-C311');
  });
  test('refuses the bundle of another domain', () => {
    expect(accepted(bundle(9, [rootOf(new Kit('office.example'))], 'office.example'))).toBe('PICKET-C303');
  });
});
