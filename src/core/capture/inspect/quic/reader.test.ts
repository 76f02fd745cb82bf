// QUIC clients as an observer sees them: split, shuffled, repeated, sent back, forged. Each hello is told once, and work is bounded.

import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '#model';
import { newFound } from '../decoder.ts';
import { Bench, bytes, span } from '../inspect.testing.ts';
import {
  cryptoFrame,
  fromHex,
  googleHello,
  type Initial,
  initial,
  SAMPLE_FRAME,
  SAMPLE_HELLO,
  SAMPLE_ID,
  textVersion,
  VERSION_TWO,
} from './quic.testing.ts';
import { CONNECTIONS_MAX, DECRYPTIONS_MAX, QuicReader } from './reader.ts';

const FACTS = ['sni example.com', 'ja4 q13d0211an_62ed6f6ca7ad_4d634acda6c0 example.com'];
const OTHER_ID = fromHex('f067a5502a4262b5');
const UDP = { protocol: PROTOCOL.udp, destinationPort: 443, sourcePort: 50_000 };
/** RFC 9001 appendix A.3: what the server answers. */
const SERVER_SAMPLE = fromHex(
  'cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3e' +
    'c2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850' +
    'abbdca3d20398c276456cbc42158407dd074ee',
);
const HALF = 120;
const first = cryptoFrame(0, SAMPLE_HELLO.subarray(0, HALF));
const second = cryptoFrame(HALF, SAMPLE_HELLO.subarray(HALF));

/** A hello that differs from the sample in its random bytes alone. */
function otherHello(random: number): Uint8Array {
  const hello = SAMPLE_HELLO.slice();
  hello.fill(random, 6, 38);
  return hello;
}

function told(...datagrams: readonly Uint8Array[]): readonly string[] {
  const bench = new Bench();
  for (const data of datagrams) bench.send({ data, ...UDP });
  return bench.found;
}

describe('a hello', () => {
  test.each([
    ['in one packet', [initial({ frames: SAMPLE_FRAME })]],
    ['of version 2', [initial({ frames: SAMPLE_FRAME, version: VERSION_TWO })]],
    ['of draft 29', [initial({ frames: SAMPLE_FRAME, version: 0xff00_001d })]],
    ['of draft 27', [initial({ frames: SAMPLE_FRAME, version: 0xff00_001b })]],
    ['of draft 22', [initial({ frames: SAMPLE_FRAME, version: 0xff00_0016 })]],
    ['of T051', [initial({ frames: SAMPLE_FRAME, version: textVersion('T051') })]],
    ['with a token', [initial({ frames: SAMPLE_FRAME, token: bytes('token') })]],
    ['in shuffled frames', [initial({ frames: bytes(second, [1, 0, 0], first) })]],
    ['in two packets', [initial({ frames: first }), initial({ frames: second, number: 1 })]],
    ['in two packets, the second first', [initial({ frames: second, number: 1 }), initial({ frames: first })]],
    ['in two packets of one datagram', [bytes(initial({ frames: first }), initial({ frames: second, number: 1 }))]],
    ['sent twice', [initial({ frames: SAMPLE_FRAME }), initial({ frames: SAMPLE_FRAME, number: 1 })]],
    [
      'whose second half goes to the id that the server chose',
      [initial({ frames: first }), initial({ frames: second, id: OTHER_ID, keyId: SAMPLE_ID, number: 1 })],
    ],
    [
      'sent again after a Retry, under keys of the new id',
      [
        initial({ frames: SAMPLE_FRAME }),
        initial({ frames: SAMPLE_FRAME, id: OTHER_ID, token: bytes('token'), number: 1 }),
      ],
    ],
    [
      'cut short and sent again after a Retry',
      [initial({ frames: first }), initial({ frames: SAMPLE_FRAME, id: OTHER_ID, number: 1 })],
    ],
    [
      'that goes on in another version',
      [initial({ frames: first }), initial({ frames: second, version: VERSION_TWO, number: 1 })],
    ],
    [
      'behind garbage under other keys',
      [initial({ frames: first, keyId: OTHER_ID }), initial({ frames: SAMPLE_FRAME })],
    ],
  ])('%s is told once', (_, datagrams) => {
    expect(told(...datagrams)).toEqual(FACTS);
  });

  test('is named before it is whole', () => {
    const bench = new Bench();
    bench.send({ data: initial({ frames: first }), ...UDP });
    expect(bench.found).toEqual(FACTS.slice(0, 1));
  });

  test.each([
    ['without its beginning', [initial({ frames: second })]],
    ['with a damaged tag', [damaged(initial({ frames: SAMPLE_FRAME }))]],
    ['cut by one byte', [initial({ frames: SAMPLE_FRAME }).subarray(0, -1)]],
    ['of an unknown version', [changed(initial({ frames: SAMPLE_FRAME }), 4, 9)]],
    ['under keys of another id', [initial({ frames: SAMPLE_FRAME, keyId: OTHER_ID })]],
    ['sealed by the server', [SERVER_SAMPLE]],
    ['that is longer than 16 KiB', [initial({ frames: cryptoFrame(0, bytes([1, 0, 0x40, 1], new Uint8Array(900))) })]],
  ])('%s is not told', (_, datagrams) => {
    expect(told(...datagrams)).toEqual([]);
  });

  test('of another connection on the same ports is told as well', () => {
    const other = initial({ frames: cryptoFrame(0, otherHello(7)), id: OTHER_ID });
    expect(told(initial({ frames: SAMPLE_FRAME }), other)).toEqual([...FACTS, ...FACTS]);
  });

  test('names the conversation quic, whoever is heard first', () => {
    const bench = new Bench();
    expect(bench.send({ data: initial({ frames: SAMPLE_FRAME }), ...UDP }).application).toBe('quic');
    expect(bench.answer({ data: SERVER_SAMPLE, ...UDP, sourcePort: 4_433 }).application).toBe('quic');
    expect(bench.names.map(({ clientPort, port }) => [clientPort, port])).toEqual([
      [50_000, 443],
      [50_000, 443],
    ]);
  });

  test('of Q050 gives the name of its CHLO', () => {
    const frames = cryptoFrame(0, googleHello('www.example.com'), 8);
    expect(told(initial({ frames, version: textVersion('Q050') }))).toEqual(['sni www.example.com']);
  });

  test('of Q043 is told once, though it is sent again after a rejection', () => {
    const packet = bytes(0x09, SAMPLE_ID, 'Q043', 1, new Uint8Array(12), [0xa0, 1], googleHello('www.example.com'));
    expect(told(packet, packet)).toEqual(['sni www.example.com']);
  });
});

describe('bounds', () => {
  const addresses = { source: 1, destination: 2, sourcePort: 1, destinationPort: 443 };
  const read = (reader: QuicReader, sent: Initial, more = {}): number => {
    const found = newFound();
    reader.decode(span(initial(sent), { ...addresses, ...more }), found);
    return found.names.length;
  };

  test.each([
    [DECRYPTIONS_MAX - 1, 2],
    [DECRYPTIONS_MAX, 0],
  ])('after %d packets that open with no key a hello gives %d facts', (failed, facts) => {
    const reader = new QuicReader();
    for (let at = 0; at < failed; at++)
      expect(read(reader, { frames: SAMPLE_FRAME, id: bytes(at, 1, 2, 3), keyId: OTHER_ID })).toBe(0);
    expect(read(reader, { frames: SAMPLE_FRAME })).toBe(facts);
  });

  test.each([
    [179_999_999, 0],
    [180_000_000, 2],
  ])('a conversation that gave nothing is tried again after %d microseconds: %d facts', (at, facts) => {
    const reader = new QuicReader();
    for (let failed = 0; failed < DECRYPTIONS_MAX; failed++)
      read(reader, { frames: SAMPLE_FRAME, id: bytes(failed, 1, 2, 3), keyId: OTHER_ID });
    expect(read(reader, { frames: SAMPLE_FRAME }, { at })).toBe(facts);
  });

  test('acknowledgements behind a hello cost one decryption, and none once their id is known', () => {
    const reader = new QuicReader();
    expect(read(reader, { frames: SAMPLE_FRAME })).toBe(2);
    for (let number = 1; number < 100; number++)
      read(reader, { frames: bytes([2, 0, 0, 0, 0]), id: OTHER_ID, keyId: SAMPLE_ID, number });
    const id = bytes('another');
    expect(read(reader, { frames: cryptoFrame(0, otherHello(9)), id })).toBe(2);
  });

  test.each([
    [CONNECTIONS_MAX - 1, 0],
    [CONNECTIONS_MAX, 2],
  ])('after %d other conversations a repeated hello gives %d facts', (others, facts) => {
    const reader = new QuicReader();
    read(reader, { frames: SAMPLE_FRAME });
    const packet = initial({ frames: bytes([1]), keyId: OTHER_ID });
    for (let source = 0; source < others; source++)
      reader.decode(span(packet, { ...addresses, source: 10 + source }), newFound());
    expect(read(reader, { frames: SAMPLE_FRAME })).toBe(facts);
  });
});

function damaged(packet: Uint8Array): Uint8Array {
  return changed(packet, packet.length - 1, (packet.at(-1) ?? 0) ^ 1);
}

function changed(packet: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = packet.slice();
  copy[at] = byte;
  return copy;
}
