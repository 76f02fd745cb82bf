// Questions and the tests of a policy: ends made up where needed, time, usage, reasons and rail. Limits themselves are held in test/conformance.

import { expect, it } from 'vitest';
import { type Element, emptyQuestion, NO_LIMITS, type Policy, parsePrefix, type Question } from '#model';
import { ask } from './ask.ts';
import { runPolicyTests } from './policy-tests.ts';

const element = (id: string, address: string | null): Element => ({
  id,
  kind: 'server',
  macs: [],
  addresses: address === null ? [] : [parsePrefix(address) ?? { version: 4, bytes: new Uint8Array(16), length: 128 }],
  login: null,
  labels: [],
  data: [],
  mode: 'enforce',
  protect: [],
  isSafetyCritical: false,
  owner: null,
});

const web = {
  id: 'web',
  on: { kind: 'element', id: 'hub' },
  protocol: 6,
  ports: [{ from: 443, to: 443 }],
  application: null,
  isLogonRequired: false,
} as const;
const POLICY: Policy = {
  timezone: 'UTC',
  mode: 'observe',
  elements: [element('cam', null), element('hub', '10.0.0.1')],
  services: [web],
  rules: [
    {
      id: 'stream',
      from: { kind: 'element', id: 'cam' },
      to: [web],
      limits: {
        ...NO_LIMITS,
        hours: { zone: 'UTC', spans: [{ days: 0b1_1111, fromMinute: 360, toMinute: 1_320 }] },
        volumes: [
          {
            minBytes: null,
            maxBytes: 1_000,
            window: { kind: 'fixed', length: 3_600_000_000 },
            direction: 'both',
            scope: 'pair',
          },
        ],
      },
      isAudit: false,
      owner: null,
      why: null,
      until: null,
    },
  ],
  never: [],
  require: [],
  tests: [],
};

const QUESTION: Question = { ...emptyQuestion('cam', 'hub'), service: 'web' };

it.each([
  ['an ordinary question', {}, true, []],
  ['usage just inside', { usedBytes: 900, packetSize: 100 }, true, []],
  ['usage just over', { usedBytes: 901, packetSize: 100 }, false, ['over-volume']],
  ['the first open minute', { at: { kind: 'week', day: 0, minute: 360 } }, true, []],
  ['the first closed minute', { at: { kind: 'week', day: 0, minute: 1_320 } }, false, ['outside-hours']],
  ['another port', { service: null, protocol: 6, port: 22 }, false, ['no-rule']],
  ['another protocol', { service: null, protocol: 17, port: 443 }, false, ['no-rule', 'wrong-protocol']],
  ['a name nobody governs', { to: 'api.example.com' }, false, ['no-rule']],
] as const)('ask() answers %s', (_, change, isPermitted, reasons) => {
  const answer = ask(POLICY, { ...QUESTION, ...change }, 0);
  expect(answer.isPermitted).toBe(isPermitted);
  expect(answer.reasons.map(({ reason }) => reason)).toEqual(reasons);
});

it('runPolicyTests() holds the verdict and the first reason to what is expected', () => {
  const base = {
    text: '',
    line: 0,
    question: { ...QUESTION, service: null, protocol: 6, port: 22 },
    isExpectedToPermit: false,
  };
  const tests = [
    { ...base, reason: 'no-rule' },
    { ...base, reason: 'guardrail' },
  ];
  expect(runPolicyTests({ ...POLICY, tests }, { now: 0 }).map(({ isPassed }) => isPassed)).toEqual([true, false]);
});

it.each([
  ['from', { from: { kind: 'element', id: 'hub' } }],
  ['to', { to: [{ ...web, on: { kind: 'element', id: 'cam' } }] }],
  ['protocol', { to: [{ ...web, protocol: 17 }] }],
  ['port', { to: [{ ...web, ports: [{ from: 444, to: 445 }] }] }],
  ['until', { until: 1 }],
] as const)('the rail names an earlier rule that fits but for its %s, and none that lacks more', (part, change) => {
  const [stream] = POLICY.rules;
  if (stream === undefined) throw new Error('the policy has a rule');
  const far = { ...stream, id: 'far', from: { kind: 'internet' }, until: 1 } as const;
  const rules = [far, { ...stream, id: 'near', ...change }, stream];
  const at = { kind: 'instant', instant: 12 * 3_600_000_000 } as const;
  const answer = ask({ ...POLICY, rules }, { ...QUESTION, at }, 0);
  const step = answer.steps.find((one) => one.step === 'rule');
  expect(step).toEqual({ step: 'rule', state: 'ok', value: `stream (fits: near but for its ${part})` });
});

it('usage is told with its own numbers', () => {
  const { reasons } = ask(POLICY, { ...QUESTION, usedBytes: 2_000, packetSize: 100 }, 0);
  expect(reasons).toEqual([{ reason: 'over-volume', observed: 2_100, limit: 1_000 }]);
});
