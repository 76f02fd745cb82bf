// Link layers, IP headers, extension chains, fragments and ports, each packet read through a whole capture.

import { describe, expect, it } from 'vitest';
import {
  Bytes,
  DESTINATION_MAC,
  ethernet,
  ip4,
  ip6,
  joined,
  pcapBytes,
  SOURCE_MAC,
  type TestPacket,
  tcp,
  udp,
} from './capture.testing.ts';
import type { Frame } from './frame.ts';
import { readAll, readOne } from './reading.testing.ts';

const FOUR = ip4(udp(Uint8Array.of(1, 2, 3)));
const SIX = ip6(17, udp(Uint8Array.of(1, 2, 3)));
const big = (): Bytes => new Bytes(true);
const frameOf = (data: Uint8Array, linkType = 1): Frame => readOne(pcapBytes([{ data }], { linkType }));
const inEthernet = (ip: Uint8Array): Uint8Array => ethernet((ip[0] ?? 0) >> 4 === 4 ? 0x0800 : 0x86dd, ip);
const framesOf = (packets: readonly TestPacket[]): readonly Frame[] => readAll(pcapBytes(packets)).frames;

describe('link layers', () => {
  const cooked = big().u16(0, 1, 6).raw([2, 0, 0, 0, 0, 1, 0, 0]);
  const cookedTwo = big().u16(0x86dd, 0).u32(1).u16(1).raw([0, 6, 2, 0, 0, 0, 0, 1, 0, 0]);
  const labels = big().u32(0x00010040, 0x00020140).bytes;
  const nflog = new Bytes(false)
    .raw([2, 0, 0, 0])
    .u16(5, 10)
    .raw([1, 0, 0, 0])
    .u16(4 + FOUR.length, 9)
    .raw(FOUR).bytes;
  it.each([
    { name: 'loopback, little-endian', linkType: 0, data: joined(new Bytes(false).u32(2).bytes, FOUR) },
    { name: 'loopback, big-endian', linkType: 0, data: joined(big().u32(2).bytes, FOUR) },
    ...[10, 24, 28, 30].map((family) => ({
      name: `loopback, family ${family}`,
      linkType: 0,
      data: joined(big().u32(family).bytes, SIX),
    })),
    { name: 'OpenBSD loopback', linkType: 108, data: joined(big().u32(24).bytes, SIX) },
    { name: 'Ethernet', linkType: 1, data: ethernet(0x0800, FOUR) },
    { name: 'Ethernet with IPv6', linkType: 1, data: ethernet(0x86dd, SIX) },
    {
      name: 'LLC and SNAP',
      linkType: 1,
      data: ethernet(50, joined(big().raw([0xaa, 0xaa, 3, 0, 0, 0]).u16(0x0800).bytes, FOUR)),
    },
    { name: 'LLC of IP', linkType: 1, data: ethernet(50, joined(Uint8Array.of(6, 6, 3), FOUR)) },
    { name: 'MPLS', linkType: 1, data: ethernet(0x8847, joined(labels, FOUR)) },
    { name: 'PPPoE', linkType: 1, data: ethernet(0x8864, joined(big().u16(0x1100, 1, 60, 0x0057).bytes, SIX)) },
    { name: 'VN-Tag', linkType: 1, data: ethernet(0x8926, joined(big().u32(0).u16(0x0800).bytes, FOUR)) },
    { name: 'E-Tag', linkType: 1, data: ethernet(0x893f, joined(big().u32(0).u16(0, 0x0800).bytes, FOUR)) },
    { name: 'PPP', linkType: 9, data: joined(big().u16(0x0021).bytes, FOUR) },
    { name: 'PPP in HDLC, short protocol', linkType: 9, data: joined(Uint8Array.of(0xff, 3, 0x21), FOUR) },
    {
      name: 'FDDI',
      linkType: 10,
      data: joined(new Uint8Array(13), big().raw([0xaa, 0xaa, 3, 0, 0, 0]).u16(0x0800).bytes, FOUR),
    },
    ...[12, 14, 101].map((linkType) => ({ name: `raw IP ${linkType}`, linkType, data: SIX })),
    { name: 'raw IPv4', linkType: 228, data: FOUR },
    { name: 'raw IPv6', linkType: 229, data: SIX },
    { name: 'cooked', linkType: 113, data: joined(cooked.bytes, big().u16(0x0800).bytes, FOUR) },
    { name: 'cooked with a tag', linkType: 113, data: joined(cooked.bytes, big().u16(0x8100, 7, 0x0800).bytes, FOUR) },
    { name: 'cooked, version 2', linkType: 276, data: joined(cookedTwo.bytes, SIX) },
    {
      name: 'per-packet information',
      linkType: 192,
      data: joined(new Bytes(false).u16(0, 8).u32(1).bytes, ethernet(0x0800, FOUR)),
    },
    { name: 'NFLOG', linkType: 239, data: nflog },
  ])('$name: finds the packet at every length, and none in a short one', ({ linkType, data }) => {
    const frame = frameOf(data, linkType);
    expect(frame).toMatchObject({ protocol: 17, sourcePort: 1000, destinationPort: 53, payloadCaptured: 3 });
    expect([...frame.data.subarray(frame.payloadOffset, frame.payloadOffset + 3)]).toEqual([1, 2, 3]);
    for (let length = 0; length < data.length; length++) {
      const short = frameOf(data.slice(0, length), linkType);
      expect(short.payloadOffset + short.payloadCaptured).toBeLessThanOrEqual(Math.max(length, frame.payloadOffset));
    }
  });

  it.each([
    { name: 'raw IPv4 holding IPv6', linkType: 228, data: SIX },
    { name: 'raw IPv6 holding IPv4', linkType: 229, data: FOUR },
    { name: 'ARP', linkType: 1, data: ethernet(0x0806, FOUR) },
    { name: 'loopback of another family', linkType: 0, data: joined(big().u32(7).bytes, FOUR) },
    {
      name: 'per-packet information inside itself',
      linkType: 192,
      data: joined(new Bytes(false).u16(0, 8).u32(192).bytes, FOUR),
    },
  ])('finds no IP in $name', ({ linkType, data }) => {
    expect(frameOf(data, linkType)).toMatchObject({ ipVersion: 0, source: -1, sourcePort: -1, payloadCaptured: 0 });
  });

  it('reads MAC addresses and tag stacks, up to the limit', () => {
    const stack = (depth: number): Frame => {
      const tags = Array.from({ length: depth }, (_, at) => [at % 2 === 0 ? 0x88a8 : 0x9100, 0xe000 + at] as const);
      return frameOf(ethernet(0x0800, FOUR, tags));
    };
    expect(stack(0)).toMatchObject({ vlans: [], sourceMac: SOURCE_MAC, destinationMac: DESTINATION_MAC });
    expect(stack(1).vlans).toEqual([0]);
    expect(stack(3).vlans).toEqual([0, 1, 2]);
    expect(stack(16)).toMatchObject({ ipVersion: 4, vlans: Array.from({ length: 16 }, (_, at) => at) });
    expect(stack(17).ipVersion).toBe(0);
    const packets = [{ data: ethernet(0x0800, FOUR, [[0x8100, 5]]) }, { data: ethernet(0x0800, FOUR) }];
    expect(framesOf(packets).map(({ vlans }) => vlans)).toEqual([[5], []]);
  });
});

describe('IP headers', () => {
  it('walks options and takes the total length for bytes', () => {
    const packet = ip4(tcp(Uint8Array.of(9, 9)), { protocol: 6, options: [1, 1, 1, 0] });
    expect(frameOf(joined(inEthernet(packet), new Uint8Array(6)))).toMatchObject({
      bytes: 46,
      packetSize: 46,
      tcpFlags: 0x18,
      tcpSequence: 7,
      payloadOffset: 58,
      payloadCaptured: 2,
      payloadLength: 2,
    });
  });

  it.each([
    { name: 'version 5', packet: Uint8Array.from(FOUR, (byte, at) => (at === 0 ? 0x55 : byte)) },
    { name: 'a header of 16 bytes', packet: Uint8Array.from(FOUR, (byte, at) => (at === 0 ? 0x44 : byte)) },
    { name: 'a total length below its header', packet: ip4(udp(new Uint8Array(0)), { totalLength: 19 }) },
    { name: '19 bytes', packet: FOUR.slice(0, 19) },
  ])('counts a packet with $name as malformed', ({ packet }) => {
    const { frames, end } = readAll(pcapBytes([{ data: ethernet(0x0800, packet) }]));
    expect(frames[0]).toMatchObject({ ipVersion: 0, bytes: 0 });
    expect(end).toMatchObject({ kind: 'whole', nonIp: 1, malformed: 1 });
  });

  it('takes the length on the wire when the length field is 0', () => {
    const data = inEthernet(ip4(tcp(new Uint8Array(5)), { protocol: 6, totalLength: 0 }));
    expect(readOne(pcapBytes([{ data, wireLength: 9_014 }]))).toMatchObject({ bytes: 9_000, sourcePort: 1000 });
    const six = inEthernet(ip6(6, tcp(new Uint8Array(5)), 0));
    expect(readOne(pcapBytes([{ data: six, wireLength: 80_054 }]))).toMatchObject({ bytes: 80_040, sourcePort: -1 });
  });

  it.each([
    {
      name: 'hop by hop, routing, destination',
      next: 0,
      chain: [43, 0, 0, 0, 0, 0, 0, 0, 60, 1, ...new Array(14).fill(0), 17, 0, 0, 0, 0, 0, 0, 0],
      protocol: 17,
      port: 1000,
    },
    {
      name: 'mobility, HIP, shim6',
      next: 135,
      chain: [139, 0, 0, 0, 0, 0, 0, 0, 140, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0],
      protocol: 17,
      port: 1000,
    },
    { name: 'a fragment that is whole', next: 44, chain: [17, 0, 0, 0, 0, 0, 0, 1], protocol: 17, port: 1000 },
    { name: 'authentication', next: 51, chain: [17, 0, 0, 0, 0, 0, 0, 0], protocol: 51, port: -1 },
    { name: 'no next header', next: 59, chain: [], protocol: 59, port: -1 },
    {
      name: '16 options',
      next: 60,
      chain: [...new Array(15).fill([60, 0, 0, 0, 0, 0, 0, 0]).flat(), 17, 0, 0, 0, 0, 0, 0, 0],
      protocol: 17,
      port: 1000,
    },
    {
      name: '17 options',
      next: 60,
      chain: [...new Array(16).fill([60, 0, 0, 0, 0, 0, 0, 0]).flat(), 17, 0, 0, 0, 0, 0, 0, 0],
      protocol: 60,
      port: -1,
    },
  ])('walks IPv6: $name', ({ next, chain, protocol, port }) => {
    const data = inEthernet(ip6(next, joined(Uint8Array.from(chain), udp(Uint8Array.of(1)))));
    expect(frameOf(data)).toMatchObject({ ipVersion: 6, protocol, sourcePort: port, isLaterFragment: false });
  });

  it('gives no ports and no flags that were not captured', () => {
    const data = inEthernet(ip4(tcp(new Uint8Array(5)), { protocol: 6 }));
    const cut = (length: number): Frame =>
      readOne(pcapBytes([{ data: data.slice(0, length), wireLength: data.length }]));
    expect(cut(34 + 3)).toMatchObject({ bytes: 45, sourcePort: -1, tcpFlags: -1, payloadCaptured: 0 });
    expect(cut(34 + 4)).toMatchObject({ sourcePort: 1000, destinationPort: 80, tcpFlags: -1, payloadCaptured: 0 });
    expect(cut(34 + 14)).toMatchObject({ tcpFlags: 0x18, payloadCaptured: 0, payloadLength: 5 });
    expect(cut(34 + 22)).toMatchObject({ payloadOffset: 54, payloadCaptured: 2, payloadLength: 5 });
  });
});

describe('fragments', () => {
  const first = { data: inEthernet(ip4(udp(new Uint8Array(8)), { id: 5, fragment: 0x2000 })) };
  const later = (id: number, seconds = 1): TestPacket => ({
    seconds,
    data: inEthernet(ip4(new Uint8Array(8), { id, fragment: 2 })),
  });

  it.each([
    { name: 'borrow the ports of the first', packets: [first, later(5, 61)], port: 1000 },
    { name: 'have no ports after a minute', packets: [first, later(5, 62)], port: -1 },
    { name: 'have no ports of another datagram', packets: [first, later(6)], port: -1 },
    { name: 'have no ports before the first came', packets: [later(5), first], port: -1 },
  ])('later ones $name', ({ packets, port }) => {
    const frame = framesOf(packets).find(({ isLaterFragment }) => isLaterFragment);
    expect(frame).toMatchObject({ sourcePort: port, packetSize: -1, bytes: 28, protocol: 17 });
  });

  it('borrow in IPv6 too', () => {
    const part = (offset: number, content: Uint8Array): TestPacket => ({
      data: inEthernet(ip6(44, joined(big().raw([17, 0]).u16(offset).u32(99).bytes, content))),
    });
    const frames = framesOf([part(1, udp(new Uint8Array(8))), part(16, new Uint8Array(8))]);
    expect(frames[0]).toMatchObject({ isLaterFragment: false, packetSize: -1, destinationPort: 53 });
    expect(frames[1]).toMatchObject({ isLaterFragment: true, packetSize: -1, destinationPort: 53 });
  });

  it('forget the oldest when there are very many', () => {
    const many = Array.from({ length: 60_000 }, (_, id) => ({
      data: inEthernet(ip4(udp(new Uint8Array(0)), { id, fragment: 0x2000 })),
    }));
    const frames = readAll(pcapBytes([...many.slice(0, 20_000), later(0), later(19_999)])).frames.slice(-2);
    expect(frames.map(({ sourcePort }) => sourcePort)).toEqual([-1, 1000]);
  });
});

describe('extension headers that the capture cut', () => {
  const options = joined(Uint8Array.from([58, 0, 5, 2, 0, 0, 1, 0]), new Uint8Array(8));
  it.each([
    { there: 0, protocol: 0 },
    { there: 1, protocol: 58 },
    { there: 7, protocol: 58 },
    { there: 8, protocol: 58 },
  ])('$there bytes of the options give protocol $protocol', ({ there, protocol }) => {
    const whole = ethernet(0x86dd, ip6(0, options));
    const frame = frameOf(whole.subarray(0, 14 + 40 + there));
    expect([frame.protocol, frame.sourcePort, frame.destinationPort, frame.payloadCaptured]).toEqual([
      protocol,
      -1,
      -1,
      0,
    ]);
  });
});
