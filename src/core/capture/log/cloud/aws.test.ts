// AWS flow logs made by hand: the default format, custom ones, lines without traffic, refused flows, and flows that both ends report.

import { describe, expect, test } from 'vitest';
import { countsOf, readLog } from '../log.testing.ts';

const line = (ends: string, counts: string, action = 'ACCEPT OK'): string =>
  `2 123456789010 eni-1 ${ends} ${counts} 1418530010 1418530070 ${action}\n`;
const SSH = line('172.31.16.139 172.31.16.21 20641 22 6', '20 4249');

describe('the default format', () => {
  test('a record is one direction; who began is told by the service port', () => {
    const text =
      SSH + line('172.31.16.21 172.31.16.139 22 20641 6', '18 9000') + line('10.0.0.1 10.0.0.2 5000 6000 17', '1 60');
    const read = readLog(text);
    expect(read.seen).toEqual([
      '1418530010000000 172.31.16.139:20641 > 172.31.16.21:22 6 20p 4249b i1',
      '1418530010000000 172.31.16.21:22 > 172.31.16.139:20641 6 18p 9000b i2',
      '1418530010000000 10.0.0.1:5000 > 10.0.0.2:6000 17 1p 60b i0',
    ]);
    expect(read.records[0]).toMatchObject({ line: 1, ends: 1_418_530_070_000_000, isRefused: false });
    expect(read.end).toMatchObject({
      kind: 'whole',
      format: 'aws-flow-log',
      tells: { flows: true, initiators: false },
    });
  });

  test('lines without traffic are counted', () => {
    const none = '- - - - - - -';
    const text = `2 1 eni-1 ${none} 1431280876 1431280934 - NODATA\n2 1 eni-1 ${none} 1431280876 1431280934 - SKIPDATA\n`;
    expect(countsOf(readLog(text))).toEqual({
      records: 0,
      unread: 0,
      skipped: { 'an AWS record without traffic (NODATA)': 1, 'an AWS record without traffic (SKIPDATA)': 1 },
    });
  });

  test('a refused flow is a record that says so', () => {
    const read = readLog(line('192.0.2.1 172.31.16.21 55555 3389 6', '1 40', 'REJECT OK'));
    expect([read.seen.length, read.records[0]?.isRefused]).toEqual([1, true]);
  });

  test('IPv6, ICMP, and the time that CloudWatch puts in front', () => {
    const text = `2021-01-01T00:00:00.000Z ${line('2001:db8::1 2001:db8::2 34892 22 6', '54 8855')}`;
    expect(readLog(text).seen).toEqual(['1418530010000000 2001:db8::1:34892 > 2001:db8::2:22 6 54p 8855b i1']);
    expect(readLog(line('10.0.0.1 10.0.0.2 0 0 1', '4 336')).seen).toEqual([
      '1418530010000000 10.0.0.1 > 10.0.0.2 1 4p 336b i0',
    ]);
  });

  test.each([
    [line('172.31.16.999 172.31.16.21 1 22 6', '20 4249'), 'the source is "172.31.16.999", which is no address'],
    [line('10.0.0.1 10.0.0.2 65536 22 6', '20 4249'), 'the source port is "65536", which is no port'],
    [line('10.0.0.1 10.0.0.2 1 22 256', '20 4249'), 'the protocol is "256", which is no protocol'],
    [line('10.0.0.1 10.0.0.2 1 22 6', '- 4249'), 'the record has no packets and bytes'],
    ['2 short\n', 'the line has not the 14 fields of the format'],
  ])('case %# is a fault of its line', (text, reason) => {
    expect(readLog(SSH + text).end).toMatchObject({ unread: 1, problems: [{ line: 2, reason }] });
  });
});

describe('custom formats', () => {
  const HEADER =
    'version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags pkt-srcaddr pkt-dstaddr flow-direction log-status';
  const row = (ends: string, more: string): string => `5 eni-1 ${ends} 6 5 500 100 160 ${more} OK\n`;

  test.each([
    [2, 1],
    [3, 1],
    [18, 2],
    [19, 2],
    [0, 1],
    [4, 1],
  ])('flags %d: initiator %d', (flags, initiator) => {
    const text = `${HEADER}\n${row('10.0.0.1 10.0.0.2 5000 80', `ACCEPT ${flags} - - egress`)}`;
    expect(readLog(text).seen).toEqual([`100000000 10.0.0.1:5000 > 10.0.0.2:80 6 5p 500b i${initiator}`]);
  });

  test.each([[HEADER], [HEADER.replaceAll('-', '_')], [HEADER.replaceAll(/\S+/g, '$${$&}')]])('header %#', (header) => {
    const text = `${header}\n${row('10.0.0.1 10.0.0.2 5000 80', 'ACCEPT 2 - - egress')}`;
    expect(readLog(text).seen.length).toBe(1);
  });

  test('commas, and the addresses of the packet itself', () => {
    const text = `${HEADER}\n${row('10.0.0.1 10.0.0.2 5000 80', 'ACCEPT 2 10.9.9.9 10.8.8.8 egress')}`.replaceAll(
      ' ',
      ',',
    );
    expect(readLog(text).seen).toEqual(['100000000 10.9.9.9:5000 > 10.8.8.8:80 6 5p 500b i1']);
  });

  test('what both ends report counts once, whichever comes first', () => {
    const sent = row('10.0.0.1 10.0.0.2 5000 80', 'ACCEPT 2 - - egress');
    const received = row('10.0.0.1 10.0.0.2 5000 80', 'ACCEPT 2 - - ingress');
    for (const text of [sent + received, received + sent]) {
      const read = readLog(`${HEADER}\n${text}`);
      expect(countsOf(read)).toEqual({
        records: 1,
        unread: 0,
        skipped: { 'a flow that its other end reports as well': 1 },
      });
    }
    expect(countsOf(readLog(`${HEADER}\n${received}`))).toMatchObject({ records: 1, skipped: {} });
  });

  test('what the receiving end refused is refused, although the sending end let it out', () => {
    const sent = row('10.0.0.1 10.0.0.2 5000 80', 'ACCEPT 2 - - egress');
    const refused = row('10.0.0.1 10.0.0.2 5000 80', 'REJECT 2 - - ingress');
    const other = row('10.0.0.1 10.0.0.2 5001 80', 'ACCEPT 2 - - egress');
    expect(readLog(`${HEADER}\n${sent}${refused}${other}`).records.map(({ isRefused }) => isRefused)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
