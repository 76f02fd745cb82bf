// Tunnels: what each is called, what is found inside, what is not taken for one, and how deep is looked.

import { describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { Bytes, ethernet, ip4, ip6, joined, pcapBytes, udp } from '../capture.testing.ts';
import { TrafficReader } from '../reader.ts';
import { Chains } from './chains.ts';
import { KIND, kindText, NO_NUMBER } from './kinds.ts';

const IP = ip4(udp(Uint8Array.of(1, 2, 3), 5000, 80), { source: [172, 16, 0, 1], destination: [172, 16, 0, 2] });
const SIX = ip6(17, udp(Uint8Array.of(1), 5000, 80));
const FRAME = ethernet(0x0800, IP);
const of = (...values: readonly number[]): Uint8Array => Uint8Array.of(...values);
const words = (...values: readonly number[]): Uint8Array => new Bytes(true).u32(...values).bytes;

interface Found {
  readonly tunnel: string;
  readonly inside: readonly string[];
}

/** Reads one raw IP packet; what is inside as `tunnel source:port`. */
function look(packet: Uint8Array): Found {
  const addresses = new AddressTable();
  const inside: string[] = [];
  let tunnel = '';
  const reader = new TrafficReader({
    addresses,
    inspector: null,
    sink: {
      frame: (frame) => {
        tunnel = frame.tunnel;
      },
      tunnel: (inner) => inside.push(`${inner.tunnel}: ${addresses.text(inner.source)} ${inner.sourcePort}`),
    },
  });
  reader.push(pcapBytes([{ data: packet }], { linkType: 101 }));
  return { tunnel, inside };
}

const by = (protocol: number, ...parts: readonly Uint8Array[]): Uint8Array => ip4(joined(...parts), { protocol });
const to = (port: number, ...parts: readonly Uint8Array[]): Uint8Array => ip4(udp(joined(...parts), 40_000, port));

const OPEN: readonly { readonly tunnel: string; readonly packet: Uint8Array; readonly source?: string }[] = [
  { tunnel: '4in4', packet: by(4, IP) },
  { tunnel: '6in4', packet: by(41, SIX), source: '2001:db8::1' },
  { tunnel: '4in6', packet: ip6(4, IP) },
  { tunnel: '6in6', packet: ip6(41, SIX), source: '2001:db8::1' },
  { tunnel: 'gre', packet: by(47, of(0, 0, 8, 0), IP) },
  { tunnel: 'gre', packet: by(47, of(0x80, 0, 0x86, 0xdd, 0, 0, 0, 0), SIX), source: '2001:db8::1' },
  { tunnel: 'gre 7', packet: by(47, of(0x20, 0, 8, 0), words(7), IP) },
  { tunnel: 'gre 7', packet: by(47, of(0xb0, 0, 8, 0), words(0, 7, 1), IP) },
  { tunnel: 'gre 42', packet: by(47, of(0x20, 0, 0x65, 0x58), words(42), FRAME) },
  { tunnel: 'nvgre 5000', packet: by(47, of(0x20, 0, 0x65, 0x58), words(5000 * 256 + 9), FRAME) },
  { tunnel: 'pptp 12', packet: by(47, of(0x30, 1, 0x88, 0x0b, 0, 50, 0, 12), words(1), of(0xff, 3, 0, 0x21), IP) },
  { tunnel: 'pptp 12', packet: by(47, of(0x30, 0x81, 0x88, 0x0b, 0, 50, 0, 12), words(1, 1), of(0x21), IP) },
  { tunnel: 'erspan', packet: by(47, of(0, 0, 0x88, 0xbe), FRAME) },
  { tunnel: 'erspan 100', packet: by(47, of(0x10, 0, 0x88, 0xbe), words(1, 0x1000_0064, 0), FRAME) },
  { tunnel: 'erspan 100', packet: by(47, of(0x10, 0, 0x22, 0xeb), words(1, 0x2000_0064, 0, 0), FRAME) },
  { tunnel: 'erspan 100', packet: by(47, of(0x10, 0, 0x22, 0xeb), words(1, 0x2000_0064, 0, 1, 0, 0), FRAME) },
  { tunnel: 'erspan 100', packet: by(47, of(0x10, 0, 0x22, 0xeb), words(1, 0x2000_0064, 0, 0x0800), IP) },
  { tunnel: 'etherip', packet: by(97, of(0x30, 0), FRAME) },
  { tunnel: 'mpls', packet: by(137, of(0, 1, 1, 64), IP) },
  { tunnel: 'mpls', packet: to(6635, of(0, 1, 1, 64), IP) },
  { tunnel: 'gre', packet: to(4754, of(0, 0, 8, 0), IP) },
  { tunnel: 'vxlan 42', packet: to(4789, words(0x0800_0000, 42 * 256), FRAME) },
  { tunnel: 'vxlan 42', packet: to(8472, words(0x0800_0000, 42 * 256), ethernet(0x0800, IP, [[0x8100, 7]])) },
  { tunnel: 'vxlan-gpe 42', packet: to(4790, words(0x0c00_0001, 42 * 256), IP) },
  { tunnel: 'vxlan-gpe 42', packet: to(4790, words(0x0c00_0003, 42 * 256), FRAME) },
  { tunnel: 'vxlan-gpe 42', packet: to(4790, words(0x0c00_0005, 42 * 256), of(0, 1, 1, 64), IP) },
  { tunnel: 'geneve 42', packet: to(6081, words(0x0000_6558, 42 * 256), FRAME) },
  { tunnel: 'geneve 42', packet: to(6081, words(0x0200_0800, 42 * 256, 1, 2), IP) },
  { tunnel: 'gtp 0x12345678', packet: to(2152, words(0x30ff_0030, 0x1234_5678), IP) },
  { tunnel: 'gtp 0x12345678', packet: to(2152, words(0x32ff_0030, 0x1234_5678, 0), IP) },
  { tunnel: 'gtp 0x12345678', packet: to(2152, words(0x34ff_0030, 0x1234_5678, 0x85, 0x0100_0900), IP) },
  {
    tunnel: 'gtp 0x00000009',
    packet: to(2152, words(0x34ff_0030, 9, 0x85, 0x0100_0985, 0x0200_0000, 0x0000_0000), IP),
  },
  { tunnel: 'teredo', packet: to(3544, SIX), source: '2001:db8::1' },
  { tunnel: 'teredo', packet: to(3544, words(0x0000_1234, 0x0102_0304), SIX), source: '2001:db8::1' },
  { tunnel: 'teredo', packet: to(3544, of(0, 1, 1, 2), new Uint8Array(12), words(0, 1), SIX), source: '2001:db8::1' },
  { tunnel: 'l2tp 5/9', packet: to(1701, of(0, 2, 0, 5, 0, 9, 0xff, 3, 0, 0x21), IP) },
  { tunnel: 'l2tp 5/9', packet: to(1701, of(0x4a, 2, 0, 80, 0, 5, 0, 9, 0, 0, 0, 0, 0, 1, 0), of(0x21), IP) },
];

const CLOSED: readonly { readonly tunnel: string; readonly packet: Uint8Array }[] = [
  { tunnel: 'esp 0x00000101', packet: by(50, words(0x101, 1), new Uint8Array(30)) },
  { tunnel: 'esp 0x00000101', packet: to(4500, words(0x101, 1), new Uint8Array(30)) },
  { tunnel: 'ah 0x00000101', packet: by(51, words(0x0404_0000, 0x101, 1), new Uint8Array(12), IP) },
  { tunnel: 'wireguard', packet: to(51820, words(0x0400_0000), new Uint8Array(28)) },
  { tunnel: 'l2tpv3 0x00000007', packet: by(115, words(7), FRAME) },
  { tunnel: 'l2tpv3 0x00000007', packet: to(1701, words(0x0003_0000, 7), FRAME) },
  { tunnel: 'gre', packet: by(47, of(0x40, 0, 8, 0), words(0), IP) },
  { tunnel: 'gre', packet: by(47, of(0, 0, 0x88, 0xcc), IP) },
  { tunnel: 'pptp 12', packet: by(47, of(0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 12), words(1)) },
  { tunnel: 'geneve 42', packet: to(6081, words(0x0080_0800, 42 * 256), IP) },
  { tunnel: 'gtp 0x00000009', packet: to(2152, words(0x34ff_0030, 9, 0x85, 0x0000_0985), IP) },
  { tunnel: 'vxlan 42', packet: to(4789, words(0x0800_0000, 42 * 256), ethernet(0x0806, IP)) },
  { tunnel: '4in4', packet: by(4, IP.slice(0, 19)) },
];

const NONE: readonly { readonly name: string; readonly packet: Uint8Array }[] = [
  { name: 'an ordinary datagram', packet: IP },
  { name: 'VXLAN without its flag', packet: to(4789, words(0, 42 * 256), FRAME) },
  { name: 'VXLAN that is too short', packet: to(4789, words(0x0800_0000), of(0, 0, 42)) },
  { name: 'Geneve whose options are too long', packet: to(6081, words(0x3f00_0800, 42 * 256), IP) },
  { name: 'Geneve of another version', packet: to(6081, words(0x4000_0800, 42 * 256), IP) },
  { name: 'a GTP echo', packet: to(2152, words(0x3201_0004, 0, 0)) },
  { name: 'GTP of another version', packet: to(2152, words(0x50ff_0030, 9), IP) },
  { name: 'L2TP control', packet: to(1701, of(0xc8, 2, 0, 12, 0, 5, 0, 9, 0, 0, 0, 0)) },
  { name: 'a session of no number', packet: by(115, words(0), FRAME) },
  { name: 'IKE on the port of ESP', packet: to(4500, words(0, 1, 2, 3)) },
  { name: 'what keeps a way open', packet: to(4500, of(0xff)) },
  { name: 'ESP without an association', packet: by(50, words(0, 1)) },
  { name: 'AH without an association', packet: by(51, words(0x0404_0000, 0, 1)) },
  { name: 'WireGuard that begins', packet: to(51820, words(0x0100_0000), new Uint8Array(144)) },
  { name: 'GRE of another version', packet: by(47, of(0, 2, 8, 0), IP) },
  { name: 'GRE cut in its header', packet: by(47, of(0x20, 0, 8, 0, 0, 0, 0)) },
  { name: 'a packet of no version in a packet', packet: by(4, of(0x55, 0, 0, 0)) },
  { name: 'Teredo too short for a packet', packet: to(3544, SIX.slice(0, 39)) },
];

describe('Tunnels', () => {
  it.each(OPEN)('names $tunnel and finds what is inside', ({ tunnel, packet, source = '172.16.0.1' }) => {
    expect(look(packet)).toEqual({ tunnel, inside: [`${tunnel}: ${source} 5000`] });
  });

  it.each(CLOSED)('names $tunnel where nothing more can be told', ({ tunnel, packet }) => {
    expect(look(packet)).toEqual({ tunnel, inside: [] });
  });

  it.each(NONE)('does not take $name for a tunnel', ({ packet }) => {
    expect(look(packet)).toEqual({ tunnel: '', inside: [] });
  });

  it('reads nothing beyond the packet, wherever it is cut', () => {
    for (const { packet } of [...OPEN, ...CLOSED])
      for (let length = 20; length < packet.length; length += 3) {
        const cut = packet.slice(0, length);
        expect(look(cut)).toEqual(lookFollowed(cut));
      }
  });

  it('names the tunnels inside tunnels from the outermost on', () => {
    const gtp = to(2152, words(0x30ff_0030, 9), by(47, of(0, 0, 8, 0), IP));
    expect(look(gtp)).toEqual({
      tunnel: 'gtp 0x00000009 > gre',
      inside: ['gtp 0x00000009: 10.0.0.1 -1', 'gtp 0x00000009 > gre: 172.16.0.1 5000'],
    });
  });

  it.each([
    { nested: 7, found: 7 },
    { nested: 8, found: 8 },
    { nested: 9, found: 8 },
    { nested: 60, found: 8 },
  ])('looks into $found of $nested tunnels', ({ nested, found }) => {
    let packet = IP;
    for (let depth = 0; depth < nested; depth++) packet = by(4, packet);
    const { tunnel, inside } = look(packet);
    expect(inside.length).toBe(found);
    expect(tunnel.split(' > ').length).toBe(found);
  });

  it('looks into no later fragment', () => {
    expect(look(ip4(IP, { protocol: 4, fragment: 0x0010 }))).toEqual({ tunnel: '', inside: [] });
    expect(look(ip4(IP, { protocol: 4, fragment: 0x2000 })).tunnel).toBe('4in4');
  });
});

/** The same packet with other bytes behind it in the buffer. */
function lookFollowed(packet: Uint8Array): Found {
  const addresses = new AddressTable();
  const inside: string[] = [];
  const tunnels: string[] = [];
  const sink = {
    frame: (frame: { readonly tunnel: string }) => tunnels.push(frame.tunnel),
    tunnel: (inner: { readonly tunnel: string; readonly source: number; readonly sourcePort: number }) => {
      if (tunnels.length === 1) inside.push(`${inner.tunnel}: ${addresses.text(inner.source)} ${inner.sourcePort}`);
    },
  };
  const reader = new TrafficReader({ addresses, inspector: null, sink });
  reader.push(pcapBytes([{ data: packet }, { data: FRAME }, { data: IP }], { linkType: 101 }));
  return { tunnel: tunnels[0] ?? '', inside };
}

describe('Chains', () => {
  it('lie in one network whatever numbers one direction has', () => {
    const chains = new Chains();
    const up = chains.push(0, KIND.gtp, 1);
    const down = chains.push(0, KIND.gtp, 2);
    expect(chains.network(up)).toBe(chains.network(down));
    expect(chains.text(up)).not.toBe(chains.text(down));
    expect(chains.network(chains.push(0, KIND.vxlan, 1))).not.toBe(chains.network(chains.push(0, KIND.vxlan, 2)));
    expect(chains.network(0)).toBe(0);
  });

  it('tell tunnels without their numbers when there are too many', () => {
    const chains = new Chains();
    for (let number = 0; number < 40_000; number++) chains.push(0, KIND.gtp, number);
    expect(chains.text(chains.push(0, KIND.gtp, 7))).toBe('gtp 0x00000007');
    expect(chains.text(chains.push(0, KIND.gtp, 99_999))).toBe('gtp');
    expect(chains.text(chains.push(0, KIND.esp, 99_999))).toBe('esp');
    for (let chain = 1; chain <= 5_000; chain++) chains.push(chain, KIND.gre, NO_NUMBER);
    expect(chains.push(6_000, KIND.gre, NO_NUMBER)).toBe(6_000);
  });

  it('write the highest number exactly', () => {
    expect(kindText(KIND.gre, 2 ** 32 - 1)).toBe('gre 4294967295');
    expect(kindText(KIND.l2tp, 2 ** 32 - 1)).toBe('l2tp 65535/65535');
  });
});
