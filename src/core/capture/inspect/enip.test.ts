// EtherNet/IP messages made by hand: commands, services, services inside services, and what does not fit.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import {
  cipRequest,
  connected,
  enipMessage,
  low,
  MANAGER,
  REGISTER,
  several,
  unconnected,
  unconnectedSend,
} from './enip.seeds.testing.ts';
import { enipDecoder, isEnip } from './enip.ts';
import { bytes, decodeOnce, operationsOf } from './inspect.testing.ts';

const OPEN = { isTcp: true, isFinal: false };
const WRITE = cipRequest(0x4d);
const nested = (depth: number): Uint8Array => (depth === 0 ? WRITE : unconnectedSend(nested(depth - 1)));

describe('enipDecoder', () => {
  test.each([
    ['a registration', REGISTER, ['enip 0x0065/'], false],
    ['a search for devices', enipMessage(0x63), ['enip 0x0063/'], false],
    ['a service', unconnected(WRITE), ['enip 0x006f/0x4d'], false],
    ['its reply', unconnected(bytes([0xcd, 0, 0, 0])), ['enip 0x006f/0xcd'], false],
    ['a service over a connection', connected(WRITE), ['enip 0x0070/0x4d'], false],
    ['an unconnected send', unconnected(unconnectedSend(WRITE)), ['enip 0x006f/0x52', 'enip 0x006f/0x4d'], false],
    ['a tag read in parts', connected(cipRequest(0x52)), ['enip 0x0070/0x52'], false],
    [
      'several services',
      connected(cipRequest(0x0a, several([WRITE, cipRequest(3)]))),
      ['enip 0x0070/0x0a', 'enip 0x0070/0x4d', 'enip 0x0070/0x03'],
      false,
    ],
    [
      'several replies',
      connected(bytes([0x8a, 0, 0, 0], several([bytes([0xcc, 0, 0, 0])]))),
      ['enip 0x0070/0x8a', 'enip 0x0070/0xcc'],
      false,
    ],
    ['an item without bytes', unconnected(bytes()), ['enip 0x006f/'], false],
    ['an item of a number alone', connected(bytes()), ['enip 0x0070/'], false],
    ['a refused request', enipMessage(0x6f, [0, 0, 0, 0, 0, 0], low(0)), ['enip 0x006f/'], false],
    [
      'a send whose inside is longer',
      unconnected(cipRequest(0x52, bytes([5, 1], low(99)), MANAGER)),
      ['enip 0x006f/0x52'],
      true,
    ],
    ['services at offsets outside', connected(cipRequest(0x0a, bytes(low(1), low(500)))), ['enip 0x0070/0x0a'], true],
    ['an item longer than the message', enipMessage(0x6f, [0, 0, 0, 0, 0, 0], low(1), low(0xb2), low(9)), [], true],
    ['sends inside sends, too deep', unconnected(nested(4)), Array.from({ length: 4 }, () => 'enip 0x006f/0x52'), true],
  ])('reads %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(enipDecoder, data, OPEN);
    expect([length, operationsOf(enipDecoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  test.each([1, 23, 24, 40])('waits behind %d bytes', (cut) => {
    expect(decodeOnce(enipDecoder, unconnected(WRITE).subarray(0, cut), OPEN).length).toBe(NEEDS_MORE);
  });

  test.each([
    ['another command', enipMessage(0x71)],
    ['options', REGISTER.map((byte, at) => (at === 20 ? 1 : byte))],
    ['a length of 65,512', bytes(low(0x65), low(65_512))],
  ])('refuses %s', (_, data) => expect(decodeOnce(enipDecoder, data, OPEN).length).toBe(NOT_MINE));
});

test.each([
  ['a registration', REGISTER, true],
  ['a registration and a byte', bytes(REGISTER, 0), false],
  ['a registration of version 2', enipMessage(0x65, [2, 0, 0, 0]), false],
  ['a service', unconnected(WRITE), true],
  ['nothing but zeros', new Uint8Array(24), false],
])('isEnip() of %s', (_, data, expected) => expect(isEnip(data, 0, data.length)).toBe(expected));
