// Facts of logs leave in the order of time, names before flows of the same instant; a full hold lets the earliest go and counts what comes too late.

import { describe, expect, test } from 'vitest';
import { type NameFact, newObservation } from '#model';
import { HeldFacts } from './held.ts';
import { NO_RECORD } from './log-merge.ts';
import type { Taker } from './taker.ts';

function hold(most: number): { readonly held: HeldFacts; readonly out: string[]; readonly taker: Taker } {
  const out: string[] = [];
  const taker: Taker = {
    record: ({ at, sourcePort }) => void out.push(`flow ${at} ${sourcePort}`),
    name: ({ at, name }, { index }) => void out.push(`name ${at} ${name} ${index}`),
  };
  return { held: new HeldFacts(most), out, taker };
}

const flow = (at: number, sourcePort = 0) => ({ ...newObservation(), at, sourcePort });
const name = (at: number): NameFact => ({
  kind: 'dns-answer',
  at,
  client: 0,
  server: 1,
  clientMac: -1,
  port: 53,
  name: 'a',
  value: '',
  address: -1,
  ttlSeconds: 0,
});

describe('HeldFacts', () => {
  test('sorts by time, names first, equal ones as they came', () => {
    const { held, out, taker } = hold(100);
    for (const at of [5, 3, 9, 3]) held.observation(taker, flow(at, out.length + at), NO_RECORD);
    held.observation(taker, flow(3, 77), NO_RECORD);
    held.name(taker, name(3), { ...NO_RECORD, line: 4 });
    held.releaseUpTo(5);
    expect(out).toEqual(['name 3 a 4', 'flow 3 3', 'flow 3 3', 'flow 3 77', 'flow 5 5']);
    held.releaseUpTo(Number.POSITIVE_INFINITY);
    expect([out.at(-1), held.earliest, held.late.count]).toEqual(['flow 9 9', null, 0]);
  });

  test('copies what it holds', () => {
    const { held, out, taker } = hold(100);
    const reused = flow(1, 10);
    held.observation(taker, reused, NO_RECORD);
    Object.assign(reused, { at: 9, sourcePort: 99 });
    held.releaseUpTo(9);
    expect(out).toEqual(['flow 1 10']);
  });

  test.each([
    [2, 1, 1],
    [3, 0, 0],
    [4, 0, 0],
  ])('with room for %i: %i late', (most, late, by) => {
    const { held, out, taker } = hold(most);
    for (const at of [2, 3, 1]) held.observation(taker, flow(at), NO_RECORD);
    held.releaseUpTo(Number.POSITIVE_INFINITY);
    expect(out.length).toBe(3);
    expect(held.late).toEqual({ count: late, most: by });
  });

  test('a thousand in any order', () => {
    const { held, out, taker } = hold(2_000);
    for (let at = 0; at < 1_000; at++) held.observation(taker, flow((at * 7_919) % 1_000), NO_RECORD);
    held.releaseUpTo(Number.POSITIVE_INFINITY);
    expect(out).toEqual(Array.from({ length: 1_000 }, (_, at) => `flow ${at} 0`));
  });
});
