// Link layers: IP found behind each, the ends it names, and nothing found where there is none.

import { describe, expect, it } from 'vitest';
import { Bytes, DESTINATION_MAC, ethernet, joined, pcapBytes, SOURCE_MAC } from '../capture.testing.ts';
import { readAll, readOne } from '../reading.testing.ts';
import { A, air, B, C, IP, of, type Row, row, SNAP4, WITH_IP } from './links.seeds.testing.ts';

const WITHOUT_IP: readonly Row[] = [
  row('802.11 that is protected', 105, air(0x08, 0x41, [C, A, B]), SNAP4, IP),
  row('802.11 without data', 105, air(0x48, 1, [C, A, B]), SNAP4, IP),
  row('an 802.11 beacon', 105, air(0x80, 0, [C, A, B]), SNAP4, IP),
  row('a later 802.11 fragment', 105, air(0x08, 1, [C, A, B], 1), SNAP4, IP),
  row('radiotap longer than its frame', 127, of(0, 0, 200, 0, 0, 0, 0, 0), air(0x08, 2, [B, C, A]), SNAP4, IP),
  row('PPP of link control', 9, of(0xff, 3, 0xc0, 0x21), IP),
  row('a part of a frame of several links', 9, of(0, 0x3d, 0x80, 0, 0, 1, 0, 0x21), IP),
  row('PPPoE discovery', 51, of(0x11, 9, 0, 1, 0, 40, 0, 0x21), IP),
  row('MPLS without a bottom', 219, ...Array.from({ length: 17 }, () => of(0, 1, 0, 64)), IP),
  row('MPLS with an associated channel', 219, of(0, 1, 1, 64, 0x10, 0, 0, 0), IP),
  row('MPLS with a label only', 219, of(0, 1, 1, 64)),
  row('MACsec that is encrypted', 1, ethernet(0x88e5, joined(of(0x0c, 0, 0, 0, 0, 1, 8, 0), IP))),
  row('SNAP of another owner', 1, ethernet(60, joined(of(0xaa, 0xaa, 3, 0, 0, 0x0c, 8, 0), IP))),
  row('cooked netlink', 113, of(0, 0, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0), IP),
  row('a packet tap of no packet', 258, of(12, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0), ethernet(0x0800, IP)),
  row('a packet tap inside a packet tap', 258, of(12, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0), ethernet(0x0800, IP)),
  row('frames nested without end', 1, ...Array.from({ length: 40 }, () => ethernet(0x6558, of()))),
];

describe('linkDecoder()', () => {
  it.each(WITH_IP)('finds IP behind $name', ({ linkType, data }) => {
    const { frames, end } = readAll(pcapBytes([{ data }], { linkType }));
    expect(frames[0]).toMatchObject({ ipVersion: 4, sourcePort: 1000, destinationPort: 53, bytes: IP.length });
    expect(end).toMatchObject({ nonIp: 0, skipped: [] });
  });

  it.each(WITHOUT_IP)('finds none in $name', ({ linkType, data }) => {
    expect(readAll(pcapBytes([{ data }], { linkType })).end).toMatchObject({ packets: 1, nonIp: 1 });
  });

  it.each(WITH_IP)('reads $name alike whatever is behind it', ({ linkType, data }) => {
    for (let length = 0; length <= Math.min(data.length, 120); length++) {
      const cut = data.slice(0, length);
      const alone = readAll(pcapBytes([{ data: cut }], { linkType })).end;
      const followed = readAll(pcapBytes([{ data: cut }, { data }], { linkType })).end;
      expect({ length, nonIp: followed.nonIp, malformed: followed.malformed }).toEqual({
        length,
        nonIp: alone.nonIp,
        malformed: alone.malformed,
      });
    }
  });

  it('names links that it does not read, by their number', () => {
    const { end } = readAll(pcapBytes([{ data: IP }, { data: IP }], { linkType: 253 }));
    expect(end).toMatchObject({ unsupportedLink: 2, skipped: [{ reason: 'link type 253 is not read', count: 2 }] });
  });
});

describe('802.11 addresses', () => {
  it.each([
    { way: 'to the network', flags: 1, addresses: [C, A, B] },
    { way: 'from the network', flags: 2, addresses: [B, C, A] },
    { way: 'from peer to peer', flags: 0, addresses: [B, A, C] },
    { way: 'from bridge to bridge', flags: 3, addresses: [C, C, B, A] },
  ])('name the ends of a frame $way', ({ flags, addresses }) => {
    const frame = readOne(pcapBytes([{ data: joined(air(0x08, flags, addresses), SNAP4, IP) }], { linkType: 105 }));
    expect(frame).toMatchObject({ sourceMac: SOURCE_MAC, destinationMac: DESTINATION_MAC, ipVersion: 4 });
  });

  it('stand before quality, throughput and the first part of an aggregate', () => {
    const quality = joined(air(0x88, 0x81, [C, A, B]), of(0x80, 0, 0, 0, 0, 0));
    const data = joined(quality, B, A, new Bytes(true).u16(IP.length + 8).bytes, SNAP4, IP);
    expect(readOne(pcapBytes([{ data }], { linkType: 105 }))).toMatchObject({ ipVersion: 4, sourcePort: 1000 });
  });
});
