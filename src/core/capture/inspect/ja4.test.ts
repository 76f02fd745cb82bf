// Fingerprints from hellos made by hand: the example of the method's own text, and each of its corner cases.

import { describe, expect, test } from 'vitest';
import type { Hello } from './hello.ts';
import { bytes } from './inspect.testing.ts';
import { isGrease, ja4 } from './ja4.ts';

const CIPHERS = [
  0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x9c, 0x9d, 0x2f, 0x35,
];
const EXTENSIONS = [0x1b, 0, 0x33, 0x10, 0x4469, 0x17, 0x2d, 0x0d, 0x05, 0x23, 0x12, 0x2b, 0xff01, 0x0b, 0x0a, 0x15];
const ALGORITHMS = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

/** The hello of the example. */
const EXAMPLE: Hello = {
  version: 0x0303,
  ciphers: CIPHERS,
  extensions: EXTENSIONS,
  supportedVersions: [0x0304, 0x0303],
  signatureAlgorithms: ALGORITHMS,
  applicationProtocols: [bytes('h2'), bytes('http/1.1')],
  serverName: 'example.com',
};

function head(more: Partial<Hello>): string {
  return ja4({ ...EXAMPLE, ...more }, 't').split('_')[0] ?? '';
}

test('the example of the text', () => {
  expect(ja4(EXAMPLE, 't')).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
});

test('without signature algorithms, as in the text', () => {
  expect(ja4({ ...EXAMPLE, signatureAlgorithms: [] }, 't')).toBe('t13d1516h2_8daaf6152771_6d807ffa2a79');
});

test('GREASE is ignored wherever it stands', () => {
  const greased = {
    ciphers: [0x0a0a, ...CIPHERS],
    extensions: [0xfafa, ...EXTENSIONS, 0x1a1a],
    supportedVersions: [0xdada, 0x0304, 0x0303],
    signatureAlgorithms: [0x2a2a, ...ALGORITHMS],
  };
  expect(ja4({ ...EXAMPLE, ...greased }, 't')).toBe(ja4(EXAMPLE, 't'));
});

test('the order of ciphers and extensions does not count, that of signature algorithms does', () => {
  const turned = { ciphers: CIPHERS.toReversed(), extensions: EXTENSIONS.toReversed() };
  expect(ja4({ ...EXAMPLE, ...turned }, 't')).toBe(ja4(EXAMPLE, 't'));
  const other = { signatureAlgorithms: ALGORITHMS.toReversed() };
  expect(ja4({ ...EXAMPLE, ...other }, 't')).not.toBe(ja4(EXAMPLE, 't'));
});

test.each([
  ['no ciphers', { ciphers: [] }, 't13d0016h2_000000000000_e5627efa2ab1'],
  ['ciphers of GREASE alone', { ciphers: [0x0a0a] }, 't13d0016h2_000000000000_e5627efa2ab1'],
  [
    'no extensions',
    { extensions: [], supportedVersions: [], signatureAlgorithms: [] },
    't12i1500h2_8daaf6152771_000000000000',
  ],
  [
    'name and protocols alone',
    { extensions: [0, 16], signatureAlgorithms: [] },
    't13d1502h2_8daaf6152771_000000000000',
  ],
])('%s', (_, more, expected) => {
  expect(ja4({ ...EXAMPLE, ...more }, 't')).toBe(expected);
});

describe('first part', () => {
  test.each(['t', 'q', 'd'] as const)('transport %s', (transport) => {
    expect(ja4(EXAMPLE, transport).slice(0, 3)).toBe(`${transport}13`);
  });

  test.each([
    [0x0303, [0x0303, 0x0304], '13'],
    [0x0303, [0x7a7a, 0x0303], '12'],
    [0x0303, [], '12'],
    [0x0303, [0x1a1a], '12'],
    [0x0302, [], '11'],
    [0x0301, [], '10'],
    [0x0300, [], 's3'],
    [0x0002, [], 's2'],
    [0xfeff, [], 'd1'],
    [0xfefd, [], 'd2'],
    [0xfefd, [0xfefc], 'd3'],
    [0x0305, [], '00'],
    [0x0303, [0x7f1c], '00'],
  ])('version %d that supports %j is %s', (version, supportedVersions, expected) => {
    expect(head({ version, supportedVersions }).slice(1, 3)).toBe(expected);
  });

  test.each([
    [98, '98'],
    [99, '99'],
    [100, '99'],
    [9, '09'],
  ])('%d ciphers count as %s', (length, expected) => {
    const ciphers = Array.from({ length }, (_, at) => at);
    expect(head({ ciphers }).slice(4, 6)).toBe(expected);
  });

  test.each([
    [[], '00'],
    [[bytes()], '00'],
    [[bytes(), bytes('h2')], '00'],
    [[bytes('h2')], 'h2'],
    [[bytes('http/1.1')], 'h1'],
    [[bytes('x')], 'xx'],
    [[bytes('hq-29')], 'h9'],
    [[bytes(0x0a, 0x0a), bytes('h2')], '0a'],
    [[bytes(0xab)], 'ab'],
    [[bytes(0xab, 0xcd)], 'ad'],
    [[bytes(0x30, 0xab)], '3b'],
    [[bytes(0x30, 0x31, 0xab, 0xcd)], '3d'],
    [[bytes(0x30, 0xab, 0xcd, 0x31)], '01'],
    [[bytes('-a')], '21'],
  ])('protocols %j give %s', (applicationProtocols, expected) => {
    expect(head({ applicationProtocols }).slice(-2)).toBe(expected);
  });

  test('a name that is empty is a name', () => {
    expect(head({ serverName: '' })).toMatch(/^t13d/);
    expect(head({ extensions: EXTENSIONS.filter((kind) => kind !== 0) })).toMatch(/^t13i1515/);
  });
});

test.each([
  [0x0a0a, true],
  [0xfafa, true],
  [0x0a1a, false],
  [0x0b0b, false],
  [0x0a00, false],
  [0x1301, false],
])('isGrease(%d) is %s', (value, expected) => {
  expect(isGrease(value)).toBe(expected);
});
