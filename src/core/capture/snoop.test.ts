// Snoop files: whole, cut at every byte, damaged; and the links they number in their own way.

import { describe, expect, it } from 'vitest';
import { Bytes, ethernet, ip4, joined, udp } from './capture.testing.ts';
import { readAll } from './reading.testing.ts';

const PACKET = ethernet(0x0800, ip4(udp(Uint8Array.of(1, 2, 3))));

const header = (type = 4, version = 2): Uint8Array =>
  new Bytes(true).raw([0x73, 0x6e, 0x6f, 0x6f, 0x70, 0, 0, 0]).u32(version, type).bytes;

interface RecordOptions {
  readonly captured?: number;
  readonly length?: number;
}

function record({
  captured = PACKET.length,
  length = 24 + Math.ceil(PACKET.length / 4) * 4,
}: RecordOptions = {}): Uint8Array {
  return new Bytes(true).u32(100, captured, length, 0, 9, 5).raw(PACKET).pad().bytes;
}

describe('TrafficReader on snoop', () => {
  it('reads packets, their times and lengths', () => {
    const { frames, end } = readAll(joined(header(), record(), record()), 7);
    expect(end).toMatchObject({ kind: 'whole', format: 'snoop', packets: 2, nonIp: 0 });
    expect(frames[1]).toMatchObject({ index: 2, seconds: 9, nanoseconds: 5_000, wireLength: 100, sourcePort: 1000 });
    expect(frames[1]?.data).toEqual(PACKET);
  });

  it('tells whole from cut at every byte', () => {
    const bytes = joined(header(), record());
    for (let length = 4; length <= bytes.length; length++) {
      const { end } = readAll(bytes.slice(0, length));
      const isWhole = length === header().length || length === bytes.length;
      expect({ length, kind: end.kind }).toEqual({ length, kind: isWhole ? 'whole' : 'cut' });
    }
  });

  it.each([
    { name: 'another version', bytes: joined(header(4, 3), record()), packets: 0 },
    {
      name: 'a mark that is not whole',
      bytes: joined(new Bytes(true).u32(0x736e6f6f, 1, 2, 4).bytes, record()),
      packets: 0,
    },
    { name: 'a record shorter than its head', bytes: joined(header(), record({ length: 23 })), packets: 0 },
    {
      name: 'a packet longer than its record',
      bytes: joined(header(), record(), record({ captured: 49 })),
      packets: 1,
    },
    { name: 'a record longer than any', bytes: joined(header(), record({ length: 2 ** 31 })), packets: 0 },
  ])('ends at $name', ({ bytes, packets }) => {
    expect(readAll(bytes).end).toMatchObject({ kind: 'damaged', packets });
  });

  it('names a link that no other format numbers', () => {
    const { end } = readAll(joined(header(16), record()));
    expect(end).toMatchObject({
      unsupportedLink: 1,
      skipped: [{ reason: 'snoop link type 16 is not read', count: 1 }],
    });
  });
});
