// What a logon opens and keeps alive: every factor or any, its age, its end, its drain, and the lease that needs an agent.

import { describe, expect, it } from 'vitest';
import { END_OF_TIME, type Factor, HOUR, MINUTE, SECOND } from '#model';
import { type FactorLogon, LEASE, logonAt } from './logons.ts';

const NOW = 10 * HOUR;
const on = (at: number, until = END_OF_TIME): FactorLogon => ({ at, until, off: null });
const off = (when: number | null): FactorLogon => ({ at: null, until: END_OF_TIME, off: when });
const both = (person: FactorLogon, device: FactorLogon): ReadonlyMap<Factor, FactorLogon> =>
  new Map([
    ['person', person],
    ['device', device],
  ]);
const BOTH: readonly Factor[] = ['person', 'device'];
const LEASED = NOW + LEASE;

describe('logonAt()', () => {
  it.each([
    ['nobody', [], null, 0, new Map(), null, null],
    ['any of two', [], null, 0, both(on(0), off(null)), LEASED, LEASED],
    ['one of two that are asked for', BOTH, null, 0, both(on(0), off(null)), null, null],
    ['two of two', BOTH, null, 0, both(on(0), on(5)), LEASED, LEASED],
    ['an age inside', BOTH, HOUR, 0, both(on(NOW), on(NOW - HOUR + 1)), LEASED, NOW + 2],
    ['an age on the edge', BOTH, HOUR, 0, both(on(NOW), on(NOW - HOUR)), LEASED, NOW + 1],
    ['an age outside: what is open lives', BOTH, HOUR, 0, both(on(NOW), on(NOW - HOUR - 1)), LEASED, null],
    ['the youngest of any', [], HOUR, 0, both(on(NOW), on(0)), LEASED, LEASED],
    ['the end of a grant', BOTH, null, 0, both(on(0, NOW + SECOND), on(0)), NOW + SECOND, NOW + SECOND],
    ['a grant that ended', BOTH, null, 0, both(on(0, NOW), on(0)), null, null],
    ['a grant that ended and drains', BOTH, null, MINUTE, both(on(0, NOW), on(0)), NOW + MINUTE, null],
    ['a logoff that drains', BOTH, null, MINUTE, both(off(NOW - SECOND), on(0)), NOW + 59 * SECOND, null],
    ['a logoff that drained', BOTH, null, MINUTE, both(off(NOW - MINUTE), on(0)), null, null],
    ['one that never logged on does not drain', BOTH, null, MINUTE, both(off(null), on(0)), null, null],
    ['the later logoff of any', [], null, MINUTE, both(off(0), off(NOW - SECOND)), NOW + 59 * SECOND, null],
  ] as const)('%s', (_what, factors, within, drain, held, livesUntil, opensUntil) => {
    expect(logonAt({ logon: { factors, within }, drain }, held, NOW)).toMatchObject({ livesUntil, opensUntil });
  });

  it('is asked again before its lease is over', () => {
    const { next } = logonAt({ logon: { factors: [], within: null }, drain: 0 }, both(on(0), off(null)), NOW);
    expect(next).toBe(NOW + LEASE / 2);
  });
});
