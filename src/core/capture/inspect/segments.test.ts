// Streams as an intruder may send them: shuffled, overlapping, sent again otherwise, evicted, cut. No write may pass as anything but a write or unreadable.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TCP } from '#model';
import { Bench, bytes, clientHello, modbusUnit } from './inspect.testing.ts';
import { HELD_MAX, STREAMS_MAX } from './streams.ts';

const PLC = { destinationPort: 502 };
const READ = modbusUnit(1, 3);
const WRITE = modbusUnit(1, 16, [0, 0, 0, 2, 4, 1, 2, 3, 4]);
const BAD = ['modbus ?'];

interface Piece {
  readonly data: Uint8Array;
  readonly sequence: number;
}

/** `count` reads and then a write, in segments of `size` bytes. */
function pieces(count: number, size: number): readonly Piece[] {
  const all = bytes(...Array.from({ length: count }, () => READ), WRITE, READ);
  const list: Piece[] = [];
  for (let at = 0; at < all.length; at += size) list.push({ data: all.subarray(at, at + size), sequence: 1_000 + at });
  return list;
}

/** A conversation that was opened and has said one read, so that its application and its numbers are known. */
function opened(): Bench {
  const bench = new Bench();
  bench.send({ data: READ, sequence: 1_000 - READ.length, ...PLC });
  return bench;
}

describe('a write in segments', () => {
  test('shuffled at random is carried by a packet', () => {
    const list = pieces(10, 5);
    void fc.assert(
      fc.property(fc.shuffledSubarray([...list], { minLength: list.length }), (order) => {
        const bench = opened();
        const operations = order.flatMap((piece) => bench.send({ ...piece, ...PLC }).operations);
        expect(operations).toContain('modbus 1/16');
        expect(operations).not.toContain(BAD[0]);
        expect(bench.operations.filter((one) => one === 'modbus 1/16').length).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  test('shuffled and repeated at random is never hidden, nor a read taken for one', () => {
    const list = pieces(4, 5);
    void fc.assert(
      fc.property(fc.array(fc.constantFrom(...list), { minLength: 1, maxLength: 60 }), (order) => {
        const bench = opened();
        const seen = new Set<number>();
        const operations = order.flatMap((piece) => {
          seen.add(piece.sequence);
          return bench.send({ ...piece, ...PLC }).operations;
        });
        if (seen.size === list.length) expect(operations).toContain('modbus 1/16');
        expect(operations).not.toContain(BAD[0]);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    [HELD_MAX, 'modbus 1/16'],
    [HELD_MAX + 1, 'modbus ?'],
  ])('with %d segments ahead of the gap is carried as %s by the packet that fills it', (count, operation) => {
    const bench = opened();
    const all = bytes(WRITE, ...Array.from({ length: count }, () => READ));
    const [first, ...rest] = [5, ...Array.from({ length: count }, () => 1)];
    let at = first ?? 0;
    for (const [index] of rest.entries()) {
      const size = index === count - 1 ? all.length - at : 1;
      bench.send({ data: all.subarray(at, at + size), sequence: 1_000 + at, ...PLC });
      at += size;
    }
    const filling = bench.send({ data: all.subarray(0, 5), sequence: 1_000, ...PLC });
    expect(filling.operations).toContain(operation);
  });

  test('sent again in other pieces carries the write again', () => {
    for (let cut = 1; cut < WRITE.length; cut++) {
      const bench = opened();
      bench.send({ data: WRITE, sequence: 1_000, ...PLC });
      const first = bench.send({ data: WRITE.subarray(0, cut), sequence: 1_000, ...PLC });
      const second = bench.send({ data: WRITE.subarray(cut), sequence: 1_000 + cut, ...PLC });
      expect([first.operations.slice(), second.operations.slice()]).toEqual([['modbus 1/16'], ['modbus 1/16']]);
    }
  });

  test('sent in place of a read that was seen is unreadable, be it whole or a single byte', () => {
    const bench = opened();
    bench.send({ data: READ, sequence: 1_000, ...PLC });
    const other = modbusUnit(1, 5);
    expect(bench.send({ data: other, sequence: 1_000, ...PLC }).operations).toEqual(BAD);
    expect(bench.send({ data: other.subarray(7, 8), sequence: 1_007, ...PLC }).operations).toEqual(BAD);
    expect(bench.send({ data: READ.subarray(7, 8), sequence: 1_007, ...PLC }).operations).toEqual(['modbus 1/3']);
  });

  test('that differs from what waits for its turn is unreadable', () => {
    const bench = opened();
    bench.send({ data: READ.subarray(5), sequence: 1_005, ...PLC });
    expect(bench.send({ data: WRITE.subarray(5), sequence: 1_005, ...PLC }).operations).toContain('modbus ?');
    const both = opened();
    both.send({ data: READ.subarray(5), sequence: 1_005, ...PLC });
    expect(both.send({ data: WRITE, sequence: 1_000, ...PLC }).operations).toContain('modbus ?');
  });

  test('that was begun, and whose begin differs when it is sent again, is unreadable', () => {
    const bench = opened();
    bench.send({ data: WRITE.subarray(0, 4), sequence: 1_000, ...PLC });
    expect(bench.send({ data: WRITE.subarray(0, 4), sequence: 1_000, ...PLC }).operations).toEqual([]);
    expect(bench.send({ data: bytes([0, 1, 0, 9]), sequence: 1_000, ...PLC }).operations).toEqual(BAD);
  });

  test('sent before everything that is known is unreadable', () => {
    const bench = opened();
    expect(bench.send({ data: WRITE, sequence: 500, ...PLC }).operations).toEqual(BAD);
  });

  test('that differs from what waits stays unreadable, however often it is sent', () => {
    const bench = opened();
    bench.send({ data: WRITE.subarray(5), sequence: 1_005, ...PLC });
    for (let time = 0; time < 3; time++)
      expect(bench.send({ data: READ, sequence: 1_000, ...PLC }).operations).toContain('modbus ?');
  });

  test('behind an opening that the other end does not answer is unreadable', () => {
    const begin = (isAnswered: boolean) => {
      const bench = opened();
      bench.send({ data: WRITE.subarray(0, 4), sequence: 1_000, ...PLC });
      bench.send({ data: bytes(), sequence: 1_003, tcpFlags: TCP.syn, ...PLC });
      if (isAnswered) bench.answer({ data: bytes(), tcpFlags: TCP.syn | TCP.ack, sourcePort: 502 });
      return bench.send({ data: READ, sequence: 1_004, ...PLC }).operations;
    };
    expect(begin(false)).toEqual(['modbus ?', 'modbus 1/3']);
    expect(begin(true)).toEqual(['modbus 1/3']);
  });

  test('behind a jump of the numbers and back is unreadable, and stays so', () => {
    const bench = opened();
    bench.send({ data: WRITE.subarray(0, 4), sequence: 1_000, ...PLC });
    expect(bench.send({ data: READ, sequence: 2 ** 28, ...PLC }).operations).toContain('modbus ?');
    for (let time = 0; time < 3; time++)
      expect(bench.send({ data: WRITE.subarray(4), sequence: 1_004, ...PLC }).operations).toContain('modbus ?');
  });

  test('whose begin had to go because other streams took its room is unreadable', () => {
    const bench = new Bench(STREAMS_MAX * 16);
    bench.send({ data: WRITE.subarray(0, 4), ...PLC });
    for (let other = 0; other <= STREAMS_MAX; other++)
      bench.send({
        data: WRITE.subarray(0, 4),
        sourcePort: 1 + (other % 30_000),
        source: `10.1.0.${Math.floor(other / 30_000)}`,
        ...PLC,
      });
    expect(bench.send({ data: WRITE.subarray(4), sequence: 4, ...PLC }).operations).toEqual(BAD);
  });

  test('of which the capture kept too little is unreadable; kept up to its function, it is not', () => {
    expect(opened().send({ data: WRITE, captured: 7, sequence: 1_000, ...PLC }).operations).toEqual(BAD);
    expect(opened().send({ data: WRITE, captured: 0, sequence: 1_000, ...PLC }).operations).toEqual(BAD);
    expect(opened().send({ data: WRITE, captured: 8, sequence: 1_000, ...PLC }).operations).toEqual(['modbus 1/16']);
    const two = bytes(READ, WRITE);
    expect(opened().send({ data: two, captured: 13, sequence: 1_000, ...PLC }).operations).toEqual([
      'modbus 1/3',
      'modbus ?',
    ]);
  });

  test.each([
    ['HTTP', bytes('GET / HTTP/1.1\r\n\r\n')],
    ['TLS', clientHello('a')],
    ['nothing known', bytes('hello, this is nothing')],
  ])('on the port of Modbus is seen behind %s', (_, data) => {
    const bench = new Bench();
    const first = bench.send({ data, ...PLC });
    expect(first.application).not.toBe('modbus');
    const { operations } = bench.send({ data: WRITE, sequence: data.length, ...PLC });
    expect(operations).toEqual(['modbus 1/16']);
  });

  test('of another length than Modbus permits is unreadable on the port of Modbus', () => {
    const data = bytes([0, 1, 0, 0, 1, 0, 1, 16], new Uint8Array(254));
    expect(opened().send({ data, sequence: 1_000, ...PLC }).operations).toEqual(BAD);
  });
});

describe('a harmless stream', () => {
  test('that keeps alive with a byte sent before carries nothing unreadable', () => {
    const bench = opened();
    expect(bench.send({ data: bytes([0]), sequence: 999, ...PLC }).operations).toEqual([]);
    expect(bench.send({ data: bytes([9]), sequence: 999, ...PLC }).operations).toEqual(BAD);
  });

  test('of which the capture lost a segment for good is read on behind it, and never unreadable', () => {
    const bench = opened();
    const operations: string[] = [];
    for (let count = 1; count < 400; count++)
      operations.push(...bench.send({ data: READ, sequence: 1_000 + count * READ.length, ...PLC }).operations);
    expect(operations).toEqual(Array.from({ length: 399 }, () => 'modbus 1/3'));
  });

  test('of which segments were lost inside a long message is followed', () => {
    const bench = new Bench();
    const head = bytes('PUT /a HTTP/1.1\r\nContent-Length: 100000\r\n\r\n');
    bench.send({ data: head });
    let at = head.length;
    const end = head.length + 100_000;
    for (; at < end; at += 1_000)
      if (at % 7_000 < 6_000)
        expect(bench.send({ data: new Uint8Array(Math.min(1_000, end - at)), sequence: at }).operations).toEqual([]);
    expect(bench.send({ data: bytes('GET / HTTP/1.1\r\n\r\n'), sequence: end }).operations).toEqual(['http GET']);
  });

  test('that cannot ask carries nothing, whatever happens to it', () => {
    const bench = new Bench();
    bench.send({ data: clientHello('a'), destinationPort: 443 });
    for (const sequence of [50_000, 3, 2 ** 30, 7])
      expect(bench.send({ data: bytes([23, 3, 3, 0, 9]), sequence, destinationPort: 443 }).operations).toEqual([]);
  });

  test('whose answers come again or are lost carries nothing: nobody is asked by an answer', () => {
    const bench = opened();
    for (const sequence of [1, 1, 500, 3])
      expect(bench.answer({ data: bytes([9, 9, 9]), sequence, sourcePort: 502 }).operations).toEqual([]);
  });
});
