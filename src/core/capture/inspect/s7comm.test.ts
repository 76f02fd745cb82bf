// S7 units made by hand: jobs and answers, data of the user, fragments, and what else speaks over COTP.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { Bench, bytes, decodeOnce, operationsOf } from './inspect.testing.ts';
import { COTP_CONNECT, cotpData, s7Message, s7UserData } from './s7comm.seeds.testing.ts';
import { isCotpConnection, isS7, s7commDecoder } from './s7comm.ts';

const OPEN = { isTcp: true, isFinal: false };

describe('s7commDecoder', () => {
  test.each([
    ['a read', s7Message(1, [4, 1]), ['s7comm 1/0x04'], false],
    ['a write', s7Message(1, [5, 1]), ['s7comm 1/0x05'], false],
    ['an answer', s7Message(3, [0xf0]), ['s7comm 3/0xf0'], false],
    ['a confirmation without parameters', s7Message(2, []), ['s7comm 2/'], false],
    ['the clock set by a user', s7UserData(7, 2), ['s7comm 7/', 's7userdata 7/2'], false],
    ['data of a user cut short', s7Message(7, [0, 1, 0x12, 4]), ['s7comm 7/'], true],
    ['a connection', COTP_CONNECT, [], false],
    ['a data unit that holds nothing', cotpData(bytes()), [], false],
    ['another protocol over COTP', cotpData(bytes([0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])), [], true],
    ['parameters beyond the unit', cotpData(bytes([0x32, 1, 0, 0, 0, 1, 0, 9, 0, 0, 5])), [], true],
  ])('reads %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(s7commDecoder, data, OPEN);
    expect([length, operationsOf(s7commDecoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  const WRITE = s7Message(1, [5, 1]).subarray(7);
  const FIRST = cotpData(WRITE.subarray(0, 5), false);
  const unitsOf = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, unit) => cotpData(unit === 0 ? WRITE : bytes(), false));
  const longUnit = (length: number): Uint8Array =>
    cotpData(s7Message(1, [5, ...new Uint8Array(length - 11)]).subarray(7), false);

  test.each([
    ['two units', bytes(FIRST, cotpData(WRITE.subarray(5))), ['s7comm 1/0x05'], false],
    [
      'units of one byte',
      bytes(...[...WRITE].map((byte, at) => cotpData(bytes(byte), at === 11))),
      ['s7comm 1/0x05'],
      false,
    ],
    ['an empty last unit', bytes(cotpData(WRITE, false), cotpData(bytes())), ['s7comm 1/0x05'], false],
    ['a last unit without the function', bytes(FIRST, cotpData(WRITE.subarray(5, 9))), [], true],
    ['64 units', bytes(...unitsOf(63), cotpData(bytes())), ['s7comm 1/0x05'], false],
    ['more than 64 units', bytes(...unitsOf(64)), [], true],
    ['4,096 bytes', bytes(longUnit(4_096), cotpData(bytes())), ['s7comm 1/0x05'], false],
    ['4,097 bytes', longUnit(4_097), [], true],
  ])('puts together a message of %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(s7commDecoder, data, OPEN);
    expect([length, operationsOf(s7commDecoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  test('tells no fragments apart from their message', () => {
    expect(decodeOnce(s7commDecoder, FIRST, OPEN).length).toBe(NEEDS_MORE);
    expect(decodeOnce(s7commDecoder, bytes(FIRST, 3, 0), OPEN).length).toBe(NEEDS_MORE);
    expect(decodeOnce(s7commDecoder, FIRST, { isTcp: true, isFinal: true }).found.isUnreadable).toBe(true);
    const between = decodeOnce(s7commDecoder, bytes(FIRST, COTP_CONNECT), OPEN);
    expect([between.length, between.found.isUnreadable]).toEqual([FIRST.length, true]);
  });

  test.each([1, 4, 18])('waits behind %d bytes', (cut) => {
    expect(decodeOnce(s7commDecoder, s7Message(1, [5, 1]).subarray(0, cut), OPEN).length).toBe(NEEDS_MORE);
  });

  test.each([
    ['another version', bytes([2, 0, 0, 10])],
    ['a length of 6', bytes([3, 0, 0, 6])],
    ['text', bytes('GET ')],
  ])('refuses %s', (_, data) => expect(decodeOnce(s7commDecoder, data, OPEN).length).toBe(NOT_MINE));
});

test.each([
  ['a request', COTP_CONNECT, true],
  ['a request and a byte', bytes(COTP_CONNECT, 0), false],
  ['data', s7Message(1, [4]), false],
])('isCotpConnection() of %s', (_, data, expected) => expect(isCotpConnection(data, 0, data.length)).toBe(expected));

test('isS7() wants the first bytes of a message', () => {
  const message = s7Message(1, [4, 1]);
  expect([isS7(message, 0, message.length), isS7(message, 0, 17)]).toEqual([true, false]);
});

describe('a conversation that begins with COTP', () => {
  const PORTS = { destinationPort: 102 };

  test('is S7 once S7 was spoken, and nothing before', () => {
    const bench = new Bench();
    expect(bench.send({ data: COTP_CONNECT, ...PORTS }).application).toBe('');
    const said = bench.send({ data: s7Message(1, [4, 1]), sequence: COTP_CONNECT.length, ...PORTS });
    expect([said.application, said.operations]).toEqual(['s7comm', ['s7comm 1/0x04']]);
  });

  test('is unknown when anything else follows, be it a known protocol or a second connection', () => {
    for (const data of [bytes('GET / HTTP/1.1\r\n\r\n'), COTP_CONNECT]) {
      const bench = new Bench();
      bench.send({ data: COTP_CONNECT, ...PORTS });
      expect(bench.send({ data, sequence: COTP_CONNECT.length, ...PORTS }).application).toBe('unknown');
    }
  });
});
