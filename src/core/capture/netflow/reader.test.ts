// Export messages of each version, and the traps in them: order, templates, padding, wraps, losses, hostile lengths.

import { describe, expect, test } from 'vitest';
import { detectLog } from '../log/formats.ts';
import { SEEDS } from './netflow.seeds.testing.ts';
import { be, FIELDS, five, flowRecord, ipfix, nine, read, set, template } from './netflow.testing.ts';

const OUT = ['10.0.0.2', '10.0.0.1', 40_000, 443, 3, 180, 59_000, 59_500, 0x1b, 6] as const;
const BACK = ['10.0.0.1', '10.0.0.2', 443, 40_000, 2, 120, 59_000, 59_500, 0x1b, 6] as const;
const FLOW = ['10.0.0.2:40000 > 10.0.0.1:443 6 3/180 -1000+500 1', '10.0.0.1:443 > 10.0.0.2:40000 6 2/120 -1000+500 2'];
const TEMPLATE = set(2, ...template(256, FIELDS));
const DATA = set(256, ...flowRecord());
const ONE = '10.0.0.2:40000 > 10.0.0.1:443 6 3/180 0+500 1';

describe('FlowExportReader', () => {
  test.each([
    ['initiator first', five([OUT, BACK])],
    ['responder first', five([BACK, OUT])],
    ['in two messages', [...five([BACK]), ...five([OUT], { sequence: 1 })]],
  ])('joins both directions, %s', (_, bytes) => {
    for (const chunk of [bytes.length, 7, 1])
      expect(read(bytes, chunk)).toMatchObject({
        flows: FLOW,
        end: { kind: 'whole', format: 'netflow-v5', records: 1 },
      });
  });

  test('lets the earlier start decide where ports do not', () => {
    const late = ['10.0.0.1', '10.0.0.2', 50_000, 40_000, 2, 120, 59_001, 59_500, 0x1b, 6] as const;
    const early = ['10.0.0.2', '10.0.0.1', 40_000, 50_000, 2, 120, 59_000, 59_500, 0x1b, 6] as const;
    expect(read(five([late, early])).flows[0]).toContain('10.0.0.2:40000 > 10.0.0.1:50000');
  });

  test('reads uptimes on both sides of a wrap', () => {
    const wrapped = ['10.0.0.2', '10.0.0.1', 40_000, 443, 3, 180, 2 ** 32 - 500, 500, 0x1b, 6] as const;
    expect(read(five([wrapped], { uptime: 1_000 })).flows[0]).toContain(' -1500+1000 ');
  });

  test.each([
    [9_007_199_254_239, / \d{13}\+500 /],
    [9_007_199_254_740, / \d{13}\+0 /],
    [9_007_199_254_741, / 0\+0 /],
    [2 ** 53, / 0\+0 /],
  ])('takes a start of %i ms, and an end 500 ms later, where a calendar holds them', (at, times) => {
    expect(read(ipfix([TEMPLATE, set(256, ...flowRecord({ at }))])).flows[0]).toMatch(times);
  });

  test('leaves sampled counts as they are, and says so', () => {
    const { flows, end } = read(five([OUT], { sampling: 0x4000 + 100 }));
    expect(flows[0]).toContain(' 3/180 ');
    expect([end.skipped, end.notes]).toEqual([[], [expect.stringContaining('sampled')]]);
  });

  test.each([
    [0, 'whole', ''],
    [1, 'damaged', '1 record is missing by the sequence numbers'],
    [2_000_000, 'whole', ''],
  ])('counts a gap of %i records', (gap, kind, message) => {
    expect(read([...five([OUT]), ...five([BACK], { sequence: 1 + gap })]).end).toMatchObject({ kind, message });
  });

  test.each([
    ['in one message', ipfix([TEMPLATE, DATA])],
    ['data first', ipfix([DATA, TEMPLATE])],
    ['data in an earlier message', [...ipfix([DATA]), ...ipfix([TEMPLATE], { sequence: 1 })]],
    ['with padding', ipfix([TEMPLATE, set(256, ...flowRecord(), 0, 0, 0)])],
    ['as NetFlow 9', nine([set(0, ...template(256, FIELDS)), DATA])],
    ['as NetFlow 9, data first', [...nine([DATA]), ...nine([set(0, ...template(256, FIELDS))], { sequence: 1 })]],
  ])('reads data by its template, %s', (_, bytes) => {
    expect(read(bytes)).toMatchObject({ flows: [ONE], end: { kind: 'whole', message: '' } });
    expect(read(bytes, 5).flows).toEqual([ONE]);
  });

  test('does not read data by the template of another domain, or by one that was taken back', () => {
    const withdrawn = [...ipfix([TEMPLATE]), ...ipfix([set(2, ...be(256, 2), 0, 0), DATA])];
    for (const bytes of [[...ipfix([TEMPLATE]), ...ipfix([DATA], { domain: 2 })], withdrawn])
      expect(read(bytes)).toMatchObject({
        flows: [],
        end: { message: expect.stringContaining('template never came') },
      });
  });

  test('reads biflows and skips fields of variable length and of enterprises', () => {
    const fields = [
      [8, 4],
      [12, 4],
      [7, 2],
      [11, 2],
      [4, 1],
      [82, 65_535],
      [9, 2, 6_871],
      [2, 1],
      [1, 2],
      [2, 1, 29_305],
      [1, 2, 29_305],
    ];
    const head = [10, 0, 0, 2, 10, 0, 0, 1, ...be(5_000, 2), ...be(53, 2), 17];
    const long = [255, ...be(300, 2), ...be(0, 300)];
    const record = (name: readonly number[]): number[] => [...head, ...name, 9, 9, 1, ...be(60, 2), 1, ...be(90, 2)];
    const { flows, end } = read(
      ipfix([set(2, ...template(400, fields)), set(400, ...record([2, 65, 66]), ...record(long))]),
    );
    expect(end).toMatchObject({ kind: 'whole', records: 2 });
    expect(flows.slice(0, 2)).toEqual([
      '10.0.0.2:5000 > 10.0.0.1:53 17 1/60 0+0 1',
      '10.0.0.1:53 > 10.0.0.2:5000 17 1/90 0+0 2',
    ]);
  });

  test.each([
    ['a set of length 0', ipfix([[1, 0, 0, 0]])],
    ['a set longer than its message', ipfix([[1, 0, 255, 255]])],
    ['a template of 65,535 fields', ipfix([set(2, ...be(256, 2), ...be(65_535, 2))])],
    [
      'a template without bytes',
      ipfix([
        set(
          2,
          ...template(256, [
            [8, 0],
            [12, 0],
          ]),
        ),
        DATA,
      ]),
    ],
    [
      'a field of variable length beyond its set',
      ipfix([set(2, ...template(256, [[82, 65_535]])), set(256, 255, 255, 255)]),
    ],
    ['a NetFlow 9 set of length 3', nine([[0, 0, 0, 3]])],
    ['a count of 65,535', five([OUT], { count: 65_535 })],
    ['half a message', five([OUT, BACK]).slice(0, 60)],
    ['noise behind a message', [...five([OUT]), 1, 2, 3, 4, 5, 6, 7, 8]],
  ])('ends and tells of %s', (_, bytes) => {
    for (const chunk of [bytes.length, 3]) expect(read(bytes, chunk).end.kind).not.toBe('whole');
  });

  test('is told by its first bytes; text and captures are not it', () => {
    for (const seed of SEEDS) expect(detectLog(seed)?.format).toBe('NetFlow or IPFIX messages');
    for (const other of ['{"ts":1}', '#fields', '\u0000\u0005', ''])
      expect(detectLog(Buffer.from(other))?.format).not.toBe('NetFlow or IPFIX messages');
  });

  test('holds a flood of templates and data without them within its bounds', { timeout: 20_000 }, () => {
    const flood = Array.from({ length: 6_000 }, (_, at) =>
      ipfix([set(256 + at, ...be(0, 40))], { domain: at % 3 }),
    ).flat();
    expect(read(flood, 65_536).end).toMatchObject({
      message: '6000 sets are unread: the template never came',
    });
  });
});
