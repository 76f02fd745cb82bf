// Packets with every kind of tunnel, made by hand: for the tests and, mutated, for the fuzzer. Not part of the product.

import { Bytes, ethernet, ip4, ip6, joined, udp } from '../capture.testing.ts';

export const IP = ip4(udp(Uint8Array.of(1, 2, 3), 5000, 80), { source: [172, 16, 0, 1], destination: [172, 16, 0, 2] });
export const SIX = ip6(17, udp(Uint8Array.of(1), 5000, 80));
export const FRAME = ethernet(0x0800, IP);
export const of = (...values: readonly number[]): Uint8Array => Uint8Array.of(...values);
export const words = (...values: readonly number[]): Uint8Array => new Bytes(true).u32(...values).bytes;

export const by = (protocol: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  ip4(joined(...parts), { protocol });
export const to = (port: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  ip4(udp(joined(...parts), 40_000, port));

export const OPEN: readonly { readonly tunnel: string; readonly packet: Uint8Array; readonly source?: string }[] = [
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

export const CLOSED: readonly { readonly tunnel: string; readonly packet: Uint8Array }[] = [
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
