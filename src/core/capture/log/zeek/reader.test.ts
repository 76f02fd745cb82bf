// Conn logs made by hand in all three spellings, whole, cut and damaged, and what is no conn log.

import { describe, expect, test } from 'vitest';
import { AddressTable, type Observation } from '#model';
import { LINE_BYTES_MAX, LineCutter } from '../lines.ts';
import type { LogEnd, LogRecord } from '../reader.ts';
import { isZeekLog, ZeekReader } from './reader.ts';

const NAMES =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes';
const VALUES = '1713484795.943239 C1 10.0.0.1 40000 10.0.0.2 443 tcp ssl 3 180 2 120';
const tabs = (text: string): string => text.replaceAll(' ', '\t');
const TSV = `#separator \\x09\n#path\tconn\n#fields\t${tabs(NAMES)}\n${tabs(VALUES)}\n#close\tx\n`;
const CSV = `${NAMES.replaceAll(' ', ',')},label\n${VALUES.replaceAll(' ', ',')},"Bad, very"\n`;
const json = (more: object = {}): string =>
  `${JSON.stringify({
    ts: 1713484795.943239,
    'id.orig_h': '10.0.0.1',
    'id.orig_p': 40000,
    'id.resp_h': '10.0.0.2',
    'id.resp_p': 443,
    proto: 'tcp',
    service: 'ssl',
    orig_pkts: 3,
    orig_ip_bytes: 180,
    resp_pkts: 2,
    resp_ip_bytes: 120,
    ...more,
  })}\n`;

interface Result {
  readonly seen: readonly string[];
  readonly records: readonly LogRecord[];
  readonly end: LogEnd;
}

function read(text: string, chunk = text.length + 1): Result {
  const addresses = new AddressTable();
  const seen: string[] = [];
  const records: LogRecord[] = [];
  const observe = (one: Observation): void => {
    const from = `${addresses.text(one.source)}:${one.sourcePort}`;
    const to = `${addresses.text(one.destination)}:${one.destinationPort}`;
    seen.push(
      `${one.at} ${from} ${to} ${one.protocol} ${one.packets}p ${one.bytes}b ${one.initiator} ${one.application} ${one.packetSize} ${one.tcpFlags}`,
    );
  };
  const sink = { observe, name: () => {}, record: (record: LogRecord) => void records.push(record) };
  const reader = new ZeekReader({ addresses, sink });
  const data = new TextEncoder().encode(text);
  for (let at = 0; at < data.length; at += chunk) reader.push(data.subarray(at, at + chunk));
  return { seen, records, end: reader.end() };
}

const BOTH = [
  '1713484795943239 10.0.0.1:40000 10.0.0.2:443 6 3p 180b 1 tls -1 -1',
  '1713484795943239 10.0.0.2:443 10.0.0.1:40000 6 2p 120b 2 tls -1 -1',
];

describe('ZeekReader', () => {
  test.each([
    ['zeek-tsv', TSV],
    ['zeek-csv', CSV],
    ['zeek-json', json()],
    ['zeek-json', json().replaceAll(/id\.(orig|resp)_/g, 'id_$1_')],
    [
      'zeek-json',
      json({ id: { orig_h: '10.0.0.1', orig_p: 40_000, resp_h: '10.0.0.2', resp_p: 443 } }).replaceAll('"id.', '"no.'),
    ],
    ['zeek-json', json({ ts: '2024-04-18T23:59:55.943239Z' })],
    ['zeek-json', json({ ts: '2024-04-19T01:59:55.943239+0200' })],
    ['zeek-tsv', TSV.replaceAll('\n', '\r\n')],
  ])('reads %s: one observation per direction', (format, text) => {
    const { seen, end } = read(text);
    expect(seen).toEqual(BOTH);
    expect(end).toMatchObject({ kind: 'whole', format, records: 1, unread: 0, message: '' });
  });

  test('byte by byte gives the same', () => {
    expect(read(TSV, 1)).toEqual(read(TSV));
    expect(read(CSV, 1)).toEqual(read(CSV));
  });

  test('a responder that sent nothing is not observed, and missing counts are one packet of no bytes', () => {
    expect(read(json({ resp_pkts: 0, resp_ip_bytes: 0 })).seen).toEqual(BOTH.slice(0, 1));
    const bare = read('ts,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto\n7.5,10.0.0.1,1,10.0.0.2,2,udp\n');
    expect(bare.seen).toEqual(['7500000 10.0.0.1:1 10.0.0.2:2 17 1p 0b 1  -1 -1']);
  });

  test.each([
    [{ proto: 'icmp', 'id.orig_p': 8, 'id.resp_p': 0, service: '' }, '10.0.0.1:-1 10.0.0.2:-1 1 '],
    [{ proto: 'icmp', 'id.orig_h': '::1', 'id.resp_h': '::2', service: '' }, '::1:-1 ::2:-1 58 '],
    [{ proto: 'unknown_transport', service: '' }, '10.0.0.1:-1 10.0.0.2:-1 0 '],
  ])('ports belong to TCP, UDP and SCTP only: %j', (more, part) => {
    expect(read(json(more)).seen[0]).toContain(part);
  });

  test.each([
    ['http', 'http'],
    ['gssapi,smb,ssl', 'tls'],
    ['smb', ''],
    ['-', ''],
  ])('service %s is application %j', (service, application) => {
    expect(read(json({ service })).seen[0]).toContain(` 1 ${application} -1`);
  });

  test('labels come with the number of the record and its line', () => {
    expect(read(CSV).records).toMatchObject([{ number: 1, line: 2, uid: 'C1', labels: ['Bad, very'] }]);
    const three = TSV.replace('resp_ip_bytes\n', 'resp_ip_bytes\ttunnel   label   detailed-label\n');
    expect(read(three.replace('\t120\n', '\t120\t-   Malicious   C&C\n')).records[0]?.labels).toEqual([
      'Malicious',
      'C&C',
    ]);
  });

  test.each([
    ['an address', { 'id.orig_h': '010.0.0.1' }, 'id.orig_h is "010.0.0.1", which is no address'],
    ['a time', { ts: 'soon' }, 'ts is "soon", which is no time'],
    ['a port', { 'id.resp_p': 65_536 }, 'id.resp_p is "65536", which is no port'],
    ['a protocol', { proto: 'carrier' }, 'proto is "carrier", which is no protocol'],
  ])('a record with %s that cannot be read is counted with its line', (_, more, reason) => {
    const { seen, end } = read(json() + json(more) + json());
    expect(seen.length).toBe(4);
    expect(end).toMatchObject({ kind: 'damaged', records: 2, unread: 1, problems: [{ line: 2, reason }] });
    expect(end.message).toBe(`cannot read 1 of 3 records; line 2: ${reason}`);
  });

  test('keeps the reasons of the first few lines only', () => {
    const { end } = read(json() + 'no\n'.repeat(100));
    expect([end.unread, end.problems.length]).toEqual([100, 10]);
  });

  test('a log cut inside its last line says so; all records before were delivered', () => {
    for (const text of [TSV.replace('#close\tx\n', ''), CSV, json()]) {
      const { seen, end } = read(text + text.trimEnd().split('\n').at(-1)?.slice(0, -25));
      expect(seen).toEqual(BOTH);
      expect(end.kind).toBe('cut');
    }
  });

  test.each([
    ['', 'empty'],
    ['\n\n', 'empty'],
    ['hello\n', 'unknown-format'],
    ['#separator x\n1\t2\n', 'unknown-format'],
  ])('%j is %s', (text, kind) => {
    expect(read(text).end.kind).toBe(kind);
  });
});

test.each([
  [TSV, true],
  [CSV, true],
  [json(), true],
  [TSV.replace('conn', 'dns'), true],
  ['{"ts":1}\n', false],
  ['a,b,c\n1,2,3\n', false],
  ['', false],
])('isZeekLog() of case %#', (text, expected) => {
  expect(isZeekLog(new TextEncoder().encode(text))).toBe(expected);
});

test.each([
  [LINE_BYTES_MAX, false],
  [LINE_BYTES_MAX + 1, true],
])('a line of %d bytes is too long: %s', (length, isTooLong) => {
  const lines: (string | null)[] = [];
  const cutter = new LineCutter((text) => lines.push(text));
  cutter.push(new Uint8Array(length).fill(97));
  cutter.push(Uint8Array.of(10, 98, 10));
  expect(lines.map((line) => line === null)).toEqual([isTooLong, false]);
});

test.each([
  [{ refused: true }, true],
  [{ refused: false }, false],
  [{}, false],
])('a record of %j is refused: %s, as picket collect writes it', (more, isRefused) => {
  expect(read(json(more)).records.map((record) => record.isRefused)).toEqual([isRefused]);
});
