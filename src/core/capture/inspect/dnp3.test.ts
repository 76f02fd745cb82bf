// DNP3 frames made by hand: which function a frame names, checksums, segments, and look-alikes.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { dnp3Frame, dnp3Request } from './dnp3.seeds.testing.ts';
import { dnp3Checksum, dnp3Decoder, isDnp3 } from './dnp3.ts';
import { bytes, decodeOnce, operationsOf } from './inspect.testing.ts';

const OPEN = { isTcp: true, isFinal: false };
const changed = (data: Uint8Array, at: number): Uint8Array =>
  data.map((byte, index) => (index === at ? byte ^ 1 : byte));

test('the checksum is that of a header from the wire', () => {
  // A master asks for the state of a link: 05 64 05 C0 01 00 00 04, and E9 21 behind.
  const header = bytes([0x05, 0x64, 0x05, 0xc0, 0x01, 0x00, 0x00, 0x04]);
  expect(dnp3Checksum(header, 0, 8).toString(16)).toBe('21e9');
});

describe('dnp3Decoder', () => {
  test.each([
    ['a read', dnp3Request(1), ['dnp3 1'], false],
    ['a response', dnp3Request(129), ['dnp3 129'], false],
    ['the last function', dnp3Request(255), ['dnp3 255'], false],
    [
      'data of several blocks',
      dnp3Request(
        2,
        Array.from({ length: 60 }, () => 9),
      ),
      ['dnp3 2'],
      false,
    ],
    ['a link frame without data', dnp3Frame(bytes()), [], false],
    ['a later segment', dnp3Frame(bytes([0x81, 1, 2, 3])), [], false],
    ['a first segment too short for its function', dnp3Frame(bytes([0x41, 0xc0])), [], true],
    ['a first segment with just its function', dnp3Frame(bytes([0x41, 0xc0, 5])), ['dnp3 5'], false],
    ['a block with a wrong checksum', changed(dnp3Request(1), 13), ['dnp3 1'], true],
  ])('reads %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(dnp3Decoder, data, OPEN);
    expect([length, operationsOf(dnp3Decoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  test.each([
    ['a byte', 1, NEEDS_MORE],
    ['a header', 10, NEEDS_MORE],
    ['all but the last byte', -1, NEEDS_MORE],
  ])('waits behind %s', (_, cut, length) => {
    expect(decodeOnce(dnp3Decoder, dnp3Request(1).subarray(0, cut), OPEN).length).toBe(length);
  });

  test('names what the capture cut, and says that it is not whole', () => {
    const { found } = decodeOnce(dnp3Decoder, dnp3Request(5).subarray(0, 14), { isTcp: true, isFinal: true });
    expect([operationsOf(dnp3Decoder, found), found.isUnreadable]).toEqual([['dnp3 5'], true]);
  });

  test.each([
    ['another start', bytes([5, 5], dnp3Request(1).subarray(2))],
    ['a length of 4', bytes([5, 0x64, 4], dnp3Request(1).subarray(3))],
    ['a header with a wrong checksum', changed(dnp3Request(1), 4)],
  ])('refuses %s', (_, data) => {
    expect(decodeOnce(dnp3Decoder, data, OPEN).length).toBe(NOT_MINE);
    expect(isDnp3(data, 0, data.length)).toBe(false);
  });
});
