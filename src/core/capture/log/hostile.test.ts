// Logs that wish harm: endless lines, zero bytes, wrong types, deep nesting, a million keys. Every reader ends, throws nothing and keeps little.

import { describe, expect, test } from 'vitest';
import { OBJECT_BYTES_MAX } from './cloud/object-cutter.ts';
import { LOG_FORMATS } from './formats.ts';
import { readLog } from './log.testing.ts';

/** The beginning of a log of each format that is made of text, and one whole record of it. */
const BEGINNINGS: readonly (readonly [format: string, head: string, record: string])[] = [
  [
    'Zeek log',
    '#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n',
    '1.0\t10.0.0.1\t1\t10.0.0.2\t2\ttcp\n',
  ],
  [
    'Zeek log',
    '',
    '{"ts":1,"uid":"C","id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"10.0.0.2","id.resp_p":2,"proto":"tcp","conn_state":"SF"}\n',
  ],
  [
    'Suricata EVE log',
    '',
    '{"timestamp":"2021-06-06T16:26:27Z","event_type":"netflow","src_ip":"10.0.0.1","src_port":1,"dest_ip":"10.0.0.2","dest_port":2,"proto":"TCP","netflow":{"pkts":1,"bytes":1}}\n',
  ],
  [
    'argus text',
    'StartTime,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,TotPkts,TotBytes\n',
    '1477674021.9,tcp,10.0.0.1,1,->,10.0.0.2,2,1,1\n',
  ],
  ['AWS VPC flow log', '', '2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 100 200 ACCEPT OK\n'],
  [
    'Google Cloud VPC flow log',
    '',
    '{"connection":{"src_ip":"10.0.0.1","src_port":1,"dest_ip":"10.0.0.2","dest_port":2,"protocol":6},"bytes_sent":"1","start_time":"2024-01-01T00:00:00Z"}\n',
  ],
  [
    'Azure flow log',
    '',
    '{"properties":{"flows":[{"flows":[{"flowTuples":["1542110377,192.0.2.1,10.5.16.4,59336,443,T,I,A"]}]}]}}\n',
  ],
];

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const keys = (count: number): string => `{${Array.from({ length: count }, (_, at) => `"k${at}":${at}`).join(',')}}`;

const HARM: readonly (readonly [what: string, text: string | Uint8Array])[] = [
  ['a line of 2 MiB', `${'x'.repeat(2 * 1_048_576)}\n`],
  ['zero bytes', `${'\0'.repeat(100_000)}\n`],
  ['bytes that are no text', Uint8Array.from({ length: 10_000 }, (_, at) => (at * 7919) % 256)],
  ['100,000 brackets', `{"a":${deep(100_000)}}\n`],
  ['a million keys', `${keys(1_000_000)}\n`],
  ['a list', '[1,2,3]\n'],
  ['prototypes', '{"__proto__":{"ts":1},"constructor":1,"event_type":{"toString":1}}\n'],
  ['commas', `${','.repeat(1_000_000)}\n`],
  ['quotes', `${'"'.repeat(999_999)}\n`],
];

test('every format is here', () => {
  const text = LOG_FORMATS.map(({ format }) => format).filter((format) => BEGINNINGS.some(([name]) => name === format));
  expect(new Set(text).size).toBe(new Set(BEGINNINGS.map(([name]) => name)).size);
});

describe.each(BEGINNINGS)('%s', (format, head, record) => {
  test('is told by its beginning alone', () => {
    expect(readLog(head + record).format).toBe(format);
    expect(LOG_FORMATS.filter((one) => one.matches(new TextEncoder().encode(head + record))).length).toBe(1);
  });

  test.each(HARM)('%s', (_, harm) => {
    const harmful = typeof harm === 'string' ? new TextEncoder().encode(harm) : harm;
    const encoder = new TextEncoder();
    const before = encoder.encode(head + record);
    const after = encoder.encode(record);
    const all = new Uint8Array(before.length + harmful.length + after.length);
    all.set(before);
    all.set(harmful, before.length);
    all.set(after, before.length + harmful.length);
    const { end, seen } = readLog(all, 65_536);
    expect(seen.length).toBeGreaterThanOrEqual(1);
    expect(end?.problems.length).toBeLessThanOrEqual(10);
    for (const { reason } of end?.problems ?? []) expect(reason.length).toBeLessThan(200);
    expect(end?.skipped.length).toBeLessThanOrEqual(101);
  });

  test('values of wrong types', () => {
    for (const wrong of ['null', '[]', '{}', 'true', '1e400', '-1', '"\\u0000"']) {
      const { end } = readLog(record + record.replaceAll(/"10\.0\.0\.1"/g, wrong));
      expect(end === null || end.records >= 1).toBe(true);
    }
  });
});

test('an object just inside, on and just outside the bound', () => {
  const begin = '{"properties":{"flows":[{"flows":[{"flowTuples":[]}]}]},"pad":"';
  for (const [length, unread] of [
    [OBJECT_BYTES_MAX - 1, 0],
    [OBJECT_BYTES_MAX, 0],
    [OBJECT_BYTES_MAX + 1, 1],
  ] as const) {
    const text = `${begin}${'x'.repeat(length - begin.length - 2)}"}`;
    expect(readLog(text, 1 << 22).end?.unread).toBe(unread);
  }
});

test('a hundred kinds of skipped lines are told apart, the others are counted together', () => {
  const lines = Array.from({ length: 150 }, (_, at) => `{"ts":1,"_path":"kind_${at}"}`).join('\n');
  const { end } = readLog(`${lines}\n`);
  expect([end?.skipped.length, end?.skipped.at(-1)]).toEqual([101, { reason: 'other reasons', count: 50 }]);
});
