// Google QUIC made by hand: public headers of each form, the later long header, and CHLO messages, whole, cut and damaged.

import { describe, expect, test } from 'vitest';
import { bytes } from '../inspect.testing.ts';
import { googleName, isGooglePacket, nameOf } from './google.ts';
import { googleHello } from './quic.testing.ts';

const HASH = new Uint8Array(12);
const ID = new Uint8Array(8);
const STREAM = [0xa0, 1, 0, 0];
const CHLO = googleHello('www.example.com');

describe('googleName()', () => {
  test.each([
    ['Q024 with an id of eight bytes', bytes(0x0d, ID, 'Q024', 1, HASH, 0, STREAM, CHLO), 'www.example.com'],
    ['Q024 with an id of four bytes', bytes(0x09, [1, 2, 3, 4], 'Q024', 1, HASH, STREAM, CHLO), 'www.example.com'],
    ['Q033', bytes(0x09, ID, 'Q033', 1, HASH, 0, STREAM, CHLO), 'www.example.com'],
    [
      'Q043 with a number of six bytes',
      bytes(0x39, ID, 'Q043', [0, 0, 0, 0, 0, 1], HASH, STREAM, CHLO),
      'www.example.com',
    ],
    ['Q043 without an id', bytes(0x01, 'Q043', 1, HASH, STREAM, CHLO), 'www.example.com'],
    ['Q046', bytes(0xc3, 'Q046', 0x50, ID, [0, 0, 0, 1], HASH, STREAM, CHLO), 'www.example.com'],
    ['a message 32 bytes on', bytes(0x09, ID, 'Q043', 1, HASH, new Uint8Array(32), CHLO), 'www.example.com'],
    ['a message 33 bytes on', bytes(0x09, ID, 'Q043', 1, HASH, new Uint8Array(33), CHLO), ''],
    ['a rejection', bytes(0x09, ID, 'Q043', 1, HASH, STREAM, 'REJ\0'), ''],
  ])('%s', (_, data, name) => {
    expect(isGooglePacket(data, 0, data.length)).toBe(true);
    expect(googleName(data, 0, data.length)).toBe(name);
  });

  test.each([
    ['no version', bytes(0x08, ID, 1, HASH)],
    ['a reset', bytes(0x0b, ID, 'Q043', 1)],
    ['another text', bytes(0x09, ID, 'R043', 1)],
    ['Q050, which is sealed', bytes(0xc3, 'Q050', 0x50, ID)],
    ['a version that has the long header', bytes(0x09, ID, 'Q046', 1)],
    ['a text that ends early', bytes(0x09, ID, 'Q04')],
    ['nothing', bytes()],
  ])('does not take %s', (_, data) => {
    expect(isGooglePacket(data, 0, data.length)).toBe(false);
    expect(googleName(data, 0, data.length)).toBe('');
  });
});

test('nameOf() gives nothing at every cut before the end of the name', () => {
  const end = CHLO.length - 4;
  for (let to = 0; to < end; to++) expect(nameOf(CHLO, 0, to)).toBe('');
  expect(nameOf(CHLO, 0, end)).toBe('www.example.com');
});

test.each([
  [255, 255],
  [256, 0],
])('nameOf() reads a name of %d bytes as %d', (length, expected) => {
  const message = googleHello('x'.repeat(length));
  expect(nameOf(message, 0, message.length).length).toBe(expected);
});
