// Google Cloud entries made by hand: rows and arrays, numbers as texts, reporters, firewall entries.

import { describe, expect, test } from 'vitest';
import { countsOf, readLog } from '../log.testing.ts';

const CONNECTION = { src_ip: '10.0.0.1', src_port: 5000, dest_ip: '10.0.0.2', dest_port: 443, protocol: 6 };
const entry = (more: object = {}, connection: object = {}): object => ({
  insertId: 'a',
  logName: 'projects/p/logs/compute.googleapis.com%2Fvpc_flows',
  timestamp: '2024-01-01T00:00:10Z',
  jsonPayload: {
    bytes_sent: '1500',
    packets_sent: '3',
    start_time: '2024-01-01T00:00:00.123456789Z',
    end_time: '2024-01-01T00:00:05Z',
    reporter: 'SRC',
    connection: { ...CONNECTION, ...connection },
    ...more,
  },
});
const rows = (...entries: readonly object[]): string => `${entries.map((one) => JSON.stringify(one)).join('\n')}\n`;
const SEEN = ['1704067200123456 10.0.0.1:5000 > 10.0.0.2:443 6 3p 1500b i1'];

test.each([
  ['in a row', rows(entry())],
  ['in an array', JSON.stringify([entry()], null, 2)],
  ['as the list of an answer', JSON.stringify({ entries: [entry()] })],
])('entries %s', (_, text) => {
  const read = readLog(text);
  expect(read.seen).toEqual(SEEN);
  expect(readLog(text, 1).seen).toEqual(SEEN);
  expect(read.records).toMatchObject([{ line: 1, ends: 1_704_067_205_000_000, isRefused: false }]);
  expect(read.end).toMatchObject({ kind: 'whole', format: 'gcp-flow-log' });
});

describe('who reports', () => {
  test.each([
    [['SRC', 'DEST'], 1],
    [['DEST', 'SRC'], 1],
    [['DEST'], 1],
    [['SRC_GATEWAY', 'SRC'], 1],
    [['SRC_GATEWAY', 'DEST'], 1],
    [['SRC_GATEWAY'], 1],
    [['SRC', 'SRC'], 2],
  ])('%j gives %d', (reporters, records) => {
    const read = readLog(rows(...reporters.map((reporter) => entry({ reporter }))));
    expect(countsOf(read)).toMatchObject({ records, unread: 0 });
  });

  test('answers are records of their own', () => {
    const back = entry(
      { reporter: 'SRC' },
      { src_ip: '10.0.0.2', src_port: 443, dest_ip: '10.0.0.1', dest_port: 5000 },
    );
    expect(readLog(rows(entry(), back)).seen[1]).toContain('10.0.0.2:443 > 10.0.0.1:5000 6 3p 1500b i2');
  });
});

test('a firewall entry is its first packet, refused or not', () => {
  const firewall = (disposition: string): object =>
    entry({ disposition, bytes_sent: undefined, packets_sent: undefined, reporter: undefined });
  const read = readLog(rows(firewall('DENIED'), firewall('ALLOWED')));
  expect(read.records.map(({ isRefused }) => isRefused)).toEqual([true, true]);
  expect(read.seen[0]).toBe('1704067200123456 10.0.0.1:5000 > 10.0.0.2:443 6 1p 0b i1');
});

test('what cannot be read is a fault of its entry', () => {
  const read = readLog(rows(entry(), entry({}, { src_ip: 7 }), entry({ bytes_sent: 'many' }), { textPayload: 'x' }));
  expect(countsOf(read)).toEqual({ records: 1, unread: 2, skipped: { 'a log entry without a connection': 1 } });
  expect(read.end?.message).toBe('cannot read 2 of 3 records; entry 2: the source is "7", which is no address');
});
