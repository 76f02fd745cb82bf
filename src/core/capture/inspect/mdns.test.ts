// Multicast DNS made by hand: what a host announces, goodbyes, names of the internet, damage; and that nothing of it binds.

import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '#model';
import { Bench, bytes, decodeOnce, dnsName, namesOf, two } from './inspect.testing.ts';
import { mdnsDecoder } from './mdns.ts';

const PORT = { destinationPort: 5_353, sourcePort: 5_353 };
const A = 1;
const AAAA = 28;
const SRV = 33;
const FLUSH = 0x8001;

function record(name: string, type: number, data: Uint8Array, more: { class?: number; ttl?: number } = {}): Uint8Array {
  const { class: kind = FLUSH, ttl = 120 } = more;
  return bytes(dnsName(name), two(type), two(kind), [0, 0], two(ttl), two(data.length), data);
}

function answer(...records: readonly Uint8Array[]): Uint8Array {
  return bytes([0, 0, 0x84, 0, 0, 0], two(records.length), [0, 0, 0, 0], ...records);
}

const SERVICE = 'My Cam._http._tcp.local';
const TARGET = bytes([0, 0, 0, 0], two(8_080), dnsName('cam.local'));
const FOUR = bytes([10, 0, 0, 7]);

describe('mdnsDecoder', () => {
  test.each([
    ['an address', [record('cam.local', A, FOUR)], ['mdns-host cam.local 10.0.0.7']],
    ['without the flush bit', [record('cam.local', A, FOUR, { class: 1 })], ['mdns-host cam.local 10.0.0.7']],
    ['capitals', [record('CAM.LOCAL', A, FOUR)], ['mdns-host CAM.LOCAL 10.0.0.7']],
    ['IPv6', [record('cam.local', AAAA, bytes([0xfe, 0x80], new Uint8Array(13), 1))], ['mdns-host cam.local fe80::1']],
    ['a service', [record(SERVICE, SRV, TARGET)], [`mdns-service ${SERVICE} cam.local:8080`]],
    ['a goodbye', [record('cam.local', A, FOUR, { ttl: 0 })], []],
    ['another class', [record('cam.local', A, FOUR, { class: 3 })], []],
    ['a name of the internet', [record('www.example.com', A, FOUR)], []],
    ['a name that ends like it', [record('cam.notlocal', A, FOUR)], []],
    ['the domain itself', [record('local', A, FOUR)], []],
    [
      'a service on a host of the internet',
      [record(SERVICE, SRV, bytes([0, 0, 0, 0, 0, 80], dnsName('example.com')))],
      [],
    ],
    ['an address of three bytes', [record('cam.local', A, FOUR.subarray(0, 3))], []],
    ['a service without a host', [record(SERVICE, SRV, TARGET.subarray(0, 6))], []],
    [
      'other records between',
      [record('cam.local', 16, bytes('txt')), record('cam.local', A, FOUR)],
      ['mdns-host cam.local 10.0.0.7'],
    ],
  ])('%s', (_, records, names) => {
    expect(namesOf(decodeOnce(mdnsDecoder, answer(...records), PORT).found)).toEqual(names);
  });

  test('a question is a question', () => {
    const message = bytes([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('_http._tcp.local'), two(12), two(1));
    expect(namesOf(decodeOnce(mdnsDecoder, message, PORT).found)).toEqual(['dns-query _http._tcp.local 12']);
  });

  test('gives what stands before a cut', () => {
    const whole = answer(record('cam.local', A, FOUR), record('two.local', A, FOUR));
    for (let to = 0; to < whole.length; to++) {
      const names = namesOf(decodeOnce(mdnsDecoder, whole.subarray(0, to), PORT).found);
      expect(names.length).toBe(to < 12 + (whole.length - 12) / 2 ? 0 : 1);
    }
  });
});

test.each([5_353, 5_355])('an answer on port %d binds no name, asked or not', (port) => {
  const question = bytes([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('www.example.com'), two(1), two(1));
  const reply = bytes(
    [0, 7, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0],
    dnsName('www.example.com'),
    [0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 7],
  );
  const bench = new Bench();
  const udp = { protocol: PROTOCOL.udp };
  bench.send({ data: question, ...udp, destinationPort: port });
  bench.answer({ data: reply, ...udp, sourcePort: port });
  expect(bench.found).toEqual(['dns-query www.example.com 1', 'dns-answer www.example.com 10.0.0.7']);
  expect(bench.names.map(({ address, ttlSeconds }) => [address, ttlSeconds])).toEqual([
    [-1, 0],
    [-1, 0],
  ]);
});

test.each([
  [5_353, 'mdns'],
  [5_355, 'llmnr'],
  [53, 'dns'],
])('a question on port %d is %s', (destinationPort, application) => {
  const data = bytes([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName('a.local'), two(1), two(1));
  expect(new Bench().send({ data, protocol: PROTOCOL.udp, destinationPort }).application).toBe(application);
});
