// DNS messages made by hand: questions, answers along CNAME chains, and bytes that lie.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { dnsDecoder, isWholeDnsMessage } from './dns.ts';
import { Bench, bytes, decodeOnce, dnsName, namesOf, two } from './inspect.testing.ts';

const header = (flags: number, counts: readonly number[]): Uint8Array => bytes([0, 7], two(flags), ...counts.map(two));
const question = (name: string, type = 1): Uint8Array => bytes(dnsName(name), two(type), two(1));
const record = (name: Uint8Array, type: number, data: Uint8Array, ttl = 60): Uint8Array =>
  bytes(name, two(type), two(1), two(0), two(ttl), two(data.length), data);
const ASKED = bytes([0xc0, 12]);

describe('dnsDecoder', () => {
  test('gives the asked name of a query, case kept', () => {
    const { found } = decodeOnce(dnsDecoder, bytes(header(0x100, [1, 0, 0, 0]), question('Api.Example.COM', 28)));
    expect(namesOf(found)).toEqual(['dns-query Api.Example.COM 28']);
    expect(found.names[0]?.isFromServer).toBe(false);
  });

  test('keeps the asked name through a CNAME chain, whatever the case of its links', () => {
    const message = bytes(
      header(0x8180, [1, 4, 0, 0]),
      question('www.a.com'),
      record(ASKED, 5, dnsName('x.b.com')),
      record(dnsName('X.B.com'), 5, dnsName('y.c.com')),
      record(dnsName('y.c.COM'), 1, bytes([1, 2, 3, 4]), 30),
      record(dnsName('y.c.com'), 28, bytes([0x20, 1, 0xd, 0xb8], new Uint8Array(11), 1)),
    );
    const { found } = decodeOnce(dnsDecoder, message, { sourcePort: 53 });
    expect(namesOf(found)).toEqual([
      'dns-cname www.a.com x.b.com',
      'dns-cname www.a.com y.c.com',
      'dns-answer www.a.com 1.2.3.4',
      'dns-answer www.a.com 2001:db8::1',
    ]);
    expect(found.names.map(({ address, ttlSeconds }) => [address !== null, ttlSeconds])).toEqual([
      [false, 0],
      [false, 0],
      [true, 30],
      [true, 60],
    ]);
  });

  test.each([
    ['a stray answer', [1, 1, 0, 0]],
    ['an authority record', [1, 0, 1, 0]],
    ['an additional record', [1, 0, 0, 1]],
  ])('tells the address of %s but binds nothing to it', (_, counts) => {
    const message = bytes(
      header(0x8180, counts),
      question('a.com'),
      record(dnsName('ns.evil.com'), 1, bytes([6, 6, 6, 6])),
    );
    const { found } = decodeOnce(dnsDecoder, message, { sourcePort: 53 });
    expect(namesOf(found)).toEqual(['dns-answer a.com 6.6.6.6']);
    expect(found.names[0]?.address).toBeNull();
  });

  test('binds nothing to an additional record of the asked name itself', () => {
    const message = bytes(header(0x8180, [1, 0, 0, 1]), question('a.com'), record(ASKED, 1, bytes([6, 6, 6, 6])));
    expect(decodeOnce(dnsDecoder, message).found.names[0]?.address).toBeNull();
  });

  test('escapes a dot inside a label, so that one label cannot pass for two', () => {
    const message = bytes(header(0, [1, 0, 0, 0]), 8, 'evil.com', 0, two(1), two(1));
    expect(namesOf(decodeOnce(dnsDecoder, message).found)).toEqual(['dns-query evil\\x2ecom 1']);
  });

  test.each([
    ['points at itself', bytes([0xc0, 12])],
    ['points forwards', bytes([0xc0, 14, 1, 97, 0])],
    ['runs out of the message', bytes([5, 97])],
    ['has a label type that does not exist', bytes([0x80, 97, 0])],
  ])('gives nothing for a name that %s', (_, name) => {
    const { found } = decodeOnce(dnsDecoder, bytes(header(0, [1, 0, 0, 0]), name, two(1), two(1)));
    expect(found.names).toEqual([]);
  });

  test.each([
    ['255 bytes is read', 63, 61, 1],
    ['256 bytes is refused', 63, 62, 0],
  ])('a name of %s', (_, long, last, count) => {
    const labels = [long, long, long, last].map((size) => bytes(size, 'a'.repeat(size)));
    const { found } = decodeOnce(dnsDecoder, bytes(header(0, [1, 0, 0, 0]), ...labels, 0, two(1), two(1)));
    expect(found.names.length).toBe(count);
  });

  test('gives what stands before the end of a message that was cut', () => {
    const answers = bytes(record(ASKED, 1, bytes([1, 1, 1, 1])), record(ASKED, 1, bytes([2, 2, 2, 2])));
    const message = bytes(header(0x8180, [1, 2, 0, 0]), question('a.com'), answers);
    const { found } = decodeOnce(dnsDecoder, message.subarray(0, message.length - 1));
    expect(namesOf(found)).toEqual(['dns-answer a.com 1.1.1.1']);
  });

  test.each([
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, 0],
    [2 ** 32 - 1, 0],
    [0, 0],
  ])('takes a lifetime of %d seconds as %d', (sent, taken) => {
    const lifetime = bytes(two(Math.floor(sent / 2 ** 16)), two(sent % 2 ** 16));
    const answer = bytes(ASKED, two(1), two(1), lifetime, two(4), [1, 1, 1, 1]);
    const message = bytes(header(0x8180, [1, 1, 0, 0]), question('a.com'), answer);
    expect(decodeOnce(dnsDecoder, message, { sourcePort: 53 }).found.names[0]?.ttlSeconds).toBe(taken);
  });

  test.each([
    ['HTTPS', 65, bytes(two(1), 0, [0, 4, 0, 4, 9, 9, 9, 9])],
    ['SVCB', 64, bytes(two(1), 0, [0, 1, 0, 3, 2], 'h3')],
    ['HTTPS of no bytes', 65, bytes()],
    ['TXT', 16, bytes(3, 'abc')],
    ['a type that is not assigned', 0xffaa, bytes([1, 2, 3, 4])],
  ])('reads over a record of %s: its hints are no answers', (_, type, data) => {
    const answers = bytes(record(ASKED, type, data), record(ASKED, 1, bytes([1, 1, 1, 1])));
    const message = bytes(header(0x8180, [1, 2, 0, 0]), question('a.com'), answers);
    expect(namesOf(decodeOnce(dnsDecoder, message).found)).toEqual(['dns-answer a.com 1.1.1.1']);
    expect(isWholeDnsMessage(message, 0, message.length)).toBe(true);
  });

  test.each([
    [53, true],
    [5353, false],
    [5300, false],
  ])('is read at port %d, and binds a name there: %s', (port, isBound) => {
    const bench = new Bench();
    const asked = bytes(header(0x100, [1, 0, 0, 0]), question('a.com'));
    const answer = bytes(header(0x8180, [1, 1, 0, 0]), question('a.com'), record(ASKED, 1, bytes([1, 1, 1, 1])));
    bench.send({ data: asked, destinationPort: port, protocol: 17 });
    bench.answer({ data: answer, sourcePort: port, protocol: 17 });
    expect(bench.found).toEqual(['dns-query a.com 1', 'dns-answer a.com 1.1.1.1']);
    expect(bench.names.some(({ address }) => address >= 0)).toBe(isBound);
  });

  test('over TCP, an answer in segments cut anywhere tells each address once and binds it', () => {
    const asked = bytes(header(0, [1, 0, 0, 0]), question('a.com'));
    const answers = bytes(record(ASKED, 1, bytes([1, 1, 1, 1])), record(ASKED, 1, bytes([2, 2, 2, 2])));
    const reply = bytes(header(0x8180, [1, 2, 0, 0]), question('a.com'), answers);
    const data = bytes(two(reply.length), reply);
    for (let cut = 1; cut < data.length; cut++) {
      const bench = new Bench();
      bench.send({ data: bytes(two(asked.length), asked), destinationPort: 53 });
      bench.answer({ data: data.subarray(0, cut), sourcePort: 53, sequence: 1 });
      bench.answer({ data: data.subarray(cut), sourcePort: 53, sequence: 1 + cut });
      expect(bench.found).toEqual(['dns-query a.com 1', 'dns-answer a.com 1.1.1.1', 'dns-answer a.com 2.2.2.2']);
      expect(bench.names.filter(({ address }) => address >= 0).length).toBe(2);
    }
  });

  test('waits for a whole message over TCP and takes its length with it', () => {
    const message = bytes(header(0, [1, 0, 0, 0]), question('a.com'));
    const whole = bytes(two(message.length), message);
    const over = { isTcp: true, isFinal: false };
    expect(decodeOnce(dnsDecoder, whole, over).length).toBe(whole.length);
    expect(decodeOnce(dnsDecoder, whole.subarray(0, whole.length - 1), over).length).toBe(NEEDS_MORE);
    expect(decodeOnce(dnsDecoder, whole.subarray(0, 1), over).length).toBe(NEEDS_MORE);
    expect(decodeOnce(dnsDecoder, bytes(two(11), message), over).length).toBe(NOT_MINE);
  });
});

test('isWholeDnsMessage() wants every byte accounted for', () => {
  const message = bytes(header(0x8180, [1, 1, 0, 0]), question('a.com'), record(ASKED, 1, bytes([1, 1, 1, 1])));
  expect(isWholeDnsMessage(message, 0, message.length)).toBe(true);
  expect(isWholeDnsMessage(bytes(message, 0), 0, message.length + 1)).toBe(false);
  expect(isWholeDnsMessage(message, 0, message.length - 1)).toBe(false);
});
