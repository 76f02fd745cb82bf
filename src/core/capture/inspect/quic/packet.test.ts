// Long headers and integers: samples of RFC 9000 appendix A.1 and one, packets of each type, and every cut.

import { describe, expect, test } from 'vitest';
import { bytes } from '../inspect.testing.ts';
import { isLongHeader, readInteger, readPacket } from './packet.ts';
import { fromHex, initial, SAMPLE_FRAME, VERSION_TWO } from './quic.testing.ts';

test.each([
  ['c000000100000001', 0x1_0000_0001, 8],
  ['9d7f3e7d', 494_878_333, 4],
  ['7bbd', 15_293, 2],
  ['25', 37, 1],
  ['4025', 37, 2],
  ['7b', 0, 2],
  ['', 0, 1],
])('the integer %s is %d in %d bytes', (hex, value, length) => {
  const cursor = { data: fromHex(hex), at: 0, to: hex.length / 2 };
  expect([readInteger(cursor), cursor.at]).toEqual([value, length]);
});

/** Type bits, then one-byte ids, then what the type has. */
function longHeader(type: number, rest: readonly number[], version = [0, 0, 0, 1]): Uint8Array {
  return bytes([0xc0 | (type << 4), ...version, 1, 7, 1, 9], rest);
}

const TWO = [0x6b, 0x33, 0x43, 0xcf];

describe('readPacket()', () => {
  test.each([
    ['an Initial with a token', longHeader(0, [2, 1, 1, 3, 1, 2, 3]), { isInitial: true, numberAt: 13, to: 16 }],
    ['a 0-RTT packet', longHeader(1, [3, 1, 2, 3]), { isInitial: false, numberAt: 10, to: 13 }],
    ['a Handshake packet', longHeader(2, [3, 1, 2, 3]), { isInitial: false, numberAt: 10, to: 13 }],
    ['a Retry', longHeader(3, [1, 2, 3]), null],
    ['an Initial of version 2', longHeader(1, [0, 3, 1, 2, 3], TWO), { isInitial: true, numberAt: 11, to: 14 }],
    ['a Retry of version 2', longHeader(0, [1, 2, 3], TWO), null],
    ['a length of nothing', longHeader(0, [0, 0]), { isInitial: true, numberAt: 11, to: 11 }],
    ['a length that ends with the datagram', longHeader(2, [1, 9]), { isInitial: false, numberAt: 10, to: 11 }],
    ['a length beyond the datagram', longHeader(2, [2, 9]), null],
    ['a token beyond the datagram', longHeader(0, [9, 1, 1, 3, 1, 2, 3]), null],
    ['another version', longHeader(0, [0, 0], [0, 0, 0, 2]), null],
  ])('%s', (_, data, expected) => {
    const packet = readPacket(data, 0, data.length);
    const { isInitial, numberAt, to } = packet ?? { isInitial: false, numberAt: 0, to: 0 };
    expect(packet === null ? null : { isInitial, numberAt, to }).toEqual(expected);
  });

  test('refuses every cut of a packet', () => {
    const packet = initial({ frames: SAMPLE_FRAME, version: VERSION_TWO });
    for (let to = 0; to < packet.length; to++) expect(readPacket(packet, 0, to)).toBeNull();
    expect(readPacket(packet, 0, packet.length)?.to).toBe(packet.length);
  });
});

test.each([
  ['ids of 20 bytes', bytes([0xc0, 0, 0, 0, 1, 20], new Uint8Array(20), 20, new Uint8Array(20)), true],
  ['an id of 21 bytes', bytes([0xc0, 0, 0, 0, 1, 21], new Uint8Array(21), 0), false],
  ['a second id of 21 bytes', bytes([0xc0, 0, 0, 0, 1, 0, 21], new Uint8Array(21)), false],
  ['ids beyond the end', bytes([0xc0, 0, 0, 0, 1, 9, 1, 1]), false],
  ['a short header', bytes([0x40, 0, 0, 0, 1, 0, 0]), false],
  ['no fixed bit', bytes([0x80, 0, 0, 0, 1, 0, 0]), false],
  ['a version negotiation', bytes([0xc0, 0, 0, 0, 0, 0, 0]), false],
  ['six bytes', bytes([0xc0, 0, 0, 0, 1, 0]), false],
])('isLongHeader() of %s is %s', (_, data, expected) => {
  expect(isLongHeader(data, 0, data.length)).toBe(expected);
});
