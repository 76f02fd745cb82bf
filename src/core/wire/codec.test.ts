// Messages as bytes: what is said comes back the same, and nothing else is taken.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JWS_MAX, ROWS_MAX, UP_BYTES_MAX } from './bounds.ts';
import { decodeDown, decodeUp, encode, negotiate } from './codec.ts';
import type { Down, Hello, Report, Up } from './messages.ts';

const HELLO: Hello = {
  kind: 'hello',
  versions: [1],
  program: '0.1.0',
  boot: 'b1',
  revision: 7,
  digest: 'a'.repeat(64),
  highest: 8,
  quarantineSequence: 0,
  bundleSequence: 1,
};
const REPORT: Report = {
  kind: 'report',
  sequence: 1,
  fromMs: 0,
  toMs: 5_000,
  revision: 7,
  bundleSequence: 1,
  local: null,
  counters: { packets: 1, bytes: 60, flowsOpen: 0, flowsSeen: 1 },
  flows: [],
  verdicts: [{ by: 'kernel', reason: 'no-rule', isEnforced: true, count: 1 }],
  findings: [],
  newcomers: [],
  elements: [{ element: 'cam', mode: 'enforce', lastMs: null, isQuarantined: false }],
  proposals: [],
  losses: [{ what: 'packets', count: 0 }],
  health: [],
};
const UPS: readonly Up[] = [
  HELLO,
  { ...HELLO, revision: null, digest: null },
  REPORT,
  { kind: 'applied', revision: 7, outcome: 'applied', inForce: 7, problem: null },
  { kind: 'wanted', what: 'snapshot', why: { code: 'PICKET-C620', message: 'nothing held' } },
  { kind: 'ping', id: 1 },
  { kind: 'bye', code: 'PICKET-C600', message: 'leaving' },
];
const DOWNS: readonly Down[] = [
  { kind: 'snapshot', statement: 'a.b.c', entries: [{ section: 'rules', id: 'a', json: '{}' }] },
  {
    kind: 'delta',
    statement: 'a.b.c',
    from: 1,
    delta: { remove: [['rules', 'a']], set: [['rules', 'b', '{}']], place: [['rules', 'b', null]] },
  },
  { kind: 'confirmed', statement: 'a.b.c' },
  { kind: 'lease', seconds: 30, nowMs: 0, revocations: null },
  { kind: 'renewed', leaf: null, problem: { code: 'PICKET-C301', message: 'no' } },
];

describe('encode() and decode()', () => {
  it.each(UPS.map((message) => [message.kind, message] as const))('bring %s back the same', (_, message) => {
    expect(decodeUp(encode(message))).toEqual({ message });
  });
  it.each(DOWNS.map((message) => [message.kind, message] as const))('bring %s back the same', (_, message) => {
    expect(decodeDown(encode(message))).toEqual({ message });
  });

  const flow = { minuteMs: 0 };
  it.each<[string, unknown]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a number', 1],
    ['null', null],
    ['a list', [HELLO]],
    ['an unknown kind', { ...HELLO, kind: 'shell' }],
    ['a kind of the other side', DOWNS[0]],
    ['an unknown field', { ...HELLO, domain: 'other.example' }],
    ['a missing field', { ...HELLO, highest: undefined }],
    ['a revision of 0', { ...HELLO, revision: 0 }],
    ['a fraction', { ...HELLO, highest: 1.5 }],
    ['a number that no double holds', { ...HELLO, highest: 2 ** 60 }],
    ['a digest in capitals', { ...HELLO, digest: 'A'.repeat(64) }],
    ['no versions', { ...HELLO, versions: [] }],
    ['a flow that says nothing', { ...REPORT, flows: [flow] }],
    ['too many rows', { ...REPORT, losses: Array.from({ length: 33 }, () => ({ what: 'x', count: 1 })) }],
    ['a long text', { kind: 'bye', code: 'PICKET-C600', message: 'x'.repeat(501) }],
  ])('take no message that is %s', (_, value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(decodeUp(text)).toHaveProperty('trouble');
  });

  it('take what is on a bound and nothing beyond', () => {
    const rows = (count: number): Report => ({
      ...REPORT,
      elements: Array.from({ length: count }, () => ({
        element: 'e',
        mode: 'observe' as const,
        lastMs: 1,
        isQuarantined: false,
      })),
    });
    expect(decodeUp(encode(rows(ROWS_MAX)))).toHaveProperty('message');
    expect(decodeUp(encode(rows(ROWS_MAX + 1)))).toHaveProperty('trouble');
    const statement = (length: number): Down => ({ kind: 'confirmed', statement: 'x'.repeat(length) });
    expect(decodeDown(encode(statement(JWS_MAX)))).toHaveProperty('message');
    expect(decodeDown(encode(statement(JWS_MAX + 1)))).toHaveProperty('trouble');
    expect(decodeUp(' '.repeat(UP_BYTES_MAX + 1))).toEqual({ trouble: expect.stringContaining('longer than') });
  });

  it('say in one short line what is wrong, whatever comes', () => {
    const property = fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const decoded of [decodeUp(text), decodeDown(text)])
        if ('trouble' in decoded) expect(decoded.trouble.length).toBeLessThan(300);
    });
    void fc.assert(property, { numRuns: 300 });
  });
});

describe('negotiate()', () => {
  it.each([
    [[1], [1], 1],
    [[1, 2, 3], [1, 2], 2],
    [[3], [1, 2], null],
    [[], [1], null],
  ] as const)('of %j and %j is %j', (offered, spoken, version) => {
    expect(negotiate(offered, spoken)).toBe(version);
  });
});
