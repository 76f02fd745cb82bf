// Hellos made by hand: every field, every cut, lengths that contradict each other.

import { describe, expect, test } from 'vitest';
import { helloLength, readHello, serverName } from './hello.ts';
import { bytes, clientHello, type Part, two } from './inspect.testing.ts';

function extension(kind: number, ...parts: readonly Part[]): Uint8Array {
  const data = bytes(...parts);
  return bytes(two(kind), two(data.length), data);
}

function body(extensions: Uint8Array, cookie: readonly number[] = []): Uint8Array {
  const ciphers = bytes(two(0x1301), two(0x0a0a));
  return bytes(
    [3, 3],
    new Uint8Array(32),
    [2, 9, 9],
    cookie,
    two(ciphers.length),
    ciphers,
    [1, 0],
    two(extensions.length),
    extensions,
  );
}

const EXTENSIONS = bytes(
  extension(0, two(14), 0, two(11), 'example.com'),
  extension(43, 4, two(0x0304), two(0x0303)),
  extension(13, two(4), two(0x0403), two(0x0804)),
  extension(16, two(6), 2, 'h2', 2, 'h3'),
  extension(0xfe0d, 0),
);

const FIELDS = {
  version: 0x0303,
  ciphers: [0x1301, 0x0a0a],
  extensions: [0, 43, 13, 16, 0xfe0d],
  supportedVersions: [0x0304, 0x0303],
  signatureAlgorithms: [0x0403, 0x0804],
  applicationProtocols: [bytes('h2'), bytes('h3')],
  serverName: 'example.com',
};

describe('readHello()', () => {
  test('gives every field', () => {
    expect(readHello(body(EXTENSIONS))).toEqual(FIELDS);
    expect(readHello(body(EXTENSIONS, [3, 1, 2, 3]), true)).toEqual(FIELDS);
  });

  test('may end before the extensions, as early hellos do', () => {
    const whole = body(bytes());
    expect(readHello(whole.subarray(0, -2))).toMatchObject({ ciphers: [0x1301, 0x0a0a], extensions: [] });
  });

  test('gives nothing or less at every cut, and never throws', () => {
    const whole = body(EXTENSIONS);
    for (let to = 0; to < whole.length; to++) expect(readHello(whole.subarray(0, to))?.serverName ?? '').toBe('');
  });

  test.each([
    ['an extension beyond the end', bytes(two(0), two(9), 1)],
    ['a rest of three bytes', bytes(extension(13, two(0)), 1, 2, 3)],
  ])('refuses %s', (_, extensions) => {
    expect(readHello(body(extensions))).toBeNull();
  });

  test.each([
    ['versions beyond the extension', extension(43, 200, two(0x0304)), { supportedVersions: [0x0304] }],
    ['half a version', extension(43, 3, two(0x0304), 3), { supportedVersions: [0x0304] }],
    ['no versions', extension(43), { supportedVersions: [] }],
    ['algorithms beyond the extension', extension(13, two(99), two(0x0403)), { signatureAlgorithms: [0x0403] }],
    ['a protocol beyond the list', extension(16, two(3), 9, 'h2'), { applicationProtocols: [] }],
    ['an empty protocol', extension(16, two(4), 0, 2, 'h2'), { applicationProtocols: [bytes(), bytes('h2')] }],
    ['an empty name', extension(0), { serverName: '', extensions: [0] }],
  ])('takes what there is of %s', (_, extensions, fields) => {
    expect(readHello(body(extensions))).toMatchObject(fields);
  });
});

test('serverName() knows the name at its last byte and not before', () => {
  const hello = clientHello('example.com').subarray(5);
  for (let to = 0; to < hello.length; to++) expect(serverName(hello.subarray(0, to))).toBeUndefined();
  expect(serverName(hello)).toBe('example.com');
});

test.each([
  [[1, 0, 0], -1],
  [[1, 0, 0, 0], 4],
  [[1, 1, 0, 2], 65_542],
])('helloLength() of %j is %d', (data, length) => {
  expect(helloLength(bytes(data))).toBe(length);
});
