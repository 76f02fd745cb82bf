// CoAP messages made by hand: codes, options of all lengths, and look-alikes.

import { describe, expect, test } from 'vitest';
import { COAP_GET, COAP_PUT } from './coap.seeds.testing.ts';
import { coapDecoder, isCoap } from './coap.ts';
import { NOT_MINE } from './decoder.ts';
import { Bench, bytes, decodeOnce, operationsOf } from './inspect.testing.ts';

describe('coapDecoder', () => {
  test.each([
    ['GET', COAP_GET, 'coap 1'],
    ['PUT', COAP_PUT, 'coap 3'],
    ['an acknowledgement', bytes([0x60, 0, 0, 1]), 'coap 0'],
    ['content', bytes([0x60, 69, 0, 1]), 'coap 69'],
  ])('reads %s', (_, data, operation) => {
    const { length, found } = decodeOnce(coapDecoder, data);
    expect([length, operationsOf(coapDecoder, found)]).toEqual([data.length, [operation]]);
  });

  test.each([
    ['three bytes', bytes([0x40, 1, 0])],
    ['version 2', bytes([0x80, 1, 0, 1])],
    ['a token of nine bytes', bytes([0x49, 1, 0, 1], new Uint8Array(9))],
  ])('refuses %s', (_, data) => expect(decodeOnce(coapDecoder, data).length).toBe(NOT_MINE));
});

test.each([
  ['GET', COAP_GET, true],
  ['PUT with a long option and content', COAP_PUT, true],
  ['an option of 269 bytes', bytes([0x40, 1, 0, 1, 0x0e, 0, 0], new Uint8Array(269)), true],
  ['an option of 268 bytes that says 269', bytes([0x40, 1, 0, 1, 0x0e, 0, 0], new Uint8Array(268)), false],
  ['an option of a reserved length', bytes([0x40, 1, 0, 1, 0x0f, 0]), false],
  ['a marker without content', bytes([0x40, 1, 0, 1, 0xff]), false],
  ['an empty message with more', bytes([0x40, 0, 0, 1, 0xb1, 9]), false],
  ['a code of class 1', bytes([0x40, 32, 0, 1]), false],
])('isCoap() of %s', (_, data, expected) => expect(isCoap(data, 0, data.length)).toBe(expected));

test('needs its port to be recognised', () => {
  const sent = { data: COAP_GET, protocol: 17 };
  expect(new Bench().send({ ...sent, destinationPort: 5683 }).application).toBe('coap');
  expect(new Bench().send({ ...sent, destinationPort: 5682 }).application).toBe('unknown');
});

test('a datagram on its port that cannot be read may ask for anything', () => {
  const { operations } = new Bench().send({ data: bytes([0, 1, 2, 3, 4]), protocol: 17, destinationPort: 5683 });
  expect(operations).toEqual(['coap ?']);
});
