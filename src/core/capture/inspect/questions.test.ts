// Only answers that were asked for bind a name: each part of the question, time, memory, and the start of the traffic.

import { describe, expect, it } from 'vitest';
import { PROTOCOL } from '#model';
import { Bench, bytes, dnsName, type Sent, two } from './inspect.testing.ts';
import { QUESTIONS_MAX } from './questions.ts';

const SECOND = 1_000_000;
/** Long behind the first packet. */
const LATER = 1_000 * SECOND;
const UDP = PROTOCOL.udp;

function question(name: string, transaction = 7): Uint8Array {
  return bytes(two(transaction), [1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName(name), two(1), two(1));
}

function answer(name: string, transaction = 7): Uint8Array {
  const head = bytes(two(transaction), [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], dnsName(name), two(1), two(1));
  return bytes(head, [0xc0, 12], two(1), two(1), two(0), two(60), two(4), [10, 9, 9, 9]);
}

/** A bench whose traffic began long before `LATER`. */
function begun(): Bench {
  const bench = new Bench();
  bench.send({ data: bytes(0) });
  return bench;
}

const ask = (bench: Bench, data: Uint8Array, sent: Partial<Sent> = {}): unknown =>
  bench.send({ at: LATER, protocol: UDP, destinationPort: 53, data, ...sent });

/** Address and time to live of the fact that an answer gives. */
function given(bench: Bench, data: Uint8Array, sent: Partial<Sent> = {}): readonly [string, number] {
  bench.answer({ at: LATER, protocol: UDP, sourcePort: 53, data, ...sent });
  const fact = bench.names.at(-1);
  if (fact?.kind !== 'dns-answer') throw new Error('this answer gives no fact');
  expect(fact.value).toBe('10.9.9.9');
  return [fact.address < 0 ? 'none' : bench.addresses.text(fact.address), fact.ttlSeconds];
}

const BOUND = ['10.9.9.9', 60];
const REFUSED = ['none', 0];

describe('an answer', () => {
  it('binds the name that was asked, whatever its case, each time it comes', () => {
    const bench = begun();
    ask(bench, question('A.example'));
    expect(given(bench, answer('a.EXAMPLE'))).toEqual(BOUND);
    expect(given(bench, answer('a.example'))).toEqual(BOUND);
  });

  it.each([
    { name: 'to no question', asked: null, sent: {} },
    { name: 'of another name', asked: question('b.example'), sent: {} },
    { name: 'of another number', asked: question('a.example', 8), sent: {} },
    { name: 'to another client', asked: question('a.example'), sent: { destination: '10.0.0.3' } },
    { name: 'of another server', asked: question('a.example'), sent: { source: '10.0.0.3' } },
    { name: 'to another port', asked: question('a.example'), sent: { destinationPort: 40_001 } },
    { name: 'from another port', asked: question('a.example'), sent: { sourcePort: 5_355 } },
  ])('is listed but binds nothing: $name', ({ asked, sent }) => {
    const bench = begun();
    if (asked !== null) ask(bench, asked);
    expect(given(bench, answer('a.example'), sent)).toEqual(REFUSED);
  });

  it.each([
    { seconds: 59.999999, expected: BOUND },
    { seconds: 60, expected: REFUSED },
  ])('has $seconds s behind its question', ({ seconds, expected }) => {
    const bench = begun();
    ask(bench, question('a.example'));
    expect(given(bench, answer('a.example'), { at: LATER + seconds * SECOND })).toEqual(expected);
  });

  it('counts from the last time the question was asked', () => {
    const bench = begun();
    ask(bench, question('a.example'));
    ask(bench, question('a.example'), { at: LATER + 50 * SECOND });
    expect(given(bench, answer('a.example'), { at: LATER + 100 * SECOND })).toEqual(BOUND);
  });

  it.each([
    { seconds: 9.999999, expected: BOUND },
    { seconds: 10, expected: REFUSED },
  ])('needs no question within $seconds s of the first packet', ({ seconds, expected }) => {
    const bench = new Bench();
    bench.send({ data: bytes(0), at: LATER });
    expect(given(bench, answer('a.example'), { at: LATER + seconds * SECOND })).toEqual(expected);
  });

  it('needs its question from the first packet on where it comes from a wire', () => {
    const bench = new Bench(64, true);
    expect(given(bench, answer('a.example'))).toEqual(REFUSED);
    ask(bench, question('a.example'));
    expect(given(bench, answer('a.example'))).toEqual(BOUND);
  });

  it('is matched over TCP as well', () => {
    const bench = begun();
    const over = { protocol: PROTOCOL.tcp, sequence: 1 };
    const framed = (message: Uint8Array): Uint8Array => bytes(two(message.length), message);
    expect(given(bench, framed(answer('a.example')), { ...over, destinationPort: 50_000 })).toEqual(REFUSED);
    ask(bench, framed(question('a.example')), over);
    expect(given(bench, framed(answer('a.example')), over)).toEqual(BOUND);
  });
});

it.each([
  { more: QUESTIONS_MAX - 1, expected: BOUND },
  { more: QUESTIONS_MAX, expected: REFUSED },
])('forgets the oldest question behind $more others', ({ more, expected }) => {
  const bench = begun();
  ask(bench, question('a.example'));
  for (let other = 0; other < more; other++) ask(bench, question(`${other}.example`));
  expect(given(bench, answer('a.example'))).toEqual(expected);
});
