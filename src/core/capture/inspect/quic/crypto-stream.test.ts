// CRYPTO data in any order, overlapping and out of bounds, and the frames around it.

import { describe, expect, test } from 'vitest';
import { bytes } from '../inspect.testing.ts';
import { addFrames, CRYPTO_BYTES_MAX, CryptoStream } from './crypto-stream.ts';
import { cryptoFrame } from './quic.testing.ts';

function text(stream: CryptoStream): string {
  return String.fromCharCode(...stream.ready);
}

describe('CryptoStream', () => {
  test.each([
    [
      'in order',
      [
        [0, 'ab'],
        [2, 'cd'],
      ],
      'abcd',
    ],
    [
      'backwards',
      [
        [2, 'cd'],
        [0, 'ab'],
      ],
      'abcd',
    ],
    [
      'with a gap',
      [
        [0, 'ab'],
        [3, 'd'],
      ],
      'ab',
    ],
    ['without a beginning', [[1, 'b']], ''],
    [
      'overlapping: the first stays',
      [
        [0, 'abc'],
        [1, 'XYZ'],
      ],
      'abcZ',
    ],
    [
      'twice',
      [
        [0, 'ab'],
        [0, 'ab'],
      ],
      'ab',
    ],
  ] satisfies [string, [number, string][], string][])('%s', (_, parts, expected) => {
    const stream = new CryptoStream();
    for (const [offset, part] of parts) stream.add(offset, bytes(part));
    expect(text(stream)).toBe(expected);
  });

  test.each([
    [CRYPTO_BYTES_MAX - 1, CRYPTO_BYTES_MAX],
    [CRYPTO_BYTES_MAX - 2, CRYPTO_BYTES_MAX],
    [CRYPTO_BYTES_MAX - 3, CRYPTO_BYTES_MAX - 1],
    [CRYPTO_BYTES_MAX, CRYPTO_BYTES_MAX],
  ])('keeps what lies within the bound: %d bytes and two more give %d', (before, expected) => {
    const stream = new CryptoStream();
    stream.add(0, new Uint8Array(before));
    stream.add(before, new Uint8Array(2));
    expect(stream.ready.length).toBe(expected);
    stream.add(Number.MAX_SAFE_INTEGER, bytes('x'));
    expect(stream.ready.length).toBe(expected);
  });
});

describe('addFrames()', () => {
  const a = cryptoFrame(0, bytes('a'));
  test.each([
    ['padding and pings', bytes([0, 0, 1, 0], a), 'a'],
    ['an acknowledgement', bytes([2, 5, 0, 1, 0, 0, 0], a), 'a'],
    ['an acknowledgement with counts', bytes([3, 5, 0, 0, 0, 1, 1, 1], a), 'a'],
    ['a close', bytes([0x1c, 0, 0, 0], a), ''],
    ['a stream frame, which no Initial may carry', bytes([8, 0, 1], a), ''],
    ['an acknowledgement of too many ranges', bytes([2, 5, 0, 0x7f, 0xff, 0], a), ''],
    ['a frame that is cut', a.subarray(0, a.length - 1), ''],
    ['two, the second cut', bytes(a, a.subarray(0, 3)), 'a'],
  ])('reads behind %s', (_, frames, expected) => {
    const stream = new CryptoStream();
    addFrames(stream, frames, 6);
    expect(text(stream)).toBe(expected);
  });
});
