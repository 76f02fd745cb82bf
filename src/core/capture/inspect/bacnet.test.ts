// BACnet/IP messages made by hand: every kind, network and link messages, routed ones, and what does not fit.

import { describe, expect, test } from 'vitest';
import { bacnetMessage, bvlcMessage, WHO_IS_ROUTED } from './bacnet.seeds.testing.ts';
import { bacnetDecoder, isBacnet } from './bacnet.ts';
import { NOT_MINE } from './decoder.ts';
import { bytes, decodeOnce, operationsOf } from './inspect.testing.ts';

describe('bacnetDecoder', () => {
  test.each([
    ['a confirmed request', bacnetMessage(0, 5, 1, 15, 9), ['bacnet 0/15/'], false],
    ['a segment of one', bacnetMessage(8, 5, 1, 0, 4, 15, 9), ['bacnet 0/15/'], false],
    ['an unconfirmed request', bacnetMessage(0x10, 8), ['bacnet 1//8'], false],
    ['a plain confirmation', bacnetMessage(0x20, 1, 15), ['bacnet 2/15/'], false],
    ['an answer', bacnetMessage(0x30, 1, 12, 9), ['bacnet 3/12/'], false],
    ['a segment of an answer', bacnetMessage(0x38, 1, 0, 4, 12, 9), ['bacnet 3/12/'], false],
    ['an acknowledged segment', bacnetMessage(0x40, 1, 0, 4), ['bacnet 4//'], false],
    ['an error', bacnetMessage(0x50, 1, 15, 9), ['bacnet 5/15/'], false],
    ['a rejection', bacnetMessage(0x60, 1, 9), ['bacnet 6//'], false],
    ['an abortion', bacnetMessage(0x70, 1, 9), ['bacnet 7//'], false],
    ['a routed and forwarded one', WHO_IS_ROUTED, ['bacnet 1//8'], false],
    ['a network message', bvlcMessage(0x0b, bytes([1, 0x80, 0])), ['npdu 0'], false],
    ['a foreign device', bvlcMessage(5, bytes([0, 60])), ['bvlc 5'], false],
    ['an unknown kind', bacnetMessage(0x80, 1, 9), [], true],
    ['a request cut short', bacnetMessage(0, 5, 1), [], true],
    ['no message at all', bvlcMessage(0x0a, bytes([1, 4])), [], true],
    ['a tail behind the message', bytes(bacnetMessage(0x10, 8), 0), ['bacnet 1//8'], true],
  ])('reads %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(bacnetDecoder, data);
    expect([length, operationsOf(bacnetDecoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  test.each([
    ['three bytes', bytes([0x81, 10, 0])],
    ['a length of 3', bytes([0x81, 10, 0, 3])],
    ['another version of the network', bvlcMessage(0x0a, bytes([2, 0, 0x10, 8]))],
    ['another link', bytes([0x82, 10, 0, 4])],
  ])('refuses %s', (_, data) => expect(decodeOnce(bacnetDecoder, data).length).toBe(NOT_MINE));
});

test.each([
  ['a message', bacnetMessage(0x10, 8), true],
  ['a message and a byte', bytes(bacnetMessage(0x10, 8), 0), false],
  ['link function 12', bvlcMessage(12, bytes()), true],
  ['link function 13', bvlcMessage(13, bytes()), false],
])('isBacnet() of %s', (_, data, expected) => expect(isBacnet(data, 0, data.length)).toBe(expected));
