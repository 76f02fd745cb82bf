// One event of each kind, with names that try to break out of every format. For tests.

import type { EventDoer, EventEnd, SecurityEvent } from './event.ts';

export const AT = 1_790_000_000_000;
export const HOSTILE = 'a|b=c\\d\n"e" <b>ü\u{1f600}\u2028\u001b[2J';

export const doer: EventDoer = { kind: 'person', id: 'u1', name: HOSTILE, address: '192.0.2.7' };
const system: EventDoer = { kind: 'system', id: 'timer', name: 'timer', address: null };
const camera: EventEnd = {
  address: '10.0.3.21',
  port: 40_000,
  mac: '02:42:ac:11:00:05',
  element: 'camera-1',
  name: null,
};
const nowhere: EventEnd = { address: null, port: null, mac: null, element: null, name: null };
const common = { id: 'event-1', at: AT, domain: 'plant.example', severity: 'info' } as const;

const verdict = {
  ...common,
  kind: 'verdict',
  revision: 4,
  from: camera,
  to: { ...camera, address: '10.0.3.10', port: 554, element: 'recorder' },
  protocol: 6,
  application: 'rtsp',
  count: 3,
  bytesOut: 100,
  bytesIn: 200,
  packetsOut: 2,
  packetsIn: 3,
  agent: 'gateway-1',
  isTunnel: false,
} as const;

export const EVENTS: readonly SecurityEvent[] = [
  { ...verdict, verdict: 'permit', effect: 'allowed', reason: null, rule: HOSTILE, mode: 'enforce' },
  { ...verdict, verdict: 'deny', effect: 'dropped', reason: 'no-rule', rule: null, mode: 'enforce', from: nowhere },
  {
    ...verdict,
    verdict: 'deny',
    effect: 'cut',
    reason: 'over-volume',
    rule: 'stream',
    mode: 'enforce',
    severity: 'high',
  },
  { ...verdict, verdict: 'deny', effect: 'challenged', reason: 'not-logged-on', rule: 'shell', mode: 'protect' },
  { ...verdict, verdict: 'deny', effect: 'revoked', reason: 'session-expired', rule: 'shell', mode: 'protect' },
  { ...verdict, verdict: 'deny', effect: 'unauthorised', reason: 'not-logged-on', rule: 'shell', mode: 'protect' },
  { ...verdict, verdict: 'deny', effect: 'logged', reason: 'no-rule', rule: null, mode: 'observe', isTunnel: true },
  {
    ...common,
    kind: 'logon',
    act: 'logon',
    isSuccess: false,
    who: doer,
    method: 'passkey',
    reason: HOSTILE,
    session: null,
  },
  {
    ...common,
    kind: 'logon',
    act: 'logoff',
    isSuccess: true,
    who: system,
    method: 'token',
    reason: null,
    session: 's1',
  },
  { ...common, kind: 'grant', act: 'give', who: doer, privileges: ['owner', HOSTILE], by: doer },
  { ...common, kind: 'grant', act: 'take', who: doer, privileges: ['viewer'], by: system },
  {
    ...common,
    kind: 'finding',
    act: 'open',
    finding: 'f1',
    name: 'scan',
    title: HOSTILE,
    element: 'camera-1',
    count: 9,
    firstAt: AT - 5,
  },
  {
    ...common,
    kind: 'finding',
    act: 'close',
    finding: 'f1',
    name: 'scan',
    title: 'over',
    element: null,
    count: 9,
    firstAt: AT - 5,
  },
  {
    ...common,
    kind: 'control',
    finding: 'c1',
    standard: 'PCI DSS 4.0.1',
    control: '1.2.1',
    title: HOSTILE,
    outcome: 'fail',
  },
  {
    ...common,
    kind: 'element',
    element: 'camera-1',
    elementKind: 'device',
    name: HOSTILE,
    address: '10.0.3.21',
    mac: null,
    labels: { role: HOSTILE },
  },
  {
    ...common,
    kind: 'element',
    element: 'ada',
    elementKind: 'human',
    name: null,
    address: null,
    mac: null,
    labels: {},
  },
  { ...common, kind: 'policy', state: 'pending', revision: 4, before: 3, by: doer, why: HOSTILE },
  { ...common, kind: 'policy', state: 'reverted', revision: 5, before: null, by: system, why: '' },
  {
    ...common,
    kind: 'act',
    action: 'tokens.create',
    subject: HOSTILE,
    by: doer,
    isSuccess: true,
    record: 7,
    chain: 'c',
  },
  {
    ...common,
    kind: 'act',
    action: 'tokens.revoke',
    subject: 't1',
    by: system,
    isSuccess: false,
    record: null,
    chain: null,
  },
];
