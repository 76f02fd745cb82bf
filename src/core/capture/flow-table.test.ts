// Flow rows: keys, sums, times, flags, tags, growth and the bound.

import { describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import { flowCsvHeader, flowCsvLine, secondsText } from './flow-row.ts';
import { FlowTable } from './flow-table.ts';
import { type Frame, newFrame } from './frame.ts';

const addresses = new AddressTable();
const A = addresses.intern('10.0.0.1');
const B = addresses.intern('10.0.0.2');

const frame = (part: Partial<Frame>): Frame => ({
  ...newFrame(),
  ipVersion: 4,
  source: A,
  destination: B,
  protocol: 17,
  sourcePort: 1000,
  destinationPort: 53,
  bytes: 40,
  wireLength: 54,
  ...part,
});
const BACK: Partial<Frame> = { source: B, destination: A, sourcePort: 53, destinationPort: 1000 };

function lines(...frames: readonly Frame[]): string[] {
  const table = new FlowTable(addresses);
  for (const one of frames) table.add(one);
  return [...table.rows()].map(flowCsvLine);
}

describe('FlowTable', () => {
  it('joins both directions, keeps earliest and latest time, and writes every column', () => {
    const line = lines(
      frame({ seconds: 5, nanoseconds: 7, vlans: [30, 20] }),
      frame({ ...BACK, seconds: 9, nanoseconds: 1, wireLength: 100 }),
      frame({ seconds: 5, nanoseconds: 6, wireLength: 50 }),
      frame({ seconds: 9, nanoseconds: 0, vlans: [] }),
    )[0];
    expect(line).toBe(
      '1,4,17,10.0.0.1,1000,10.0.0.2,53,0,5.000000006,9.000000001,3,1,120,40,158,100,50,100,,,-;30|20,-',
    );
    expect(line?.split(',').length).toBe(flowCsvHeader().split(',').length);
  });

  it('collects TCP flags per direction', () => {
    const tcp = (part: Partial<Frame>): Frame => frame({ protocol: 6, ...part });
    expect(lines(tcp({ tcpFlags: 2 }), tcp({ tcpFlags: 0x10 }), tcp({ ...BACK, tcpFlags: -1 }))[0]).toMatch(
      /,12,00,-,-$/,
    );
  });

  it.each([
    { what: 'another port', part: { sourcePort: 1001 } },
    { what: 'the ports swapped at the same addresses', part: { sourcePort: 53, destinationPort: 1000 } },
    { what: 'another protocol', part: { protocol: 6 } },
    { what: 'a later fragment', part: { isLaterFragment: true } },
    { what: 'another IP version', part: { ipVersion: 6 as const } },
    { what: 'other addresses', part: { source: B, destination: A } },
  ])('keeps $what apart', ({ part }) => {
    expect(lines(frame({}), frame(part)).length).toBe(2);
  });

  it('does not tell VLANs apart, and passes over frames without IP', () => {
    expect(lines(frame({ vlans: [1] }), frame({ vlans: [2] }), frame({ ipVersion: 0 })).length).toBe(1);
  });

  it('gives later fragments a row without ports, whatever they carry', () => {
    expect(lines(frame({ isLaterFragment: true }))[0]).toMatch(/^1,4,17,10.0.0.1,,10.0.0.2,,1,/);
  });

  it('counts a packet to itself as one direction', () => {
    expect(lines(frame({ destination: A, destinationPort: 1000 }))[0]).toContain(',1,0,40,0,54,0,');
  });

  it('does not wrap sums beyond 32 bits', () => {
    const huge = frame({ bytes: 2 ** 31, wireLength: 2 ** 31 });
    expect(lines(huge, huge, huge)[0]).toContain(`,3,0,${3 * 2 ** 31},0,${3 * 2 ** 31},0,`);
  });

  it('writes an IPv4-mapped address of IPv6 with its prefix', () => {
    expect(lines(frame({ ipVersion: 6 }))[0]).toContain(',::ffff:10.0.0.1,1000,');
  });

  it('grows, and keeps the order of first packets', () => {
    const table = new FlowTable(addresses);
    for (let round = 0; round < 2; round++)
      for (let port = 0; port < 20_000; port++)
        table.add(frame(round === 0 ? { sourcePort: port } : { ...BACK, destinationPort: port }));
    expect(table.size).toBe(20_000);
    const rows = [...table.rows()];
    expect(rows.every(({ a, b, flow }) => a.port === flow - 1 && a.packets === 1 && b.packets === 1)).toBe(true);
  });

  it('counts packets of new flows apart when it is full', () => {
    const table = new FlowTable(addresses, 2);
    for (const sourcePort of [1, 2, 3, 3, 2]) table.add(frame({ sourcePort }));
    expect({ size: table.size, uncounted: table.uncounted }).toEqual({ size: 2, uncounted: 2 });
    expect([...table.rows()].map(({ a }) => a.packets)).toEqual([1, 2]);
  });
});

describe('secondsText()', () => {
  it.each([
    { seconds: 0, nanoseconds: 0, text: '0.000000000' },
    { seconds: 1_615_216_935, nanoseconds: 831_389_000, text: '1615216935.831389000' },
    { seconds: -1, nanoseconds: 0, text: '-1.000000000' },
    { seconds: -1, nanoseconds: 1, text: '-0.999999999' },
    { seconds: 1e21, nanoseconds: 0, text: '1000000000000000000000.000000000' },
  ])('writes $text', ({ seconds, nanoseconds, text }) => {
    expect(secondsText(seconds, nanoseconds)).toBe(text);
  });
});
