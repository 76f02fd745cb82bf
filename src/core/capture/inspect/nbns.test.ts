// NetBIOS names made by hand: registrations, answers, group names, questions, cuts.

import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '#model';
import { Bench, bytes, decodeOnce, namesOf, span, two } from './inspect.testing.ts';
import { nbnsDecoder } from './nbns.ts';

/** Fifteen characters and the service byte, each in two letters. */
function netbiosName(name: string, service = 0): Uint8Array {
  const raw = bytes(name.padEnd(15), service);
  return bytes(32, ...Array.from(raw, (byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)]), 0);
}

const RECORD = [0, 32, 0, 1, 0, 0, 0, 60, 0, 6];

function registration(opcode: number, group = 0): Uint8Array {
  const flags = two((opcode << 11) | 0x0110);
  const question = bytes(netbiosName('CAM-7'), [0, 32, 0, 1]);
  return bytes([0, 1], flags, [0, 1, 0, 0, 0, 0, 0, 1], question, [0xc0, 12], RECORD, [group, 0], [10, 0, 0, 7]);
}

function answer(rcode = 0): Uint8Array {
  return bytes([0, 1, 0x85, rcode], [0, 0, 0, 1, 0, 0, 0, 0], netbiosName('CAM-7', 32), RECORD, [0, 0], [10, 0, 0, 7]);
}

const QUESTION = bytes([0, 1, 1, 0x10, 0, 1, 0, 0, 0, 0, 0, 0], netbiosName('CAM-7'), [0, 32, 0, 1]);
const CAM = ['nbns-host CAM-7 10.0.0.7'];

describe('nbnsDecoder', () => {
  test.each([
    ['a registration', registration(5), CAM],
    ['a refresh', registration(8), CAM],
    ['a registration of many addresses', registration(15), CAM],
    ['a release', registration(6), []],
    ['a group', registration(5, 0x80), []],
    ['an answer', answer(), CAM],
    ['a question', QUESTION, []],
  ])('%s', (_, data, names) => {
    expect(nbnsDecoder.claims(span(data))).toBe(true);
    expect(namesOf(decodeOnce(nbnsDecoder, data).found)).toEqual(names);
  });

  test('gives nothing at every cut', () => {
    const data = registration(5);
    for (let to = 0; to < data.length; to++)
      expect(namesOf(decodeOnce(nbnsDecoder, data.subarray(0, to)).found)).toEqual([]);
  });

  test.each([
    ['letters beyond P', bytes(QUESTION.subarray(0, 13), new Uint8Array(32).fill(0x51), 0, [0, 32, 0, 1])],
    ['a name of 31 bytes', bytes(QUESTION.subarray(0, 12), 31, QUESTION.subarray(13))],
    ['thousands of records', bytes([0, 1, 1, 0x10, 0xff, 1], QUESTION.subarray(6))],
  ])('does not claim %s', (_, data) => {
    expect(nbnsDecoder.claims(span(data))).toBe(false);
  });
});

test('a question names the conversation nbns', () => {
  expect(new Bench().send({ data: QUESTION, protocol: PROTOCOL.udp, destinationPort: 137 }).application).toBe('nbns');
});
