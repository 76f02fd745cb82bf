// Frames of every link layer with IP inside, made by hand: for the tests and, mutated, for the fuzzer. Not part of the product.

import { ethernet, ip4, joined, udp } from '../capture.testing.ts';

export const IP = ip4(udp(Uint8Array.of(1, 2, 3)));
export const of = (...values: readonly number[]): Uint8Array => Uint8Array.of(...values);
export const SNAP4 = of(0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
export const A = of(2, 0, 0, 0, 0, 1);
export const B = of(2, 0, 0, 0, 0, 2);
export const C = of(2, 0, 0, 0, 0, 3);

/** An 802.11 header: frame control as two bytes, then three addresses and the sequence. */
export const air = (control: number, flags: number, addresses: readonly Uint8Array[], sequence = 0): Uint8Array =>
  joined(of(control, flags, 0, 0), ...addresses.slice(0, 3), of(sequence, 0), ...addresses.slice(3));

export interface Row {
  readonly name: string;
  readonly linkType: number;
  readonly data: Uint8Array;
}

export const row = (name: string, linkType: number, ...parts: readonly Uint8Array[]): Row => ({
  name,
  linkType,
  data: joined(...parts),
});

export const WITH_IP: readonly Row[] = [
  row('loopback with an EtherType', 0, of(0, 0, 8, 0), IP),
  row('token ring', 6, of(0x10, 0x40), B, A, SNAP4, IP),
  row('token ring with a route', 6, of(0x10, 0x40), B, of(0x82, 0, 0, 0, 0, 1, 4, 0, 0, 0), SNAP4, IP),
  row('SLIP of BSD', 8, new Uint8Array(16), IP),
  row('PPP in HDLC', 50, of(0xff, 3, 0, 0x21), IP),
  row('Cisco HDLC under PPP', 50, of(0x0f, 0, 8, 0), IP),
  row('PPP with a short protocol', 9, of(0x21), IP),
  row('PPP with MPLS', 9, of(0x02, 0x81, 0, 1, 1, 64), IP),
  row('PPP with a bridged frame', 9, of(0, 0x31, 0, 1), ethernet(0x0800, IP)),
  row('PPP with a whole frame of several links', 9, of(0, 0x3d, 0xc0, 0, 0, 1, 0, 0x21), IP),
  row('PPPoE session', 51, of(0x11, 0, 0, 1, 0, 40, 0, 0x21), IP),
  row('ATM with LLC', 100, SNAP4, IP),
  row('ATM with IP only', 106, IP),
  row('Cisco HDLC', 104, of(0x0f, 0, 8, 0), IP),
  row('frame relay', 107, of(0x18, 0x41, 3, 0xcc), IP),
  row('frame relay with padding and SNAP', 107, of(0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0), IP),
  row('frame relay with an EtherType', 107, of(0x18, 0x41, 8, 0), IP),
  row('frame relay with a long address', 107, of(0x18, 0x40, 0x40, 0x41, 3, 0xcc), IP),
  row('IPsec interface', 109, new Uint8Array(12), IP),
  row('packet filter log', 117, of(61, 2), new Uint8Array(62), IP),
  row('Fibre Channel', 122, new Uint8Array(16), SNAP4, IP),
  row('SunATM', 123, of(2, 0, 0, 1), SNAP4, IP),
  row('FireWire', 138, new Uint8Array(16), of(8, 0), IP),
  row('802.11', 105, air(0x08, 1, [C, A, B]), SNAP4, IP),
  row('radiotap', 127, of(0, 0, 8, 0, 0, 0, 0, 0), air(0x08, 2, [B, C, A]), SNAP4, IP),
  row(
    'radiotap with padding',
    127,
    of(0, 0, 9, 0, 2, 0, 0, 0, 0x20),
    air(0x88, 2, [B, C, A]),
    of(0, 0, 0, 0),
    SNAP4,
    IP,
  ),
  row(
    'radiotap with time and flags',
    127,
    of(0, 0, 17, 0, 3, 0, 0, 0),
    new Uint8Array(9),
    air(0x08, 2, [B, C, A]),
    SNAP4,
    IP,
  ),
  row('Prism', 119, of(0x44, 0, 0, 0, 144, 0, 0, 0), new Uint8Array(136), air(0x08, 2, [B, C, A]), SNAP4, IP),
  row('AVS', 163, of(0x80, 0x21, 0x10, 1, 0, 0, 0, 64), new Uint8Array(56), air(0x08, 2, [B, C, A]), SNAP4, IP),
  row(
    'AVS under Prism',
    119,
    of(0x80, 0x21, 0x10, 1, 0, 0, 0, 64),
    new Uint8Array(56),
    air(8, 2, [B, C, A]),
    SNAP4,
    IP,
  ),
  row('PPP with the daemon direction', 166, of(1, 3, 0, 0x21), IP),
  row('PPP with direction', 204, of(1, 0xff, 3, 0, 0x21), IP),
  row('Cisco HDLC with direction', 205, of(1, 0x0f, 0, 8, 0), IP),
  row('frame relay with direction', 206, of(1, 0x18, 0x41, 3, 0xcc), IP),
  row('MPLS', 219, of(0, 1, 1, 64), IP),
  row('MPLS explicit null', 219, of(0, 1, 0, 64, 0, 0, 1, 64), IP),
  row('MPLS with a frame and a control word', 219, of(0, 1, 1, 64, 0, 0, 0, 0), ethernet(0x0800, IP)),
  row('MPLS with a frame', 219, of(0, 1, 1, 64), ethernet(0x0800, IP)),
  row('MPLS with a frame that begins with 4', 219, of(0, 1, 1, 64, 0x44, 0, 0, 0, 0, 2), A, of(8, 0), IP),
  row('InfiniBand', 242, of(8, 0, 0, 0), IP),
  row('netANALYZER', 240, new Uint8Array(4), ethernet(0x0800, IP)),
  row('netANALYZER with preamble', 241, new Uint8Array(12), ethernet(0x0800, IP)),
  row('packet tap', 258, of(12, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0), ethernet(0x0800, IP)),
  row('netfilter log, big-endian', 239, of(2, 0, 0, 0, 0, 52, 0, 9), IP),
  row(
    'cooked radiotap',
    113,
    of(0, 0, 3, 0x23, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    of(0, 0, 8, 0, 0, 0, 0, 0),
    air(8, 2, [B, C, A]),
    SNAP4,
    IP,
  ),
  row('cooked LLC', 113, of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4), SNAP4, IP),
  row('Cisco metadata', 1, ethernet(0x8909, joined(of(1, 1, 0, 1, 0, 9, 8, 0), IP))),
  row('MACsec in clear', 1, ethernet(0x88e5, joined(of(0, 0, 0, 0, 0, 1, 8, 0), IP))),
  row(
    'MACsec in clear with its channel',
    1,
    ethernet(0x88e5, joined(of(0x20, 0, 0, 0, 0, 1), new Uint8Array(8), of(8, 0), IP)),
  ),
  row('provider backbone', 1, ethernet(0x88e7, joined(of(0, 0, 0, 1), ethernet(0x0800, IP)))),
  row('TRILL', 1, ethernet(0x22f3, joined(of(0, 0, 0, 1, 0, 2), ethernet(0x0800, IP)))),
  row('redundancy tag', 1, ethernet(0x892f, joined(of(0, 40, 0, 1, 8, 0), IP))),
  row('inter-switch link', 1, of(1, 0, 0x0c, 0, 0, 0), new Uint8Array(20), ethernet(0x0800, IP)),
  row('LLC and SNAP with VLAN', 1, ethernet(60, joined(of(0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0, 0, 7, 8, 0), IP))),
  row('LLC and a bridged frame', 100, of(0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0), ethernet(0x0800, IP)),
  row('LLC with a network layer identifier', 1, ethernet(60, joined(of(0xfe, 0xfe, 3, 0xcc), IP))),
];
