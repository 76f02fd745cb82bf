// Modbus/TCP units made by hand.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { bytes, decodeOnce, modbusUnit, operationsOf } from './inspect.testing.ts';
import { isModbus, modbusDecoder } from './modbus.ts';

const REQUEST = { isTcp: true, isFinal: false, sourcePort: 40_000, destinationPort: 502 };
const ANSWER = { ...REQUEST, sourcePort: 502, destinationPort: 40_000 };
const textsOf = (data: Uint8Array, more: object): readonly string[] =>
  operationsOf(modbusDecoder, decodeOnce(modbusDecoder, data, more).found);

describe('modbusDecoder', () => {
  test('names unit and function of a request and passes over an answer', () => {
    expect(textsOf(modbusUnit(255, 127), REQUEST)).toEqual(['modbus 255/127']);
    expect(textsOf(modbusUnit(1, 0), REQUEST)).toEqual(['modbus 1/0']);
    expect(textsOf(modbusUnit(1, 3), ANSWER)).toEqual([]);
  });

  test('on another port the end that spoke first asks', () => {
    const more = { ...REQUEST, destinationPort: 1502, application: 'modbus' };
    expect(textsOf(modbusUnit(1, 3), { ...more, isFromFirstSpeaker: true })).toEqual(['modbus 1/3']);
    expect(textsOf(modbusUnit(1, 3), { ...more, isFromFirstSpeaker: false })).toEqual([]);
  });

  test('names the operation as soon as the function is there and skips the rest', () => {
    const unit = modbusUnit(1, 16, [0, 0, 0, 2, 4, 1, 2, 3, 4]);
    expect(decodeOnce(modbusDecoder, unit.subarray(0, 8), REQUEST)).toMatchObject({ length: unit.length });
    expect(decodeOnce(modbusDecoder, unit.subarray(0, 7), REQUEST).length).toBe(NEEDS_MORE);
  });

  test.each([
    [1, false],
    [2, true],
    [254, true],
    [255, false],
  ])('a length of %d is one: %s', (length, isOne) => {
    const data = bytes([0, 1, 0, 0, 0, length, 1, 3], new Uint8Array(300));
    expect(decodeOnce(modbusDecoder, data, REQUEST).length === NOT_MINE).toBe(!isOne);
  });
});

test.each([
  ['one unit', modbusUnit(1, 3), true],
  ['two units', bytes(modbusUnit(1, 3), modbusUnit(2, 4)), true],
  ['a unit and a byte', bytes(modbusUnit(1, 3), 0), false],
  ['a unit cut short', modbusUnit(1, 3).subarray(0, 9), false],
  ['function 0', modbusUnit(1, 0), false],
  ['another protocol', bytes([0, 1, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1]), false],
  ['nothing', bytes(), true],
])('isModbus() of %s', (_, data, expected) => {
  expect(isModbus(data, 0, data.length)).toBe(expected);
});
