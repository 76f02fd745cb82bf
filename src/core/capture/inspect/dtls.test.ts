// DTLS hellos made by hand: whole, with a cookie, in fragments, cut; and what is no hello.

import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '#model';
import { dtlsDecoder } from './dtls.ts';
import { Bench, bytes, decodeOnce, namesOf, type Part, span, two } from './inspect.testing.ts';

function hello(cookie: readonly number[] = [0]): Uint8Array {
  const name = bytes(two(14), 0, two(11), 'example.com');
  const extensions = bytes(two(0), two(name.length), name);
  return bytes(
    [0xfe, 0xfd],
    new Uint8Array(32),
    0,
    cookie,
    two(2),
    [0xc0, 0x2b],
    [1, 0],
    two(extensions.length),
    extensions,
  );
}

function record(
  body: Uint8Array,
  more: { kind?: number; offset?: number; length?: number; epoch?: number } = {},
): Uint8Array {
  const { kind = 1, offset = 0, length = body.length, epoch = 0 } = more;
  const three = (value: number): readonly Part[] => [0, two(value)];
  const message = bytes(kind, ...three(length), two(0), ...three(offset), ...three(body.length), body);
  return bytes([22, 0xfe, 0xff], two(epoch), new Uint8Array(6), two(message.length), message);
}

const FACTS = ['sni example.com', 'ja4 dd2d010100_648b5c445417_000000000000 example.com'];

describe('dtlsDecoder', () => {
  test.each([
    ['a hello', record(hello()), FACTS],
    ['a hello with a cookie, which repeats one', record(hello([2, 1, 1])), []],
    ['a first fragment', record(hello().subarray(0, 40), { length: hello().length }), []],
    ['a later fragment', record(hello(), { offset: 1 }), []],
    ['a request to verify', record(bytes([0xfe, 0xff, 2, 1, 1]), { kind: 3 }), []],
  ])('%s', (_, data, names) => {
    expect(dtlsDecoder.claims(span(data))).toBe(true);
    expect(namesOf(decodeOnce(dtlsDecoder, data).found)).toEqual(names);
  });

  test('gives nothing at every cut', () => {
    const data = record(hello());
    for (let to = 14; to < data.length; to++)
      expect(namesOf(decodeOnce(dtlsDecoder, data.subarray(0, to)).found)).toEqual([]);
  });

  test.each([
    ['a sealed record', record(hello(), { epoch: 1 })],
    ['a certificate', record(hello(), { kind: 11 })],
    ['application data', bytes(23, record(hello()).subarray(1))],
    ['TLS', bytes([22, 3, 3], record(hello()).subarray(3))],
    ['13 bytes', record(hello()).subarray(0, 13)],
  ])('does not claim %s', (_, data) => {
    expect(dtlsDecoder.claims(span(data))).toBe(false);
  });
});

test('a hello names the conversation dtls', () => {
  expect(new Bench().send({ data: record(hello()), protocol: PROTOCOL.udp }).application).toBe('dtls');
});
