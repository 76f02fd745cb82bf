// Fuzz: logs of every format and flow export messages, mutated, by the reader their first bytes show and by every other.

import { expect, test } from 'vitest';
import { detectLog } from '#capture';
import { AddressTable } from '#model';
import { LOG_FORMATS } from '../../src/core/capture/log/formats.ts';
import { fuzz, HEAP_BYTES_MAX, joined, reportOf, SEED, seedsBeside } from './fuzz.testing.ts';

const INPUTS = 80_000;
const KINDS = ['whole', 'cut', 'damaged', 'unknown-format', 'empty'];

const text = (...lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\n')}\n`);
const tabs = (...cells: readonly string[]): string => cells.join('\t');
const of = (...values: readonly number[]): Uint8Array => Uint8Array.of(...values);

const ZEEK = text(
  '#separator \\x09',
  tabs('#set_separator', ','),
  tabs('#path', 'conn'),
  tabs(
    '#fields',
    'ts',
    'uid',
    'id.orig_h',
    'id.orig_p',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'duration',
    'orig_pkts',
    'orig_ip_bytes',
    'resp_pkts',
    'resp_ip_bytes',
  ),
  tabs(
    '#types',
    'time',
    'string',
    'addr',
    'port',
    'addr',
    'port',
    'enum',
    'interval',
    'count',
    'count',
    'count',
    'count',
  ),
  tabs('1700000000.5', 'C1', '10.0.0.1', '40000', '10.0.0.2', '443', 'tcp', '1.5', '4', '400', '3', '300'),
  tabs('1700000001.5', 'C2', '2001:db8::1', '5353', 'ff02::fb', '5353', 'udp', '-', '1', '90', '0', '0'),
);
const ZEEK_JSON = text(
  '{"ts":1700000000.5,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":40000,"id.resp_h":"10.0.0.2","id.resp_p":443,"proto":"tcp","orig_pkts":4,"orig_ip_bytes":400,"resp_pkts":3,"resp_ip_bytes":300}',
  '{"ts":1700000000.5,"uid":"C2","id.orig_h":"10.0.0.1","id.orig_p":40000,"id.resp_h":"10.0.0.2","id.resp_p":53,"proto":"udp","query":"a.example","answers":["10.0.0.9"],"TTLs":[60.0]}',
);
const EVE = text(
  '{"timestamp":"2023-11-14T22:13:20.500000+0000","flow_id":1,"event_type":"flow","src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":4,"pkts_toclient":3,"bytes_toserver":400,"bytes_toclient":300,"start":"2023-11-14T22:13:20.500000+0000","end":"2023-11-14T22:13:21.500000+0000"}}',
  '{"timestamp":"2023-11-14T22:13:20.500000+0000","flow_id":2,"event_type":"dns","src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"a.example","rrtype":"A"}}',
  '{"timestamp":"2023-11-14T22:13:20.500000+0000","flow_id":3,"event_type":"tls","src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":443,"proto":"TCP","tls":{"sni":"a.example"}}',
);
const ARGUS = text(
  '         StartTime      Flgs  Proto            SrcAddr  Sport   Dir            DstAddr  Dport  TotPkts   TotBytes State',
  '   1700000000.500000  e           tcp           10.0.0.1.40000     ->           10.0.0.2.443           7        700   FIN',
);
const AWS = text(
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  '2 123456789012 eni-1 10.0.0.1 10.0.0.2 40000 443 6 4 400 1700000000 1700000060 ACCEPT OK',
  '2 123456789012 eni-1 10.0.0.1 10.0.0.2 40000 22 6 4 400 1700000000 1700000060 REJECT OK',
);
const AZURE = text(
  '{"records":[{"time":"2023-11-14T22:13:20Z","category":"NetworkSecurityGroupFlowEvent","properties":{"Version":2,"flows":[{"rule":"r","flows":[{"mac":"020000000001","flowTuples":["1700000000,10.0.0.1,10.0.0.2,40000,443,T,O,A,B,4,400,3,300"]}]}]}}]}',
);
const GCP = text(
  '{"jsonPayload":{"connection":{"src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":443,"protocol":6},"bytes_sent":"400","packets_sent":"4","start_time":"2023-11-14T22:13:20Z","end_time":"2023-11-14T22:13:21Z","reporter":"SRC"},"logName":"projects/p/logs/compute.googleapis.com%2Fvpc_flows"}',
);

/** NetFlow 5: a header of 24 bytes, records of 48. */
const FIVE = joined(
  of(0, 5, 0, 1, 0, 0, 0xff, 0, 0x65, 0x53, 0xf1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0),
  of(10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 4, 0, 0, 1, 0x90, 0, 0, 0x10, 0, 0, 0, 0x20, 0),
  of(0x9c, 0x40, 1, 0xbb, 0, 0x1b, 6, 0, 0, 0, 0, 0, 24, 24, 0, 0),
);
/** NetFlow 9 and IPFIX: a template of five fields, then one record. */
const FIELDS = of(0, 8, 0, 4, 0, 12, 0, 4, 0, 7, 0, 2, 0, 11, 0, 2, 0, 4, 0, 1, 0, 1, 0, 4, 0, 2, 0, 4);
const VALUES = of(10, 0, 0, 1, 10, 0, 0, 2, 0x9c, 0x40, 1, 0xbb, 6, 0, 0, 1, 0x90, 0, 0, 0, 4);
const NINE = joined(
  of(0, 9, 0, 2, 0, 0, 0xff, 0, 0x65, 0x53, 0xf1, 0, 0, 0, 0, 1, 0, 0, 0, 7),
  of(0, 0, 0, 36, 1, 0, 0, 7),
  FIELDS,
  of(1, 0, 0, 28),
  VALUES,
  of(0, 0, 0),
);
const TEN = joined(
  of(0, 10, 0, 77, 0x65, 0x53, 0xf1, 0, 0, 0, 0, 1, 0, 0, 0, 7),
  of(0, 2, 0, 36, 1, 0, 0, 7),
  FIELDS,
  of(1, 0, 0, 25),
  VALUES,
);

const OWN = [ZEEK, ZEEK_JSON, EVE, ARGUS, AWS, AZURE, GCP, FIVE, NINE, TEN, joined(TEN, TEN), joined(NINE, FIVE)];

function read(bytes: Uint8Array, { other, part }: { readonly other: number; readonly part: number }): string {
  const format = other === 0 ? detectLog(bytes) : (LOG_FORMATS[other % LOG_FORMATS.length] ?? null);
  if (format === null) return 'none';
  const kinds = new Set<string>();
  const addresses = new AddressTable();
  const reader = format.open({
    addresses,
    sink: {
      observe: ({ at, bytes: volume, packets, source, destination }) => {
        if (!Number.isSafeInteger(at)) throw new Error(`observed at ${at}`);
        if (!(volume >= 0) || !(packets >= 0)) throw new Error(`observed ${packets} packets of ${volume} bytes`);
        addresses.bytes(source);
        addresses.bytes(destination);
        kinds.add('flow');
      },
      name: ({ kind, client }) => {
        addresses.bytes(client);
        kinds.add(kind);
      },
      operation: () => kinds.add('operation'),
    },
  });
  const middle = part % (bytes.length + 1);
  reader.push(bytes.slice(0, middle));
  reader.push(bytes.slice(middle));
  const end = reader.end();
  if (!KINDS.includes(end.kind)) throw new Error(`ended ${end.kind}`);
  const reasons = end.problems.map(({ reason }) => reason.replace(/[0-9"'].*/, '')).join();
  return `${format.format} ${end.kind} ${Math.min(end.records, 4)} ${Math.min(end.unread, 3)} ${[...kinds]} ${reasons}`;
}

test.each(OWN.map((seed, at) => ({ seed, at })))('seed $at is read as what it is', ({ seed }) => {
  const answer = read(seed, { other: 0, part: seed.length });
  expect(answer).toMatch(/ whole [1-9]/);
});

test(`logs and flow exports are read whatever their bytes (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
  const beside = [...(await seedsBeside('capture/log')), ...(await seedsBeside('capture/netflow'))];
  const outcome = fuzz({
    inputs: INPUTS,
    seeds: [...OWN, ...beside],
    setting: (random) => ({ other: random(8) === 0 ? 1 + random(LOG_FORMATS.length) : 0, part: random(10_000) }),
    run: read,
  });
  console.log(reportOf('records', outcome));
  expect(outcome.faults).toEqual([]);
  expect(process.memoryUsage().heapUsed).toBeLessThan(HEAP_BYTES_MAX);
});
