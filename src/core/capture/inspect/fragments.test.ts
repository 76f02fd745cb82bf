// What hides in fragments is seen: whole captures through reader and inspector, over IPv4 and IPv6, TCP and UDP.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressTable, type NameFact } from '#model';
import { Bytes, ethernet, ip4, ip6, joined, pcapBytes, type TestPacket } from '../capture.testing.ts';
import type { Frame } from '../frame.ts';
import { TrafficReader } from '../reader.ts';
import { bytes, dnsName, modbusUnit, two } from './inspect.testing.ts';
import { PayloadInspector } from './inspector.ts';

interface Seen {
  readonly frames: readonly Frame[];
  /** `frame kind name value` of each name, and the operations as counted. */
  readonly facts: readonly string[];
}

function inspected(packets: readonly TestPacket[]): Seen {
  const addresses = new AddressTable();
  const frames: Frame[] = [];
  const facts: string[] = [];
  const inspector = new PayloadInspector({
    addresses,
    facts: {
      name: (fact: NameFact, { index }) => facts.push(`${index} ${fact.kind} ${fact.name} ${fact.value}`),
      operation: ({ protocol, operation }, { index }) => facts.push(`${index} ${protocol} ${operation}`),
    },
    conversationsMax: 64,
  });
  const sink = { frame: (frame: Frame) => frames.push({ ...frame, data: frame.data.slice() }) };
  const reader = new TrafficReader({ addresses, inspector, sink });
  reader.push(pcapBytes(packets));
  expect(reader.end().kind).toBe('whole');
  return { frames, facts };
}

/** A fragment of what may be the start, the middle or the end of a datagram, with headers that may not fit. */
const LIE = fc.record({
  offset: fc.oneof(fc.nat(6), fc.nat(8_191)),
  isLast: fc.boolean(),
  content: fc.uint8Array({ maxLength: 48 }),
  isSix: fc.boolean(),
  next: fc.constantFrom(0, 6, 17, 44, 60, 132, 255),
  cut: fc.oneof(fc.constant(0), fc.nat(30)),
});

const MODBUS = 502;

function tcp(payload: Uint8Array, sequence: number, flags = 0x18): Uint8Array {
  return joined(
    new Bytes(true).u16(40_000, MODBUS).u32(sequence, 0).raw([0x50, flags, 0, 0, 0, 0, 0, 0]).bytes,
    payload,
  );
}

function udp(payload: Uint8Array, sourcePort: number, destinationPort: number): Uint8Array {
  return joined(new Bytes(true).u16(sourcePort, destinationPort, payload.length + 8, 0).bytes, payload);
}

/** Pieces of eight bytes or a multiple: [offset, piece, whether it is the last]. */
function pieces(whole: Uint8Array, size: number): readonly (readonly [number, Uint8Array, boolean])[] {
  const count = Math.ceil(whole.length / size);
  return Array.from({ length: count }, (_, at) => [
    at * size,
    whole.slice(at * size, (at + 1) * size),
    at === count - 1,
  ]);
}

function fragments4(whole: Uint8Array, size: number, protocol: number, id = 9): readonly TestPacket[] {
  return pieces(whole, size).map(([offset, piece, isLast]) => ({
    data: ethernet(0x0800, ip4(piece, { protocol, id, fragment: (isLast ? 0 : 0x2000) | (offset / 8) })),
  }));
}

function fragments6(whole: Uint8Array, size: number, next: number): readonly TestPacket[] {
  return pieces(whole, size).map(([offset, piece, isLast]) => {
    const header = new Bytes(true)
      .raw([next, 0])
      .u16(offset | (isLast ? 0 : 1))
      .u32(77).bytes;
    return { data: ethernet(0x86dd, ip6(44, joined(header, piece))) };
  });
}

const segment = (payload: Uint8Array, sequence: number): TestPacket => ({
  data: ethernet(0x0800, ip4(tcp(payload, sequence), { protocol: 6 })),
});
const operationsOf = ({ frames }: Seen): readonly string[] => frames.map(({ operations }) => operations.join());
const READ = modbusUnit(1, 3);
const WRITE = modbusUnit(1, 16, [0, 0, 0, 2, 4, 1, 2, 3, 4]);

const ANSWER = bytes(
  bytes([0, 7], two(0x8180), two(1), two(2), two(0), two(0)),
  dnsName('plc.example.com'),
  [0, 1, 0, 1],
  [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 9, 9, 9],
  [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 9, 9, 8],
);

describe('a Modbus write in fragments', () => {
  const parts = fragments4(tcp(WRITE, 100), 8, 6);

  it.each([
    { name: 'in order', order: [0, 1, 2, 3, 4] },
    { name: 'backwards', order: [4, 3, 2, 1, 0] },
    { name: 'with the function byte last', order: [0, 1, 2, 4, 3] },
  ])('is an operation of the packet that makes it whole, $name', ({ order }) => {
    const seen = inspected(order.flatMap((at) => parts.slice(at, at + 1)));
    expect(seen.frames.length).toBe(5);
    expect(operationsOf(seen)).toEqual(['', '', '', '', 'modbus 1/16']);
    expect(seen.frames.at(-1)?.application).toBe('modbus');
    expect(seen.facts).toEqual(['5 modbus 1/16']);
  });

  it('hidden by a part that contradicts another carries an operation that no pattern for Modbus fits', () => {
    const lie = fragments4(tcp(modbusUnit(1, 3, [9, 9, 9, 9, 9, 9, 9, 9]), 100), 8, 6);
    const seen = inspected([...parts.slice(0, 4), ...lie.slice(3, 4)]);
    expect(operationsOf(seen)).toEqual(['', '', '', '', 'ip contradiction']);
    expect(seen.facts).toEqual([]);
  });

  it('stands in the stream of its conversation by its sequence number', () => {
    const before = segment(READ, 100 - READ.length);
    const after = segment(READ, 100 + WRITE.length);
    const seen = inspected([before, ...parts, after]);
    expect(operationsOf(seen)).toEqual(['modbus 1/3', '', '', '', '', 'modbus 1/16', 'modbus 1/3']);
  });

  it('is one of a unit that began in a segment before', () => {
    const head = segment(WRITE.subarray(0, 6), 100);
    const rest = fragments4(tcp(WRITE.subarray(6), 106), 16, 6);
    expect(operationsOf(inspected([head, ...rest])).filter((text) => text !== '')).toEqual(['modbus 1/16']);
  });

  it.each(Array.from({ length: WRITE.length - 1 }, (_, at) => at + 1))(
    'is an operation of the packet that fills the gap when its segments are swapped at byte %i',
    (cut) => {
      const before = segment(READ, 100 - READ.length);
      const swapped = [segment(WRITE.subarray(cut), 100 + cut), segment(WRITE.subarray(0, cut), 100)];
      const after = segment(READ, 100 + WRITE.length);
      const operations = operationsOf(inspected([before, ...swapped, after]));
      expect(operations[2]).toContain('modbus 1/16');
      expect([operations[0], operations[3]]).toEqual(['modbus 1/3', 'modbus 1/3']);
    },
  );

  it('repeats no fact when it is sent again, but carries its operation', () => {
    const seen = inspected([...parts, ...fragments4(tcp(WRITE, 100), 16, 6, 10)]);
    expect(seen.facts).toEqual(['5 modbus 1/16']);
    expect(seen.frames.at(-1)?.operations).toEqual(['modbus 1/16']);
  });

  it('changes nothing else of the frame', () => {
    const { frames } = inspected(parts);
    expect(frames[0]).toMatchObject({ isLaterFragment: false, sourcePort: 40_000, destinationPort: MODBUS, bytes: 28 });
    expect(frames[0]).toMatchObject({ tcpFlags: -1, packetSize: -1 });
    const seen = frames.at(-1);
    expect(seen).toMatchObject({ isLaterFragment: true, sourcePort: 40_000, destinationPort: MODBUS, bytes: 25 });
    expect(seen).toMatchObject({ tcpFlags: -1, packetSize: -1, tcpSequence: 0, payloadOffset: 34, payloadLength: 5 });
    expect(seen?.data.length).toBe(39);
  });

  it('is an operation even where the ports of its packet are not known', () => {
    const seen = inspected([...parts.slice(1), ...parts.slice(0, 1)]);
    expect(seen.frames[0]).toMatchObject({ sourcePort: -1, operations: [], application: '' });
    expect(operationsOf(seen).at(-1)).toBe('modbus 1/16');
  });

  it('tells nothing where a part was cut by the capture or contradicts another', () => {
    const cut = parts.map((packet, at) =>
      at === 1 ? { data: packet.data.slice(0, -1), wireLength: packet.data.length } : packet,
    );
    expect(inspected(cut).facts).toEqual([]);
    const lie = fragments4(tcp(READ, 100), 8, 6).slice(3, 4);
    expect(inspected([...parts.slice(0, 4), ...lie, ...parts.slice(4)]).facts).toEqual([]);
  });
});

describe('a DNS answer in fragments', () => {
  const whole = udp(ANSWER, 53, 40_000);
  const said = ['10.9.9.9', '10.9.9.8'].map((value) => `dns-answer plc.example.com ${value}`);

  it.each([
    { name: 'IPv4', packets: fragments4(whole, 24, 17) },
    { name: 'IPv4, header and payload apart', packets: fragments4(whole, 8, 17) },
    { name: 'IPv6', packets: fragments6(whole, 24, 17) },
    {
      name: 'IPv6, with options before UDP',
      packets: fragments6(joined(Uint8Array.of(17, 0, 1, 4, 0, 0, 0, 0), whole), 24, 60),
    },
  ])('is told at the packet that makes it whole: $name', ({ packets }) => {
    const count = packets.length;
    expect(count).toBeGreaterThan(2);
    expect(inspected(packets).facts).toEqual(said.map((text) => `${count} ${text}`));
    expect(inspected([...packets].reverse()).facts).toEqual(said.map((text) => `${count} ${text}`));
    for (let missing = 0; missing < count; missing++)
      expect(inspected(packets.filter((_, at) => at !== missing)).facts).toEqual([]);
  });

  it('is told behind an IPv6 fragment header that is whole', () => {
    const packets = fragments6(whole, 200, 17);
    expect(packets.length).toBe(1);
    expect(inspected(packets).facts).toEqual(said.map((text) => `1 ${text}`));
  });

  it('is refused behind a second fragment header, as receivers do', () => {
    const inner = new Bytes(true).raw([17, 0]).u16(0).u32(78).bytes;
    expect(inspected(fragments6(joined(inner, whole), 24, 44)).facts).toEqual([]);
  });
});

it('survives fragments that lie about everything', () => {
  void fc.assert(
    fc.property(fc.array(LIE, { minLength: 1, maxLength: 40 }), (lies) => {
      const packets = lies.map(({ offset, isLast, content, isSix, next, cut }) => {
        const bits = new Bytes(true)
          .raw([next, 0])
          .u16((offset * 8) | (isLast ? 0 : 1))
          .u32(1).bytes;
        const packet = isSix
          ? ethernet(0x86dd, ip6(44, joined(bits, content)))
          : ethernet(0x0800, ip4(content, { protocol: next, fragment: (isLast ? 0 : 0x2000) | offset }));
        return { data: packet.slice(0, packet.length - cut), wireLength: packet.length };
      });
      const { frames } = inspected(packets);
      expect(frames.length).toBe(packets.length);
      for (const { data, payloadOffset, payloadCaptured } of frames)
        expect(payloadOffset + payloadCaptured).toBeLessThanOrEqual(Math.max(data.length, payloadOffset));
    }),
    { numRuns: 300 },
  );
});
