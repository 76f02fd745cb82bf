// ClientHellos made by hand: whole, split over records, cut, and damaged.

import { describe, expect, test } from 'vitest';
import { type Found, NEEDS_MORE } from './decoder.ts';
import { bytes, clientHello, decodeOnce, namesOf, span, two } from './inspect.testing.ts';
import { tlsDecoder } from './tls.ts';

const OVER_TCP = { isTcp: true, isFinal: false };

function serverNames(found: Found): readonly string[] {
  return namesOf(found).filter((name) => name.startsWith('sni '));
}

describe('tlsDecoder', () => {
  test.each([
    ['Api.Example.com', ['sni Api.Example.com']],
    ['example.com.', ['sni example.com']],
    ['a\u0001b', ['sni a\\x01b']],
    ['', []],
    ['x'.repeat(255), [`sni ${'x'.repeat(255)}`]],
    ['x'.repeat(256), []],
  ])('reads %j', (host, names) => {
    expect(serverNames(decodeOnce(tlsDecoder, clientHello(host), OVER_TCP).found)).toEqual(names);
  });

  test('reads a hello that is split over records', () => {
    const hello = clientHello('split.example.com').subarray(5);
    const records = [hello.subarray(0, 10), hello.subarray(10)].map((part) =>
      bytes([22, 3, 1], two(part.length), part),
    );
    expect(serverNames(decodeOnce(tlsDecoder, bytes(...records), OVER_TCP).found)).toEqual(['sni split.example.com']);
  });

  test('waits at every cut before the end of the name, and gives nothing when no more can come', () => {
    const hello = clientHello('cut.example.com', 40);
    for (let length = 6; length < hello.length; length++) {
      const part = hello.subarray(0, length);
      expect(decodeOnce(tlsDecoder, part, OVER_TCP).length).toBe(NEEDS_MORE);
      expect(decodeOnce(tlsDecoder, part, { isTcp: true, isFinal: true }).found.names).toEqual([]);
    }
  });

  test('tells the name of a cut hello at once, and the fingerprint when it is whole, each once', () => {
    const whole = clientHello('early.example.com');
    const padding = 30;
    const body = bytes(whole.subarray(9), [0, 21], two(padding), new Uint8Array(padding));
    // Two more lengths hold the padding behind the name: that of the extensions, and those of message and record.
    const lengthAt = 2 + 32 + 1 + 4 + 2;
    body.set(two(body.length - lengthAt - 2), lengthAt);
    const hello = bytes([22, 3, 1], two(body.length + 4), 1, 0, two(body.length), body);
    const nameEnd = whole.length;
    for (let cut = 6; cut < hello.length; cut++) {
      const first = decodeOnce(tlsDecoder, hello.subarray(0, cut), OVER_TCP);
      const second = decodeOnce(tlsDecoder, hello, { ...OVER_TCP, shownBytes: cut });
      const kinds = ({ names }: Found): string => names.map(({ kind }) => kind).join(' ');
      expect([first.length, second.length]).toEqual([NEEDS_MORE, hello.length]);
      expect([kinds(first.found), kinds(second.found)]).toEqual(cut < nameEnd ? ['', 'sni ja4'] : ['sni', 'ja4']);
    }
  });

  test('reads a hello behind a ChangeCipherSpec, as a client repeats it', () => {
    const again = bytes([20, 3, 3, 0, 1, 1], clientHello('again.example.com'));
    expect(tlsDecoder.claims(span(again, OVER_TCP))).toBe(true);
    expect(serverNames(decodeOnce(tlsDecoder, again, OVER_TCP).found)).toEqual(['sni again.example.com']);
    expect(tlsDecoder.claims(span(again.subarray(0, 6), OVER_TCP))).toBe(false);
    expect(tlsDecoder.claims(span(bytes([20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 9, 1]), OVER_TCP))).toBe(false);
  });

  test('does not wait for a hello whose records another record ends', () => {
    const hello = clientHello('cut.example.com').subarray(5, 60);
    const data = bytes([22, 3, 1], two(hello.length), hello, [23, 3, 3, 0, 2, 1, 1]);
    expect(decodeOnce(tlsDecoder, data, OVER_TCP).length).toBe(data.length);
  });

  test.each([
    ['a ServerHello', bytes([22, 3, 3, 0, 9, 2, 0, 0, 5])],
    ['application data', bytes([23, 3, 3, 0, 9, 1, 0, 0, 5])],
    ['a version beyond TLS', bytes([22, 3, 5, 0, 9, 1, 0, 0, 5])],
    ['a record that is too long', bytes([22, 3, 1, 0x40, 1, 1, 0, 0, 5])],
    ['two bytes', bytes([22, 3])],
  ])('does not claim %s', (_, data) => {
    expect(tlsDecoder.claims(span(data, OVER_TCP))).toBe(false);
  });
});
