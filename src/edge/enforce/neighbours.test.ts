// What neighbours tell of elements without addresses, and what is never taken from them.

import { describe, expect, it } from 'vitest';
import { type Element, type Policy, parsePrefix } from '#model';
import { knownFrom } from './neighbours.ts';

function element(id: string, more: Partial<Element>): Element {
  const common = {
    kind: 'device',
    login: null,
    labels: [],
    data: [],
    mode: 'enforce',
    protect: [],
    owner: null,
  } as const;
  return { id, macs: [], addresses: [], isSafetyCritical: false, ...common, ...more };
}

const TAG = element('tag', { macs: [5] });
const NVR = element('nvr', { addresses: [parsePrefix('10.0.0.9')].flatMap((prefix) => prefix ?? []) });
const POLICY: Policy = {
  timezone: 'UTC',
  mode: 'enforce',
  elements: [TAG, NVR],
  services: [],
  rules: [],
  never: [],
  require: [],
  tests: [],
};

describe('neighbours', () => {
  it.each([
    ['an address', '10.0.0.5', 1],
    ['an IPv6 address', 'fd00::5', 1],
    ['a link-local address', 'fe80::5', 1],
    ['no internet address: a router has them all', '9.9.9.9', 0],
    ['no group address', '224.0.0.1', 0],
    ['no address that another element declares', '10.0.0.9', 0],
    ['no text that is none', '10.0.0.5; flush ruleset', 0],
  ])('give an element %s', (_what, text, count) => {
    expect(knownFrom(POLICY, new Map([[5, [text]]])).addressesOf(TAG)).toHaveLength(count);
  });

  it('give an address that two MACs have to nobody', () => {
    const known = knownFrom(
      POLICY,
      new Map([
        [5, ['10.0.0.5']],
        [6, ['10.0.0.5', '10.0.0.6']],
      ]),
    );
    expect(known.addressesOf(TAG)).toEqual([]);
    expect([...known.macs.values()]).toEqual([6]);
  });

  it('are not asked where nothing is recognised by a MAC alone', () => {
    expect(knownFrom({ ...POLICY, elements: [NVR] }, new Map([[6, ['10.0.0.6']]])).macs.size).toBe(0);
  });
});
