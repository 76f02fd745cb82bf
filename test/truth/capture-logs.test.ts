// Every log of the shared traffic: each line is read or counted with its reason, and packets and bytes add up to the file's own columns.
// The sums beside it are made by a few lines that know nothing of the readers.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { detectLog, type LogEnd } from '#capture';
import { AddressTable } from '#model';

const CAPTURES = join(process.env.PICKET_SHARED ?? '../shared', 'traffic', 'captures');
const FOLDERS = ['iot23', 'zeek-3day', 'zeek-apt29-day1', 'zeek-slips-mixed9', 'zeek-scan', 'flow-logs'];
const HAS_TRAFFIC = existsSync(CAPTURES);
/** Lines of these folders that are records with something to tell, as counted when each line was accounted for. */
const RECORDS = 119_415;
const title = HAS_TRAFFIC ? '' : ' (the shared traffic is not there)';

interface Sums {
  packets: number;
  bytes: number;
  names: number;
  operations: number;
}

interface Result extends Sums {
  readonly end: LogEnd;
  readonly format: string;
}

const newSums = (): Sums => ({ packets: 0, bytes: 0, names: 0, operations: 0 });

function logsIn(folder: string): readonly string[] {
  return readdirSync(join(CAPTURES, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(log|csv|json|binetflow)(\.gz)?$/.test(name))
    .map((name) => join(CAPTURES, folder, name));
}

function bytesOf(path: string): Uint8Array {
  const raw = readFileSync(path);
  return raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
}

function read(data: Uint8Array): Result | null {
  const format = detectLog(data);
  if (format === null) return null;
  const sums = newSums();
  const reader = format.open({
    addresses: new AddressTable(),
    sink: {
      observe: ({ packets, bytes }) => {
        sums.packets += packets;
        sums.bytes += bytes;
      },
      name: () => {
        sums.names++;
      },
      operation: () => {
        sums.operations++;
      },
    },
  });
  for (let at = 0; at < data.length; at += 10_007) reader.push(data.subarray(at, at + 10_007));
  return { ...sums, end: reader.end(), format: format.format };
}

const linesOf = (data: Uint8Array): readonly string[] =>
  new TextDecoder()
    .decode(data)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

const skippedOf = (end: LogEnd): number => end.skipped.reduce((sum, { count }) => sum + count, 0);
const number = (value: unknown): number => (Number.isFinite(Number(value)) ? Number(value) : 0);

/** Sums of the raw columns of a Zeek conn log. */
function connSums(data: Uint8Array): { packets: number; bytes: number } {
  const all = new TextDecoder()
    .decode(data)
    .split('\n')
    .filter((line) => line !== '');
  const isJson = all[0]?.startsWith('{') === true;
  const header =
    all
      .find((line) => line.startsWith('#fields'))
      ?.split('\t')
      .slice(1) ??
    all[0]?.split(',') ??
    [];
  const isTabbed = all.some((line) => line.startsWith('#fields'));
  const sums = { packets: 0, bytes: 0 };
  for (const line of all.slice(isJson || isTabbed ? 0 : 1)) {
    if (line.startsWith('#')) continue;
    const cells = line.split(isTabbed ? '\t' : ',');
    const row: Record<string, unknown> = isJson
      ? JSON.parse(line)
      : Object.fromEntries(header.map((name, at) => [name, cells[at]]));
    sums.packets += number(row.orig_pkts) + number(row.resp_pkts);
    sums.bytes += number(row.orig_ip_bytes) + number(row.resp_ip_bytes);
  }
  return sums;
}

describe.skipIf(!HAS_TRAFFIC)(`logs of the shared traffic${title}`, { timeout: 240_000 }, () => {
  test('each is told by its first bytes and read to its end, every line read or counted', () => {
    let records = 0;
    let conns = 0;
    for (const path of FOLDERS.flatMap(logsIn)) {
      const data = bytesOf(path);
      const result = read(data);
      const lines = linesOf(data).length - (/\.(csv|binetflow)/.test(path) ? 1 : 0);
      expect([path, result?.end.kind, result?.end.message]).toEqual([path, 'whole', '']);
      if (result === null) continue;
      expect([path, result.end.records + result.end.unread + skippedOf(result.end)]).toEqual([path, lines]);
      records += result.end.records;
      if (/conn[._]|_conn|^CTU-/.test(basename(path))) conns += result.end.records;
    }
    expect({ records, conns }).toEqual({ records: RECORDS, conns: 99_850 });
  });

  test('packets and bytes of every conn log are those of its columns, and other Zeek logs add none', () => {
    for (const path of FOLDERS.filter((folder) => folder !== 'flow-logs').flatMap(logsIn)) {
      const data = bytesOf(path);
      const { packets, bytes } = read(data) ?? newSums();
      const isConn = /conn[._]|_conn|^CTU-/.test(basename(path));
      expect([path, { packets, bytes }]).toEqual([path, isConn ? connSums(data) : { packets: 0, bytes: 0 }]);
    }
  });

  test('every dns record with a name is a question, and every address or canonical name an answer', () => {
    for (const path of logsIn('zeek-apt29-day1').filter((name) => name.endsWith('dns.log'))) {
      const data = bytesOf(path);
      let facts = 0;
      for (const line of linesOf(data)) {
        const row: { query?: string; answers?: readonly string[]; rcode?: number; qtype?: number } = JSON.parse(line);
        if (row.query === undefined || row.query === '') continue;
        facts += 1 + (row.rcode === 0 && [1, 5, 28].includes(row.qtype ?? 0) ? (row.answers ?? []).length : 0);
      }
      expect([path, read(data)?.names]).toEqual([path, facts]);
    }
  });

  test.each(['test4-malicious.binetflow', 'test11-portscan.binetflow'])(
    'totals of %s are those of its columns',
    (name) => {
      const data = bytesOf(join(CAPTURES, 'flow-logs', name));
      const rows = linesOf(data)
        .slice(1)
        .map((line) => line.split(','))
        .filter((cells) => cells[2] !== 'arp');
      const sum = (at: number): number => rows.reduce((total, cells) => total + number(cells[at]), 0);
      expect(read(data)).toMatchObject({ format: 'argus text', packets: sum(11), bytes: sum(12) });
    },
  );

  test('totals of the Suricata log are those of its flow events, whatever its other events quote', () => {
    const data = bytesOf(join(CAPTURES, 'flow-logs', 'test6-malicious.suricata.json'));
    const sums = { packets: 0, bytes: 0, questions: 0, operations: 0 };
    for (const line of linesOf(data)) {
      const event = JSON.parse(line);
      if (event.event_type === 'flow') {
        sums.packets += event.flow.pkts_toserver + event.flow.pkts_toclient;
        sums.bytes += event.flow.bytes_toserver + event.flow.bytes_toclient;
      }
      if (event.event_type === 'http') sums.operations++;
    }
    const { packets, bytes, operations } = read(data) ?? newSums();
    expect({ packets, bytes, operations }).toEqual({
      packets: sums.packets,
      bytes: sums.bytes,
      operations: sums.operations,
    });
  });
});
