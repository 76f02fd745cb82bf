// The one verifier: each rule broken alone, chains that lead nowhere, times just inside and outside, revocation; then mutations and OpenSSL beside it.

import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '#model';
import { hex } from './bytes.ts';
import { readCertificate } from './certificate.ts';
import {
  CRITICAL,
  certificate,
  extension,
  Kit,
  type LeafWishes,
  NOON,
  name,
  newKeys,
  nodePrimitives,
  time,
  uri,
} from './certificates.testing.ts';
import { bits, boolean, integer, octets, oid, sequence, text, tlv } from './der.testing.ts';
import { CLIENT_AUTH, OID, SERVER_AUTH } from './extensions.ts';
import type { LeafQuestion } from './leaf.ts';
import { BACKDATED, LEAF_LIFE } from './lifetimes.ts';
import { checkRoot, verifyPeer } from './peer.ts';
import { RevocationIndex } from './revocations.ts';
import { IDENTITY_KINDS } from './spiffe.ts';

const kit = new Kit();
const trust = kit.trust();
const QUESTION: LeafQuestion = { domain: 'plant.example', kinds: null, role: 'client', now: NOON };
const CAM = 'spiffe://plant.example/device/cam-lobby';

function asked(
  leaf: Uint8Array,
  question: Partial<LeafQuestion> = {},
  others: readonly Uint8Array[] = [kit.issuing],
): string {
  const answer = verifyPeer({ leaf, others }, trust, { ...QUESTION, ...question });
  return answer.kind === 'ok' ? answer.value.id.text : answer.code;
}

test('verifyPeer() lets a sound leaf in, with any sound filler beside it', () => {
  expect(asked(kit.leaf())).toBe(CAM);
  expect(asked(kit.leaf({ keys: newKeys('ed25519') }))).toBe(CAM);
  expect(asked(kit.leaf(), { role: 'server', kinds: ['gateway', 'device'] })).toBe(CAM);
  expect(
    asked(kit.leaf(), {}, [
      kit.leaf({ id: 'spiffe://plant.example/controller/main' }),
      Uint8Array.of(1),
      kit.issuing,
      kit.root,
    ]),
  ).toBe(CAM);
});

const withNames = (...names: readonly Uint8Array[]): LeafWishes => ({ names });
const withExtension = (id: string, value: Uint8Array | null): LeafWishes => ({ extensions: { [id]: value } });

describe('verifyPeer() refuses a leaf with', () => {
  test.each<[string, string, LeafWishes]>([
    ['two URIs', 'PICKET-C302', withNames(uri(CAM), uri('spiffe://plant.example/controller/main'))],
    ['the same URI twice', 'PICKET-C302', withNames(uri(CAM), uri(CAM))],
    ['two ids in one URI', 'PICKET-C302', withNames(uri(`${CAM},URI:spiffe://plant.example/gateway/x`))],
    ['no URI', 'PICKET-C302', withNames(text(0x82, 'cam-lobby'))],
    ['no names', 'PICKET-C302', withExtension(OID.alternativeNames, null)],
    ['a URI that is no id', 'PICKET-C302', withNames(uri('https://plant.example/device/cam-lobby'))],
    ['the id in another case', 'PICKET-C302', withNames(uri('spiffe://Plant.example/device/cam-lobby'))],
    ['a host name beside', 'PICKET-C302', withNames(uri(CAM), text(0x82, 'nvr.plant.example'))],
    ['an address beside', 'PICKET-C302', withNames(uri(CAM), tlv(0x87, Uint8Array.of(10, 0, 3, 10)))],
    ['an e-mail beside', 'PICKET-C302', withNames(uri(CAM), text(0x81, 'root@plant.example'))],
    ['the id in the subject only', 'PICKET-C302', { names: [text(0x82, 'x')], parts: { subject: name(CAM) } }],
    ['another domain', 'PICKET-C303', { id: 'spiffe://office.example/device/cam-lobby' }],
    ['a domain below', 'PICKET-C303', { id: 'spiffe://hall.plant.example/device/cam-lobby' }],
    [
      'CA set',
      'PICKET-C302',
      withExtension(OID.basicConstraints, extension(OID.basicConstraints, sequence(boolean(0xff)), CRITICAL)),
    ],
    ['no key usage', 'PICKET-C302', withExtension(OID.keyUsage, null)],
    [
      'key usage that is not critical',
      'PICKET-C302',
      withExtension(OID.keyUsage, extension(OID.keyUsage, bits(7, 0x80))),
    ],
    [
      'key usage for issuing',
      'PICKET-C302',
      withExtension(OID.keyUsage, extension(OID.keyUsage, bits(2, 0x84), CRITICAL)),
    ],
    [
      'key usage for issuing lists',
      'PICKET-C302',
      withExtension(OID.keyUsage, extension(OID.keyUsage, bits(1, 0x82), CRITICAL)),
    ],
    ['no purposes', 'PICKET-C302', withExtension(OID.extendedKeyUsage, null)],
    [
      'the purpose of servers only',
      'PICKET-C302',
      withExtension(OID.extendedKeyUsage, extension(OID.extendedKeyUsage, sequence(oid(SERVER_AUTH)))),
    ],
    [
      'any purpose',
      'PICKET-C302',
      withExtension(OID.extendedKeyUsage, extension(OID.extendedKeyUsage, sequence(oid('2.5.29.37.0')))),
    ],
    [
      'signing code as well',
      'PICKET-C302',
      withExtension(
        OID.extendedKeyUsage,
        extension(OID.extendedKeyUsage, sequence(oid(CLIENT_AUTH), oid('1.3.6.1.5.5.7.3.3'))),
      ),
    ],
    [
      'name constraints',
      'PICKET-C302',
      withExtension(
        OID.nameConstraints,
        extension(OID.nameConstraints, sequence(tlv(0xa0, sequence(uri('plant.example')))), CRITICAL),
      ),
    ],
    ['a serial number of 7 bytes', 'PICKET-C302', { parts: { serial: integer(0x35, 1, 2, 3, 4, 5, 6) } }],
    ['no word on who issued it', 'PICKET-C302', withExtension(OID.authorityKeyId, null)],
    [
      'the key id of another issuer',
      'PICKET-C308',
      withExtension(OID.authorityKeyId, extension(OID.authorityKeyId, sequence(tlv(0x80, kit.rootKeys.id)))),
    ],
    ['the name of another issuer', 'PICKET-C308', { parts: { issuer: name('root') } }],
  ])('%s', (_, code, wishes) => {
    expect(asked(kit.leaf(wishes))).toBe(code);
  });
});

test('verifyPeer() takes serial numbers of 8 and of 20 bytes', () => {
  for (const length of [8, 20])
    expect(asked(kit.leaf({ parts: { serial: integer(0x35, ...new Uint8Array(length - 1)) } }))).toBe(CAM);
});

test('verifyPeer() lets controllers have names of hosts, and no other names', () => {
  const id = 'spiffe://plant.example/controller/main';
  const host = text(0x82, 'picket.plant.example');
  const address = tlv(0x87, Uint8Array.of(127, 0, 0, 1));
  expect(asked(kit.leaf({ id, names: [uri(id), host, address] }), { role: 'server' })).toBe(id);
  expect(asked(kit.leaf({ id, names: [uri(id), text(0x81, 'a@b')] }))).toBe('PICKET-C302');
});

test('verifyPeer() holds every kind to its life and to the kinds asked for', () => {
  for (const kind of IDENTITY_KINDS) {
    const id = `spiffe://plant.example/${kind}/x`;
    const life = LEAF_LIFE[kind] + BACKDATED;
    const of = (length: number): Uint8Array =>
      kit.leaf({ id, notBefore: NOON - MINUTE, notAfter: NOON - MINUTE + length });
    expect([asked(of(life - SECOND)), asked(of(life)), asked(of(life + SECOND))]).toEqual([id, id, 'PICKET-C302']);
    const others = IDENTITY_KINDS.filter((other) => other !== kind);
    expect(asked(of(life), { kinds: others })).toBe('PICKET-C304');
    expect(asked(of(life), { kinds: [kind] })).toBe(id);
  }
});

test('verifyPeer() looks at the clock, to the second, on every certificate of the chain', () => {
  const leaf = kit.leaf({ notBefore: NOON, notAfter: NOON + 5 * MINUTE });
  const at = (offset: number): string => asked(leaf, { now: NOON + offset });
  expect([at(-1), at(0), at(5 * MINUTE - 1), at(5 * MINUTE)]).toEqual(['PICKET-C305', CAM, CAM, 'PICKET-C306']);
  const short = kit.issuer({
    pathLength: 0,
    keys: kit.issuingKeys,
    subject: 'issuing',
    wishes: { notAfter: NOON + MINUTE },
  });
  expect(asked(leaf, { now: NOON + MINUTE - 1 }, [short])).toBe(CAM);
  expect(asked(leaf, { now: NOON + MINUTE }, [short])).toBe('PICKET-C306');
  expect(asked(leaf, { now: NOON + MINUTE }, [short, kit.issuing])).toBe(CAM);
});

const issuing = (wishes: LeafWishes, pathLength = 0): Uint8Array =>
  kit.issuer({ pathLength, keys: kit.issuingKeys, subject: 'issuing', wishes });

describe('verifyPeer() refuses a chain', () => {
  const other = new Kit();
  const constraint = (...names: readonly Uint8Array[]): LeafWishes =>
    withExtension(
      OID.nameConstraints,
      extension(OID.nameConstraints, sequence(tlv(0xa0, ...names.map((one) => sequence(one)))), CRITICAL),
    );
  test.each<[string, string, readonly Uint8Array[]]>([
    ['of nothing', 'PICKET-C308', []],
    ['of the root alone', 'PICKET-C308', [kit.root]],
    ['of another installation with the same names', 'PICKET-C308', [other.issuing, other.root]],
    [
      'with an issuer that another root made',
      'PICKET-C308',
      [kit.issuer({ pathLength: 0, keys: kit.issuingKeys, subject: 'issuing', by: other.rootKeys })],
    ],
    ['of more certificates than are read', 'PICKET-C308', [kit.root, kit.root, kit.root, kit.root, kit.issuing]],
    ['with an issuer that may make issuers', 'PICKET-C309', [issuing({}, 1)]],
    [
      'with an issuer without a path length',
      'PICKET-C309',
      [
        issuing(
          withExtension(OID.basicConstraints, extension(OID.basicConstraints, sequence(boolean(0xff)), CRITICAL)),
        ),
      ],
    ],
    ['with an issuer that is none', 'PICKET-C309', [issuing(withExtension(OID.basicConstraints, null))]],
    [
      'with an issuer of another usage',
      'PICKET-C309',
      [issuing(withExtension(OID.keyUsage, extension(OID.keyUsage, bits(2, 0x84), CRITICAL)))],
    ],
    ['with an issuer held to no domain', 'PICKET-C309', [issuing(withExtension(OID.nameConstraints, null))]],
    ['with an issuer held to another domain', 'PICKET-C309', [issuing(constraint(uri('office.example')))]],
    [
      'with an issuer held to two domains',
      'PICKET-C309',
      [issuing(constraint(uri('plant.example'), uri('office.example')))],
    ],
    ['with an issuer held to all domains below', 'PICKET-C309', [issuing(constraint(uri('.example')))]],
    [
      'with an issuer of another name',
      'PICKET-C309',
      [
        issuing(
          withExtension(
            OID.alternativeNames,
            extension(OID.alternativeNames, sequence(uri('spiffe://office.example'))),
          ),
        ),
      ],
    ],
    [
      'with an issuer that has purposes',
      'PICKET-C309',
      [issuing(withExtension(OID.extendedKeyUsage, extension(OID.extendedKeyUsage, sequence(oid(CLIENT_AUTH)))))],
    ],
    ['with a leaf as the issuer', 'PICKET-C308', [kit.leaf({ keys: kit.issuingKeys })]],
  ])('%s', (_, code, others) => {
    expect(asked(kit.leaf(), {}, others)).toBe(code);
  });
});

test('verifyPeer() does not let a leaf issue, whatever it says of itself', () => {
  const element = newKeys();
  const subjectKeyId = extension(OID.subjectKeyId, octets(element.id));
  const parent = kit.leaf({ keys: element, more: [subjectKeyId], parts: { subject: name('issuing') } });
  const forged = new Kit();
  const child = certificate(element, {
    serial: integer(0x35, ...element.id.subarray(0, 15)),
    issuer: name('issuing'),
    subject: sequence(),
    validity: sequence(time(NOON - MINUTE), time(NOON + MINUTE)),
    key: newKeys().spki,
    extensions: tlv(
      0xa3,
      sequence(
        extension(OID.keyUsage, bits(7, 0x80), CRITICAL),
        extension(OID.extendedKeyUsage, sequence(oid(CLIENT_AUTH))),
        extension(OID.alternativeNames, sequence(uri('spiffe://plant.example/controller/main'))),
        extension(OID.authorityKeyId, sequence(tlv(0x80, element.id))),
      ),
    ),
  });
  expect(asked(child, {}, [parent, kit.issuing])).toBe('PICKET-C309');
  expect(asked(forged.leaf(), {}, [forged.issuing, kit.issuing])).toBe('PICKET-C308');
});

test('verifyPeer() refuses what is revoked, by each of the four ways, and only that', () => {
  const bot = 'spiffe://plant.example/agent/alice/planner/child';
  const leaf = kit.leaf({ id: bot });
  const read = readCertificate(leaf);
  const serial = read.kind === 'ok' ? read.value.serial : '';
  const answer = (kind: 'serial' | 'identity' | 'subtree' | 'issuer', value: string): string => {
    const revocations = new RevocationIndex({
      domain: 'plant.example',
      sequence: 1,
      entries: [{ kind, value, until: NOON + HOUR }],
    });
    const found = verifyPeer({ leaf, others: [kit.issuing] }, kit.trust(revocations), QUESTION);
    return found.kind === 'ok' ? 'in' : found.code;
  };
  const stem = 'spiffe://plant.example/agent/alice';
  for (const [kind, value] of [
    ['serial', serial],
    ['identity', bot],
    ['subtree', bot],
    ['subtree', `${stem}/planner`],
    ['subtree', stem],
    ['issuer', hex(kit.issuingKeys.id)],
  ] as const)
    expect(answer(kind, value)).toBe('PICKET-C307');
  for (const [kind, value] of [
    ['serial', `${serial}00`],
    ['identity', `${stem}/planner`],
    ['subtree', `${stem}/plan`],
    ['subtree', `${bot}/below`],
    ['subtree', 'spiffe://plant.example/agent'],
    ['issuer', hex(kit.rootKeys.id)],
  ] as const)
    expect(answer(kind, value)).toBe('in');
});

test('verifyPeer() refuses all with the revocations of another domain', () => {
  const foreign = new RevocationIndex({ domain: 'office.example', sequence: 9, entries: [] });
  expect(verifyPeer({ leaf: kit.leaf(), others: [kit.issuing] }, kit.trust(foreign), QUESTION)).toMatchObject({
    code: 'PICKET-C307',
  });
});

test('checkRoot() wants a signature by itself', () => {
  const question = { domain: 'plant.example', now: NOON };
  expect(checkRoot(kit.root, question, nodePrimitives).kind).toBe('ok');
  const stolen = kit.issuer({ pathLength: 1, keys: kit.rootKeys, subject: 'root', by: newKeys() });
  expect(checkRoot(stolen, question, nodePrimitives)).toMatchObject({ code: 'PICKET-C309' });
  expect(checkRoot(kit.issuing, question, nodePrimitives)).toMatchObject({ code: 'PICKET-C309' });
  expect(checkRoot(kit.root, { ...question, domain: 'office.example' }, nodePrimitives)).toMatchObject({
    code: 'PICKET-C309',
  });
});

/** What OpenSSL says of these bytes: names as text, or null where it cannot read them. */
function opensslNames(der: Uint8Array): string | null {
  try {
    return new X509Certificate(der).subjectAltName ?? '';
  } catch {
    return null;
  }
}

test('a mutated certificate never throws, never gets in, and what is read of it OpenSSL reads as well', () => {
  const leaf = kit.leaf();
  const change = fc.record({
    at: fc.nat(leaf.length - 1),
    byte: fc.integer({ min: 0, max: 255 }),
    cut: fc.nat(3),
    put: fc.uint8Array({ maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let der = leaf;
      for (const { at, byte, cut, put } of changes)
        der = Uint8Array.from([...der.subarray(0, at), byte, ...put, ...der.subarray(at + 1 + cut)]);
      if (hex(der) === hex(leaf)) return;
      expect(asked(der)).toMatch(/^PICKET-C30/);
      const ours = readCertificate(der);
      if (ours.kind === 'refused') return;
      // Node quotes and escapes what could be read in two ways; plain names have to be the same.
      const uris = (ours.value.alternativeNames ?? []).flatMap((one) => (one.kind === 'uri' ? [one.text] : []));
      const openssl = opensslNames(der);
      expect(openssl).not.toBeNull();
      for (const one of uris.filter((text) => /^[\w:/.-]*$/.test(text))) expect(openssl).toContain(`URI:${one}`);
    }),
    { numRuns: 3_000 },
  );
});

test('every single bit of a certificate counts: none can be turned without it being refused', () => {
  const leaf = kit.leaf();
  const accepted: number[] = [];
  for (let bit = 0; bit < leaf.length * 8; bit++) {
    const der = Uint8Array.from(leaf);
    der[bit >> 3] = (der[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (asked(der) === CAM) accepted.push(bit);
  }
  expect(accepted).toEqual([]);
});
