// File formats: every kind, every cut, every damage; and that chunks make no difference.

import { describe, expect, it } from 'vitest';
import {
  Bytes,
  block,
  enhancedBlock,
  ethernet,
  interfaceBlock,
  ip4,
  joined,
  MICRO_MAGIC,
  MODIFIED_MAGIC,
  NANO_MAGIC,
  obsoleteBlock,
  pcapBytes,
  section,
  simpleBlock,
  udp,
} from './capture.testing.ts';
import { readAll, readOne } from './reading.testing.ts';

const PACKET = ethernet(0x0800, ip4(udp(Uint8Array.of(1, 2, 3))));

describe('TrafficReader on pcap', () => {
  const kinds = [false, true].flatMap((isBig) =>
    [
      { magic: MICRO_MAGIC, nanoseconds: 5_000 },
      { magic: MODIFIED_MAGIC, nanoseconds: 5_000 },
      { magic: NANO_MAGIC, nanoseconds: 5 },
    ].map((kind) => ({ isBig, ...kind })),
  );

  it.each(kinds)('reads magic $magic, big-endian $isBig', ({ isBig, magic, nanoseconds }) => {
    const { frames, end } = readAll(pcapBytes([{ data: PACKET, seconds: 9, fraction: 5 }], { isBig, magic }));
    expect(end).toMatchObject({ kind: 'whole', format: 'pcap', packets: 1, nonIp: 0, message: '' });
    expect(frames[0]).toMatchObject({ index: 1, seconds: 9, nanoseconds, sourcePort: 1000, destinationPort: 53 });
    expect(frames[0]?.data).toEqual(PACKET);
  });

  it('carries a fraction beyond a second into the seconds', () => {
    const frame = readOne(pcapBytes([{ data: PACKET, seconds: 9, fraction: 1_000_001 }]));
    expect(frame).toMatchObject({ seconds: 10, nanoseconds: 1_000, at: 10_000_001 });
  });

  it('reads times up to the year 2106', () => {
    expect(readOne(pcapBytes([{ data: PACKET, seconds: 2 ** 32 - 1 }])).seconds).toBe(2 ** 32 - 1);
  });

  it.each([
    { minorVersion: 2, captured: 45 },
    { minorVersion: 3, captured: 45 },
    { minorVersion: 4, captured: 45 },
  ])('reads the lengths of version 2.$minorVersion', ({ minorVersion, captured }) => {
    const bytes = pcapBytes([{ data: PACKET, wireLength: 100 }], { minorVersion });
    if (minorVersion < 4) new DataView(bytes.buffer).setBigUint64(32, 100n + (45n << 32n), true);
    expect(readOne(bytes)).toMatchObject({ capturedLength: captured, wireLength: 100 });
  });

  it('masks the check-sequence bits of the link type', () => {
    expect(readOne(pcapBytes([{ data: PACKET }], { linkType: 0x24000001 })).ipVersion).toBe(4);
  });

  it.each([
    { length: 262_144, snapshotBytes: 100, kind: 'cut' },
    { length: 262_145, snapshotBytes: 100, kind: 'damaged' },
    { length: 300_000, snapshotBytes: 300_000, kind: 'cut' },
    { length: 300_001, snapshotBytes: 300_000, kind: 'damaged' },
    { length: 2 ** 26, snapshotBytes: 2 ** 32 - 1, kind: 'cut' },
    { length: 2 ** 26 + 1, snapshotBytes: 2 ** 32 - 1, kind: 'damaged' },
  ])(
    'takes a packet length of $length under a limit of $snapshotBytes for $kind',
    ({ length, snapshotBytes, kind }) => {
      const good = pcapBytes([{ data: PACKET }], { snapshotBytes });
      const { end } = readAll(joined(good, new Bytes(false).u32(1, 0, length, length).bytes));
      expect(end).toMatchObject({ kind, packets: 1, byteOffset: good.length });
      expect(end.message).toContain(String(kind === 'cut' ? length + 16 : length));
    },
  );

  it('delivers frames of a link layer it has no decoder for, and counts them', () => {
    const { frames, end } = readAll(pcapBytes([{ data: PACKET }], { linkType: 147 }));
    expect(frames[0]).toMatchObject({ ipVersion: 0, source: -1, capturedLength: PACKET.length });
    expect(end).toMatchObject({ kind: 'whole', nonIp: 1, unsupportedLink: 1, malformed: 0 });
  });
});

describe('TrafficReader on pcapng', () => {
  it.each([false, true])('reads all packet blocks and skips the others, big-endian %s', (isBig) => {
    const others = [4, 5, 10, 0xbad, 0x40000bad, 0x7777].map((type) =>
      block(isBig, type, Uint8Array.of(1, 2, 3, 4, 5)),
    );
    const { frames, end } = readAll(
      joined(
        section(isBig),
        interfaceBlock(isBig, { snapshotBytes: 20 }),
        interfaceBlock(isBig, { resolution: 9, linkType: 101 }),
        ...others,
        enhancedBlock(isBig, PACKET, { high: 0, low: 1_000_002 }),
        obsoleteBlock(isBig, PACKET.slice(14), { high: 1, low: 7, origin: 1 }),
        simpleBlock(isBig, PACKET.slice(0, 20), PACKET.length),
      ),
    );
    expect(end).toMatchObject({ kind: 'whole', format: 'pcapng', packets: 3 });
    expect(frames[0]).toMatchObject({ seconds: 1, nanoseconds: 2_000, ipVersion: 4 });
    expect(frames[1]).toMatchObject({ seconds: 4, nanoseconds: 294_967_303, ipVersion: 4, sourceMac: -1 });
    expect(frames[2]).toMatchObject({ seconds: 0, capturedLength: 20, wireLength: PACKET.length, ipVersion: 0 });
  });

  it('changes the byte order and forgets the interfaces with the section', () => {
    const part = (isBig: boolean): Uint8Array =>
      joined(section(isBig), interfaceBlock(isBig), enhancedBlock(isBig, PACKET, { high: 0, low: 1 }));
    expect(readAll(joined(part(true), part(false), part(true))).end).toMatchObject({ kind: 'whole', packets: 3 });
    const orphan = joined(part(true), section(false), enhancedBlock(false, PACKET, { high: 0, low: 1 }));
    expect(readAll(orphan).end).toMatchObject({ kind: 'damaged', packets: 1 });
  });

  it.each([
    { resolution: 0, high: 0, low: 5, seconds: 5, nanoseconds: 0 },
    { resolution: 3, high: 0, low: 5_007, seconds: 5, nanoseconds: 7_000_000 },
    { resolution: 9, high: 0x18d0b4f8, low: 0x9abcdef1, seconds: 1_788_073_164, nanoseconds: 0 },
    { resolution: 12, high: 1, low: 0, seconds: 0, nanoseconds: 4_294_967 },
    { resolution: 0x80 + 1, high: 0, low: 3, seconds: 1, nanoseconds: 500_000_000 },
    { resolution: 0x80 + 20, high: 0, low: 2 ** 20 + 1, seconds: 1, nanoseconds: 953 },
    { resolution: 0x80 + 32, high: 9, low: 2 ** 31, seconds: 9, nanoseconds: 500_000_000 },
    { resolution: 127, high: 9, low: 9, seconds: 0, nanoseconds: 0 },
  ])('divides time by resolution $resolution', ({ resolution, high, low, seconds, nanoseconds }) => {
    const frame = readOne(
      joined(section(false), interfaceBlock(false, { resolution }), enhancedBlock(false, PACKET, { high, low })),
    );
    const ticks = (BigInt(high) << 32n) + BigInt(low);
    const units = resolution < 128 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution - 128);
    expect(BigInt(frame.seconds)).toBe(ticks / units);
    expect(BigInt(frame.nanoseconds)).toBe(((ticks % units) * 1_000_000_000n) / units);
    if (resolution !== 9) expect(frame).toMatchObject({ seconds, nanoseconds });
  });

  it.each([false, true])('adds the offset of an interface, also a negative one, big-endian %s', (isBig) => {
    const at = (offset: readonly [number, number]): number =>
      readOne(
        joined(
          section(isBig),
          interfaceBlock(isBig, { offset }),
          enhancedBlock(isBig, PACKET, { high: 0, low: 1_000_000 }),
        ),
      ).seconds;
    expect(at([0, 41])).toBe(42);
    expect(at([0xffffffff, 0xfffffffe])).toBe(-1);
  });

  const head = joined(section(false), interfaceBlock(false), enhancedBlock(false, PACKET, { high: 0, low: 1 }));
  const edit = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  };
  const next = (): Uint8Array => enhancedBlock(false, PACKET, { high: 0, low: 1 });
  it.each([
    { what: 'block of length 0', bytes: edit(next(), 4, 0) },
    { what: 'block too short for its frame', bytes: edit(next(), 4, 8) },
    { what: 'block far too long', bytes: edit(next(), 4, 0x7fffffff) },
    { what: 'lengths that disagree', bytes: edit(next(), next().length - 4, 16) },
    { what: 'packet longer than its block', bytes: edit(next(), 20, 1_000) },
    { what: 'packet of an unknown interface', bytes: edit(next(), 8, 1) },
    { what: 'section without byte-order mark', bytes: edit(section(false), 8, 7) },
    { what: 'packet block without room for its head', bytes: block(false, 6, new Uint8Array(16)) },
    { what: 'interface block without room for its head', bytes: block(false, 1, new Uint8Array(4)) },
  ])('reports damage: $what', ({ bytes }) => {
    const { end } = readAll(joined(head, bytes, next()));
    expect(end).toMatchObject({ kind: 'damaged', packets: 1, byteOffset: head.length });
    expect(end.message).toMatch(/^damaged block at byte \d+ after 1 packets: /);
  });
});

describe('TrafficReader at the end of a file', () => {
  const files = {
    pcap: pcapBytes([{ data: PACKET }, { data: PACKET.slice(0, 33) }, { data: new Uint8Array(0) }]),
    pcapng: joined(
      section(true),
      interfaceBlock(true, { resolution: 9 }),
      enhancedBlock(true, PACKET, { high: 0, low: 1 }),
      simpleBlock(true, PACKET.slice(0, 41)),
    ),
  };

  /** Offsets at which the file may end whole, with the packets before each. */
  const wholeAt = {
    pcap: [24, 24 + 16 + 45, 24 + 16 + 45 + 16 + 33, 24 + 16 + 45 + 16 + 33 + 16],
    pcapng: [28, 28 + 32, 28 + 32 + 80, 28 + 32 + 80 + 60],
  };

  it.each(['pcap', 'pcapng'] as const)('tells whole from cut at every byte of a %s file', (format) => {
    const bytes = files[format];
    const before = format === 'pcap' ? [0, 1, 2, 3] : [0, 0, 1, 2];
    expect(wholeAt[format].at(-1)).toBe(bytes.length);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { end, frames } = readAll(bytes.slice(0, cut));
      const passed = wholeAt[format].filter((at) => at <= cut).length;
      const kind = cut === 0 ? 'empty' : wholeAt[format].includes(cut) ? 'whole' : 'cut';
      expect({ cut, kind: end.kind, packets: frames.length }).toEqual({ cut, kind, packets: before[passed - 1] ?? 0 });
      expect(end.byteOffset).toBe(wholeAt[format][passed - 1] ?? 0);
    }
  });

  it.each(['pcap', 'pcapng'] as const)('reads a %s file alike in chunks of any size', (format) => {
    const whole = readAll(files[format]);
    for (const chunkBytes of [1, 2, 3, 7, 16, 41, 64, 100]) {
      const parts = readAll(files[format], chunkBytes);
      expect(parts.frames).toEqual(whole.frames);
      expect(parts.end).toEqual(whole.end);
    }
  });

  it.each([
    { what: 'text', bytes: new TextEncoder().encode('hello'), kind: 'unknown-format' },
    { what: 'one byte of nothing known', bytes: Uint8Array.of(0x55), kind: 'unknown-format' },
    { what: 'zeros', bytes: new Uint8Array(100), kind: 'unknown-format' },
    { what: 'nothing', bytes: new Uint8Array(0), kind: 'empty' },
    { what: 'the start of a magic number', bytes: Uint8Array.of(0xd4, 0xc3), kind: 'cut' },
  ])('says $kind for $what', ({ bytes, kind }) => {
    const { end } = readAll(bytes);
    expect(end).toMatchObject({ kind, packets: 0, byteOffset: 0 });
    expect(end.message).not.toBe('');
  });
});
