// Azure flow logs made by hand: both forms, in every way in which their objects are strung together, and cut or damaged.

import { describe, expect, test } from 'vitest';
import { countsOf, readLog } from '../log.testing.ts';

const group = (version: number, tuples: readonly string[]): object => ({
  time: '2018-11-13T12:00:35.3899262Z',
  category: 'NetworkSecurityGroupFlowEvent',
  properties: {
    Version: version,
    flows: [{ rule: 'DefaultRule_x', flows: [{ mac: '000D3AF87856', flowTuples: tuples }] }],
  },
});
const network = (tuples: readonly string[]): object => ({
  time: '2022-09-14T09:00:52.5625085Z',
  flowLogVersion: 4,
  category: 'FlowLogFlowEvent',
  flowRecords: { flows: [{ aclID: 'x', flowGroups: [{ rule: 'r', flowTuples: tuples }] }] },
});
const file = (...records: readonly object[]): string => JSON.stringify({ records });

const FORMS: readonly (readonly [what: string, record: object, seen: readonly string[], refused: boolean])[] = [
  [
    'version 1: no counts',
    group(1, ['1542110377,192.0.2.1,10.5.16.4,59336,443,T,I,A']),
    ['1542110377000000 192.0.2.1:59336 > 10.5.16.4:443 6 1p 0b i1'],
    false,
  ],
  [
    'version 1: refused',
    group(1, ['1542110377,192.0.2.1,10.5.16.4,35370,23,T,I,D']),
    ['1542110377000000 192.0.2.1:35370 > 10.5.16.4:23 6 1p 0b i1'],
    true,
  ],
  [
    'version 2: the beginning of a flow, whose counts follow',
    group(2, ['1542110402,10.5.16.4,192.0.2.1,1,53,U,O,A,B,,,,']),
    ['1542110402000000 10.5.16.4:1 > 192.0.2.1:53 17 0p 0b i1'],
    false,
  ],
  [
    'version 2: counts both ways',
    group(2, ['1542110437,10.5.16.4,192.0.2.1,59831,443,T,O,A,E,1,66,2,132']),
    [
      '1542110437000000 10.5.16.4:59831 > 192.0.2.1:443 6 1p 66b i1',
      '1542110437000000 192.0.2.1:443 > 10.5.16.4:59831 6 2p 132b i2',
    ],
    false,
  ],
  [
    'virtual network: milliseconds and a protocol number',
    network(['1663146003599,10.0.0.6,192.0.2.180,23956,443,6,O,E,NX,3,767,2,1580']),
    [
      '1663146003599000 10.0.0.6:23956 > 192.0.2.180:443 6 3p 767b i1',
      '1663146003599000 192.0.2.180:443 > 10.0.0.6:23956 6 2p 1580b i2',
    ],
    false,
  ],
  [
    'virtual network: refused',
    network(['1663146003599,192.0.2.1,10.0.0.6,52049,3389,6,I,D,NX,0,0,0,0']),
    ['1663146003599000 192.0.2.1:52049 > 10.0.0.6:3389 6 1p 0b i1'],
    true,
  ],
];

test.each(FORMS)('%s', (_, record, seen, refused) => {
  for (const text of [
    file(record),
    JSON.stringify(record),
    JSON.stringify([record]),
    JSON.stringify({ records: [record] }, null, 2),
    JSON.stringify({ other: { a: [{}] }, records: [record] }),
  ])
    for (const chunk of [1, 1 << 20]) {
      const read = readLog(text, chunk);
      expect([read.format, read.seen, read.end?.kind]).toEqual(['Azure flow log', seen, 'whole']);
      expect(read.records.map(({ isRefused }) => isRefused)).toEqual([refused]);
    }
});

describe('faults', () => {
  const GOOD = '1542110437,10.5.16.4,192.0.2.1,59831,443,T,O,A,E,1,66,2,132';

  test.each([
    ['x,10.5.16.4,192.0.2.1,59831,443,T,O,A', 'a flow tuple begins with no time'],
    ['1542110437,10.5.16.4', 'a flow tuple has fewer than 8 parts'],
    ['1542110437,10.5.16.4,192.0.2.1,59831,443,X,O,A', 'the protocol is "X", which is no protocol'],
    [`${GOOD.slice(0, -3)}abc`, 'a flow tuple counts "1,66,2,abc", which are no numbers'],
  ])('%s', (tuple, reason) => {
    const read = readLog(file(group(2, [tuple, GOOD])));
    expect([read.end?.records, read.end?.unread, read.end?.problems[0]?.reason]).toEqual([1, 1, reason]);
  });

  test('a file cut inside a record keeps the records before', () => {
    const text = file(group(2, [GOOD]), group(2, [GOOD]));
    const read = readLog(text.slice(0, -20));
    expect(read.end).toMatchObject({
      kind: 'cut',
      records: 1,
      message: 'the log ends inside record 2; record 2: the log ends inside an object',
    });
  });

  test('brackets in texts part nothing, and records without flows are counted', () => {
    const odd = { category: 'FlowLogFlowEvent', note: 'a "}]{[ b \\' };
    expect(countsOf(readLog(file(odd, group(2, [GOOD]))))).toEqual({
      records: 1,
      unread: 0,
      skipped: { 'an Azure record without flows': 1 },
    });
  });
});

test('what two interfaces of one network report counts once', () => {
  const tuple = (way: string): string => `1663146003599,10.0.0.6,10.0.0.7,23956,443,6,${way},E,NX,3,767,2,1580`;
  const read = readLog(file(network([tuple('I')]), network([tuple('O')])));
  expect(countsOf(read)).toEqual({
    records: 1,
    unread: 0,
    skipped: { 'a flow that its other end reports as well': 1 },
  });
});
