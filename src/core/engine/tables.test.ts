// What each table does when it is full: it refuses or takes longer, forgets nothing, and never gives a wider verdict.

import { expect, it } from 'vitest';
import {
  AddressTable,
  type Element,
  END_OF_TIME,
  HOUR,
  NO_LIMITS,
  newObservation,
  newVerdict,
  type Policy,
  parsePrefix,
  REASONS,
  reasonsOf,
  type Selector,
} from '#model';
import { Engine, type TableLimits } from './engine.ts';
import { TIMER, Timers } from './timers.ts';

const element = (id: string, address: string): Element => ({
  id,
  kind: 'server',
  macs: [],
  addresses: [parsePrefix(address) ?? { version: 4, bytes: new Uint8Array(16), length: 128 }],
  login: null,
  labels: [],
  data: [],
  mode: 'enforce',
  protect: [],
  isSafetyCritical: false,
  owner: null,
});
const hubs = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

function policyOf(on: Selector, more: Partial<Policy> = {}): Policy {
  const service = { id: '', on, protocol: 17, ports: [], application: null, isLogonRequired: false };
  const window = { kind: 'fixed', length: HOUR } as const;
  const volumes = [{ minBytes: null, maxBytes: 1_000, window, direction: 'both', scope: 'pair' }] as const;
  const limits = { ...NO_LIMITS, volumes };
  return {
    timezone: 'UTC',
    mode: 'enforce',
    elements: hubs.map((address, at) => element(`hub${at}`, address)),
    services: [],
    rules: [
      { id: 'all', from: { kind: 'any' }, to: [service], limits, isAudit: false, owner: null, why: null, until: null },
    ],
    never: [],
    require: [],
    tests: [],
    ...more,
  };
}

const ANY: Selector = { kind: 'any' };
const OBSERVED = { mode: 'observe', elements: [] } as const;

/** An engine with small tables, and a way to send a packet and read the answer as text. */
function small(limits: TableLimits, policy = policyOf(ANY)) {
  const addresses = new AddressTable();
  const engine = new Engine({ policy, addresses, start: 0, limits });
  const verdict = newVerdict();
  const send = (from: string, to: string, more: { at?: number; port?: number; bytes?: number } = {}): string => {
    const { at = 0, port = 1_000, bytes = 100 } = more;
    const ends = { source: addresses.intern(from), destination: addresses.intern(to) };
    const packet = { protocol: 17, sourcePort: port, destinationPort: 2_000, bytes, at };
    engine.judge({ ...newObservation(), ...packet, ...ends }, verdict);
    const reasons = reasonsOf(verdict.reasons).join(' ') || 'permit';
    return verdict.reasons === 0 || verdict.isEnforced ? reasons : `${reasons} (recorded)`;
  };
  return { engine, addresses, verdict, send };
}

const [ONE = '', TWO = '', THREE = ''] = hubs;
/** Names hold for what is outside only. */
const OUTSIDE = '93.184.216.34';
const BEYOND = '93.184.216.35';

it('a full session table denies an opening, with its numbers, and keeps what lives', () => {
  const { engine, send, verdict } = small({ sessions: 1 });
  expect([send(ONE, TWO), send(ONE, TWO, { port: 1_001 })]).toEqual(['permit', 'too-many-connections']);
  const at = REASONS.indexOf('too-many-connections');
  expect([verdict.observed[at], verdict.limit[at], engine.sessionCount]).toEqual([2, 1, 1]);
  expect([send(ONE, TWO), send(ONE, TWO, { port: 1_001, at: 1 })]).toEqual(['permit', 'too-many-connections']);
});

it('a full session table that only observes records, and charges what passes', () => {
  const { send, verdict } = small({ sessions: 1 }, policyOf(ANY, OBSERVED));
  expect([send(ONE, TWO, { bytes: 500 }), send(ONE, THREE, { bytes: 500 })]).toEqual([
    'permit',
    'too-many-connections (recorded)',
  ]);
  expect([verdict.isOpening, send(ONE, TWO, { bytes: 1 })]).toEqual([false, 'over-volume (recorded)']);
});

it('a session table has room again when a session idles out', () => {
  const { send } = small({ sessions: 1 });
  expect(send(ONE, TWO)).toBe('permit');
  expect(send(ONE, THREE, { at: 180_000_000 - 1 })).toBe('too-many-connections');
  expect(send(ONE, THREE, { at: 180_000_000 })).toBe('permit');
});

it.each([0, 1])('without room for a budget an opening is denied (%i budgets)', (budgets) => {
  const { send } = small({ budgets });
  expect(send(ONE, TWO)).toBe('too-many-connections');
});

it('full budgets deny a further pair and go on counting for the first', () => {
  const { send } = small({ budgets: 2 });
  expect([send(ONE, TWO, { bytes: 999 }), send(ONE, THREE)]).toEqual(['permit', 'too-many-connections']);
  expect([send(ONE, TWO, { bytes: 1 }), send(ONE, TWO, { bytes: 1 })]).toEqual(['permit', 'over-volume']);
});

it('a full table of names keeps no further name until one ends', () => {
  const { engine, addresses, send } = small({ bindings: 1 }, policyOf({ kind: 'name', pattern: '*.example.com' }));
  const bind = (to: string, at: number): void =>
    engine.bindName({
      client: addresses.intern(ONE),
      server: addresses.intern(to),
      name: 'a.example.com',
      at,
      ttlSeconds: 60,
    });
  bind(OUTSIDE, 0);
  bind(BEYOND, 0);
  expect([send(ONE, OUTSIDE), send(ONE, BEYOND)]).toEqual(['permit', 'no-rule']);
  bind(BEYOND, HOUR);
  expect([send(ONE, BEYOND, { at: HOUR }), send(ONE, OUTSIDE, { at: HOUR, port: 1_001 })]).toEqual([
    'permit',
    'no-rule',
  ]);
});

it.each([
  ['held where anything enforces', {}, 'unknown-element no-rule'],
  ['recorded where the whole policy observes', OBSERVED, 'unknown-element no-rule (recorded)'],
] as const)('an end that can not be remembered is governed by nothing: %s', (_, more, answer) => {
  const { send } = small({ ends: 2 }, policyOf(ANY, more));
  expect([send(ONE, TWO), send(ONE, THREE), send(TWO, ONE, { port: 1_001 })]).toEqual(['permit', answer, 'permit']);
});

it('a full table of classes changes no verdict', () => {
  const to = {
    ...(policyOf(ANY).rules[0]?.to[0] ?? {
      id: '',
      protocol: 17,
      ports: [],
      application: null,
      isLogonRequired: false,
    }),
  };
  const never = [
    { id: 'n', from: ANY, to: [{ ...to, on: { kind: 'element', id: 'hub2' } as const }], owner: null, why: null },
  ];
  const policy = policyOf({ kind: 'not', of: { kind: 'element', id: 'hub0' } }, { never });
  const answers = (limits: TableLimits): readonly string[] => {
    const { send } = small(limits, policy);
    return hubs.flatMap((from) => hubs.map((other, at) => send(from, other, { port: 1_000 + at })));
  };
  expect(answers({ classes: 1 })).toEqual(answers({}));
  expect(new Set(answers({}))).toEqual(new Set(['permit', 'no-rule', 'guardrail']));
});

it('timers come in order, and dropping those that are not wanted loses no other', () => {
  const timers = new Timers({ isWanted: (_, id) => id % 100 < 50, isFloorBefore: () => false });
  for (let id = 0; id < 5_000; id++) timers.push(TIMER.idle, id, { at: (id * 7_919) % 5_000 });
  let wanted = 0;
  const all: number[] = [];
  for (; timers.next < END_OF_TIME; all.push(timers.taken.at)) {
    timers.take();
    if (timers.taken.id % 100 < 50) wanted++;
  }
  expect([wanted, all.length < 5_000]).toEqual([2_500, true]);
  expect(all).toEqual([...all].sort((one, other) => one - other));
});

it('timers due at one instant come by kind, then by whom they wake', () => {
  const timers = new Timers({ isWanted: () => true, isFloorBefore: (one, other) => one > other });
  const pushed = [TIMER.floor, TIMER.hours, TIMER.lifetime, TIMER.idle, TIMER.ruleEnd];
  for (const kind of pushed) for (const id of [2, 1]) timers.push(kind, id, { at: 7, generation: 31 });
  const taken: string[] = [];
  for (; timers.next < END_OF_TIME; taken.push(`${timers.taken.kind} ${timers.taken.id} ${timers.taken.generation}`))
    timers.take();
  expect(taken).toEqual(
    ['0 1', '0 2', '1 1', '1 2', '4 1', '4 2', '5 1', '5 2', '6 2', '6 1'].map((one) => `${one} 31`),
  );
});
