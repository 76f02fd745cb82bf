// Units of IEC 60870-5-104 made by hand: data, supervision, and look-alikes.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { iec104Unit, START_DATA, SUPERVISE } from './iec104.seeds.testing.ts';
import { iec104Decoder, isIec104 } from './iec104.ts';
import { Bench, bytes, decodeOnce, operationsOf } from './inspect.testing.ts';

const OPEN = { isTcp: true, isFinal: false };

describe('iec104Decoder', () => {
  test.each([
    ['a command', iec104Unit(45, 6), ['iec104 45/6'], false],
    ['a negative answer in a test', iec104Unit(45, 0xc7), ['iec104 45/7'], false],
    ['a start', START_DATA, [], false],
    ['an acknowledgement', SUPERVISE, [], false],
    ['data too short for a cause', bytes([0x68, 5, 0, 0, 0, 0, 45]), [], true],
  ])('reads %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(iec104Decoder, data, OPEN);
    expect([length, operationsOf(iec104Decoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  test.each([1, 2, 8, 15])('waits behind %d bytes', (cut) => {
    expect(decodeOnce(iec104Decoder, iec104Unit(45, 6).subarray(0, cut), OPEN).length).toBe(NEEDS_MORE);
  });

  test.each([
    [3, true],
    [4, false],
    [253, false],
    [254, true],
  ])('a length of %d is refused: %s', (length, isRefused) => {
    const data = bytes([0x68, length, 7], new Uint8Array(300));
    expect(decodeOnce(iec104Decoder, data, OPEN).length === NOT_MINE).toBe(isRefused);
  });

  test('several units of one segment are several operations', () => {
    const data = bytes(iec104Unit(45, 6), START_DATA, iec104Unit(46, 6));
    expect(new Bench().send({ data, destinationPort: 2404 }).operations).toEqual(['iec104 45/6', 'iec104 46/6']);
  });
});

test.each([
  ['a start', START_DATA, true],
  ['two units', bytes(SUPERVISE, iec104Unit(1, 3)), true],
  ['a unit cut short', iec104Unit(1, 3).subarray(0, 9), false],
  ['a start with two bits', bytes([0x68, 4, 0x0f, 0, 0, 0]), false],
  ['a start with more', bytes([0x68, 4, 7, 1, 0, 0]), false],
  ['data of type 0', iec104Unit(0, 3), false],
  ['data of cause 48', iec104Unit(1, 48), false],
  ['data of cause 47', iec104Unit(1, 47), true],
  ['nothing', bytes(), false],
])('isIec104() of %s', (_, data, expected) => expect(isIec104(data, 0, data.length)).toBe(expected));
