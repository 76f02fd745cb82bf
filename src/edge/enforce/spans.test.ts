// Address space cut into spans: every address once, and nothing that tells two ends apart within one span.

import { describe, expect, it } from 'vitest';
import { isInternet, type Policy, parseAddress } from '#model';
import { definePolicy } from '#policy';
import { addressSpace, bigOf, joinSpans, type Span } from './spans.ts';

function policyOf(addresses: readonly string[]): Policy {
  const elements = Object.fromEntries(addresses.map((address, at) => [`e${at}`, { kind: 'device' as const, address }]));
  const { policy } = definePolicy({ picket: 1, elements });
  if (policy === null) throw new Error('no policy');
  return policy;
}

function spansWith(spans: readonly Span[], text: string): readonly Span[] {
  const bytes = parseAddress(text) ?? new Uint8Array(16);
  const value = bigOf(bytes);
  return spans.filter(({ from, to }) => bigOf(from) <= value && value <= bigOf(to));
}

describe('addressSpace()', () => {
  const space = addressSpace(policyOf(['10.0.0.0/24', '10.0.0.5', 'fd00::/64', '0.0.0.0/0']));

  it.each([
    '0.0.0.0',
    '10.0.0.0',
    '10.0.0.255',
    '10.0.1.0',
    '255.255.255.255',
    '::',
    'fd00::1',
    'ffff::',
    '::fffe:0:0',
  ])('holds %s in exactly one range', (text) => expect(spansWith(space.ranges, text)).toHaveLength(1));

  it('cuts where the internet begins and ends, so that every range is wholly one or the other', () => {
    for (const { from, to } of space.ranges) expect(isInternet(from)).toBe(isInternet(to));
  });

  it('keeps single addresses apart from ranges', () => {
    expect(space.singles.map(({ from }) => bigOf(from))).toEqual([
      bigOf(parseAddress('10.0.0.5') ?? new Uint8Array(16)),
    ]);
  });
});

describe('joinSpans()', () => {
  it('joins neighbours and leaves a gap', () => {
    const { ranges } = addressSpace(policyOf(['10.0.0.0/24', '10.0.1.0/24', '10.0.3.0/24']));
    const own = ranges.filter(({ from }) =>
      ['10.0.0.0', '10.0.1.0', '10.0.3.0'].some((text) => bigOf(from) === bigOf(parseAddress(text) ?? from.slice(1))),
    );
    expect(joinSpans(own)).toHaveLength(2);
  });
});
