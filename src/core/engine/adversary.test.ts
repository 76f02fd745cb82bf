// What is chosen to hurt: colliding keys, one rule for all, numbers at their widest, full tables, an element for every label. Slower at worst, never wider.

import { expect, it } from 'vitest';
import {
  AddressTable,
  DAY,
  type Element,
  HOUR,
  NO_LIMITS,
  newObservation,
  newVerdict,
  type Policy,
  parsePrefix,
  type Rule,
  reasonsOf,
  SECOND,
  type Selector,
} from '#model';
import { Directory, NOT_FOUND } from './directory.ts';
import { Engine } from './engine.ts';
import { Sessions } from './sessions.ts';

const ANY: Selector = { kind: 'any' };

function ruleOf(id: string, more: { from?: Selector; on?: Selector; limits?: Partial<Rule['limits']> } = {}): Rule {
  const { from = ANY, on = ANY, limits = {} } = more;
  const to = [{ id: '', on, protocol: 17, ports: [], application: null, isLogonRequired: false }];
  return { id, from, to, limits: { ...NO_LIMITS, ...limits }, isAudit: false, owner: null, why: null, until: null };
}

function policyOf(rules: readonly Rule[], elements: readonly Element[] = []): Policy {
  return { timezone: 'UTC', mode: 'enforce', elements, services: [], rules, never: [], require: [], tests: [] };
}

function elementOf(at: number): Element {
  const prefix = parsePrefix(`10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`);
  const usual = { macs: [], login: null, data: [], protect: [], isSafetyCritical: false, owner: null } as const;
  const addresses = prefix === null ? [] : [prefix];
  return { id: `e${at}`, kind: 'device', mode: 'enforce', addresses, labels: [['number', String(at)]], ...usual };
}

/** An engine, and a packet of given ports at a given time, answered as text. */
function talk(policy: Policy, sessions = 1_000) {
  const addresses = new AddressTable();
  const engine = new Engine({ policy, addresses, start: 0, limits: { sessions } });
  const verdict = newVerdict();
  const send = (more: { from?: string; to?: string; port?: number; at?: number; bytes?: number }): string => {
    const { from = '10.0.0.1', to = '10.0.0.2', port = 1, at = 0, bytes = 100 } = more;
    const ends = { source: addresses.intern(from), destination: addresses.intern(to) };
    const packet = {
      protocol: 17,
      sourcePort: port,
      destinationPort: 53,
      at,
      bytes,
      packetSize: Math.min(bytes, 1_500),
    };
    engine.judge({ ...newObservation(), ...packet, ...ends }, verdict);
    return reasonsOf(verdict.reasons).join(' ') || 'permit';
  };
  return { engine, send, verdict };
}

it('records that all have one hash are found, to a bound, and refused beyond it', () => {
  const directory = new Directory(() => 7);
  const places = Array.from({ length: 600 }, (_, number) => directory.insert(7, number));
  const found = places.map((_, number) => directory.find(7, (other) => other === number));
  expect([places.filter(Boolean).length, places[511], places[512]]).toEqual([512, true, false]);
  expect(found.every((number, at) => number === (at < 512 ? at : NOT_FOUND))).toBe(true);
  directory.remove(7, 3);
  expect([directory.find(7, (other) => other === 3), directory.insert(7, 3)]).toEqual([NOT_FOUND, true]);
});

it('a directory finds every record while it grows, shrinks and grows again', () => {
  const hashOf = (number: number): number => Math.imul(number + 1, 0x9e3779b1);
  const directory = new Directory(hashOf);
  const has = (number: number): boolean => directory.find(hashOf(number), (other) => other === number) === number;
  for (let number = 0; number < 20_000; number++) {
    directory.insert(hashOf(number), number);
    if (number >= 3_000) directory.remove(hashOf(number - 3_000), number - 3_000);
    if (number % 97 === 0)
      expect([has(number), has(number - 2_999), has(number - 3_000)]).toEqual([true, number >= 2_999, false]);
  }
});

it.each([0, 1, 0xffffffff])('addresses, ports and MACs in a row spread over the directory (seed %i)', (seed) => {
  const sessions = new Sessions(100_000, seed);
  const packet = { ...newObservation(), protocol: 17 };
  const buckets = new Uint16Array(1_024);
  for (let at = 0; at < 65_536; at++) {
    const hash = sessions.hashOf({
      ...packet,
      source: at >> 8,
      destination: 70_000,
      sourcePort: at & 255,
      destinationPort: 53,
    });
    buckets[hash & 1_023] = (buckets[hash & 1_023] ?? 0) + 1;
  }
  expect([Math.max(...buckets) < 110, Math.min(...buckets) > 25]).toEqual([true, true]);
});

it('all sessions under one rule share its budget to the byte', () => {
  const window = { kind: 'fixed', length: HOUR } as const;
  const volumes = [{ minBytes: null, maxBytes: 100_000, window, direction: 'both', scope: 'rule' }] as const;
  const { send } = talk(policyOf([ruleOf('all', { limits: { volumes } })]), 10_000);
  const answers = Array.from({ length: 1_010 }, (_, port) => send({ port }));
  expect(answers.findIndex((answer) => answer !== 'permit')).toBe(1_000);
  expect(new Set(answers.slice(1_000))).toEqual(new Set(['over-volume']));
});

it.each([
  ['just before the lower 32 bits turn', 2 ** 32 - 1],
  ['when they turn', 2 ** 32],
  ['in 2106', 2 ** 52],
  ['at the last exact instant', 2 ** 53 - 2 * DAY],
])('a session idles out at its instant %s', (_, at) => {
  const { send, engine } = talk(policyOf([ruleOf('all')]));
  expect([send({ at }), send({ at: at + 180 * SECOND - 1 }), engine.sessionCount]).toEqual(['permit', 'permit', 1]);
  const { verdict, send: again } = talk(policyOf([ruleOf('all')]));
  again({ at });
  again({ at: at + 180 * SECOND - 1 });
  expect(verdict.isOpening).toBe(false);
  again({ at: at + 2 * 180 * SECOND - 2 });
  expect(verdict.isOpening).toBe(false);
  again({ at: at + 3 * 180 * SECOND - 2 });
  expect(verdict.isOpening).toBe(true);
});

it.each([2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52])(
  'a ceiling counts beyond the width of its parts (%i bytes)',
  (maxBytes) => {
    const window = { kind: 'fixed', length: HOUR } as const;
    const volumes = [{ minBytes: null, maxBytes, window, direction: 'both', scope: 'pair' }] as const;
    const { send } = talk(policyOf([ruleOf('all', { limits: { volumes } })]));
    expect([send({ bytes: maxBytes - 1 }), send({ bytes: 1 }), send({ bytes: 1 })]).toEqual([
      'permit',
      'permit',
      'over-volume',
    ]);
  },
);

it('a table full of live sessions refuses openings and forgets none, however many come', () => {
  const { send, engine } = talk(policyOf([ruleOf('all')]), 100);
  for (let port = 0; port < 100; port++) send({ port });
  const refused = Array.from({ length: 1_000 }, (_, port) => send({ port: 1_000 + port, at: SECOND }));
  expect([new Set(refused), engine.sessionCount]).toEqual([new Set(['too-many-connections']), 100]);
  expect(Array.from({ length: 100 }, (_, port) => send({ port, at: SECOND }))).toEqual(new Array(100).fill('permit'));
});

it('an element for every label: each may do what its own rule says and no more', () => {
  const count = 3_000;
  const elements = Array.from({ length: count }, (_, at) => elementOf(at));
  const rules = elements.map((_, at) =>
    ruleOf(`r${at}`, {
      from: { kind: 'label', key: 'number', value: String(at) },
      on: { kind: 'label', key: 'number', value: String((at + 1) % count) },
    }),
  );
  const { send, verdict } = talk(policyOf(rules, elements), 10_000);
  const address = (at: number): string => `10.0.${(at % count) >> 8}.${(at % count) & 255}`;
  const told = elements.map((_, at) => [
    send({ from: address(at), to: address(at + 1) }),
    verdict.rule,
    send({ from: address(at), to: address(at + 2) }),
  ]);
  expect(told).toEqual(elements.map((_, at) => ['permit', at, 'no-rule']));
});
