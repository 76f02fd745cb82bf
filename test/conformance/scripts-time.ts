// Scripts for semantics 8, 17, 19, 23 and 25 to 30: what time does by itself.

import { NO_LIMITS, SECOND } from '#model';
import { answered, limited, policyWith, rtsp, ruleWith, type Script, sent, syn } from './scripts.ts';

const open = { zone: 'UTC', spans: [{ days: 1, fromMinute: 0, toMinute: 1 }] };
const night = { zone: 'UTC', spans: [{ days: 1, fromMinute: 1_380, toMinute: 60 }] };
const person = (at: number | null) => ({ element: 'camera', factor: 'person', at }) as const;
const floor = (scope: 'pair' | 'rule') =>
  limited({
    volumes: [
      { minBytes: 100, maxBytes: null, window: { kind: 'fixed', length: 60 * SECOND }, direction: 'sent', scope },
    ],
  });

export const timeScripts: readonly Script[] = [
  {
    title: '8: a SYN more than a second later opens anew, within a second it does not',
    policy: limited({
      connections: [{ kind: 'period', max: 1, window: { kind: 'fixed', length: 60 * SECOND }, scope: 'pair' }],
    }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 1.5, packet: { ...answered(), tcpFlags: 2 }, gives: 'permit' },
      { at: 3, packet: syn(), gives: 'too-many-connections' },
    ],
  },
  {
    title: '8: a second counts from the opening where no SYN opened',
    policy: limited({
      connections: [{ kind: 'period', max: 1, window: { kind: 'fixed', length: 60 * SECOND }, scope: 'pair' }],
    }),
    lines: [
      { at: 0, packet: sent(), gives: 'permit' },
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 1.000001, packet: syn(), gives: 'too-many-connections' },
    ],
  },
  {
    title: '17, 25: hours: open before closing, closed on it; the session is told and stays',
    policy: limited({ hours: open }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 59.999999, packet: sent(), gives: 'permit' },
      { at: 60, packet: sent(), gives: 'outside-hours' },
      { at: 61, packet: syn(2), gives: 'outside-hours' },
    ],
    events: ['60 outside-hours'],
  },
  {
    title: '25: closing plus drain',
    policy: limited({ hours: open, drain: 10 * SECOND }),
    lines: [{ at: 0, packet: syn(), gives: 'permit' }, { at: 69.999999 }, { at: 70 }],
    events: ['70 outside-hours'],
  },
  {
    title: '29: hours over midnight belong to the day they begin on',
    policy: limited({ hours: night }),
    lines: [
      { at: 3_599, packet: syn(1), gives: 'outside-hours' },
      { at: 82_799.999999, packet: syn(2), gives: 'outside-hours' },
      { at: 82_800, packet: syn(3), gives: 'permit' },
      { at: 89_999.999999, packet: syn(4), gives: 'permit' },
      { at: 90_000, packet: syn(5), gives: 'outside-hours' },
    ],
  },
  {
    title: '19, 25: logoff denies the live session and is told; logon lets it pass again',
    policy: limited({ logon: { factors: ['person'], within: null } }),
    lines: [
      { at: 0, logon: person(0) },
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 2, logon: person(null) },
      { at: 3, packet: sent(), gives: 'not-logged-on' },
      { at: 4, logon: person(4) },
      { at: 5, packet: sent(), gives: 'permit' },
    ],
    events: ['2 not-logged-on'],
  },
  {
    title: '23: a policy without the rule cuts the session',
    policy: policyWith(),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, apply: policyWith({ rules: [] }) },
      { at: 2, packet: sent(), gives: 'no-rule' },
    ],
    events: ['1 no-rule'],
  },
  {
    title: '23: after the old rule’s drain',
    policy: limited({ drain: 10 * SECOND }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, apply: policyWith({ rules: [] }) },
      { at: 10.999999, packet: sent(), gives: 'permit' },
      { at: 11, packet: sent(), gives: 'no-rule' },
    ],
    events: ['11 no-rule'],
  },
  {
    title: '23: budgets of a rule with equal limits are kept, others begin anew',
    policy: limited({ rates: [{ unit: 'packets', perSecond: 0.01, burst: 1, direction: 'both', scope: 'pair' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      {
        at: 1,
        apply: limited(
          { rates: [{ unit: 'packets', perSecond: 0.01, burst: 1, direction: 'both', scope: 'pair' }] },
          { why: 'new' },
        ),
      },
      { at: 2, packet: sent(), gives: 'over-rate' },
      {
        at: 3,
        apply: limited({ rates: [{ unit: 'packets', perSecond: 0.01, burst: 2, direction: 'both', scope: 'pair' }] }),
      },
      { at: 4, packet: sent(), gives: 'permit' },
      { at: 4, packet: sent(), gives: 'permit' },
      { at: 4, packet: sent(), gives: 'over-rate' },
    ],
  },
  {
    title: '23: past until the next rule takes the session',
    policy: policyWith({
      rules: [
        ruleWith({ id: 'first', until: (1_704_067_200 + 60) * SECOND }),
        ruleWith({ id: 'second', limits: { ...NO_LIMITS, sizes: [{ min: null, max: 99, direction: 'both' }] } }),
      ],
    }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 59.999999, packet: sent(), gives: 'permit' },
      { at: 60, packet: sent(), gives: 'packet-size' },
      { at: 60, packet: sent(99), gives: 'permit' },
    ],
    events: [],
  },
  {
    title: '25: a session that comes under a rule at the instant at which its hours close is not told of that closing',
    policy: policyWith({
      rules: [
        ruleWith({ id: 'first', until: (1_704_067_200 + 60) * SECOND }),
        ruleWith({
          id: 'second',
          to: [rtsp, { ...rtsp, id: '', ports: [{ from: 555, to: 555 }] }],
          limits: { ...NO_LIMITS, hours: open },
        }),
      ],
    }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 1, packet: { ...syn(2), destinationPort: 555 }, gives: 'permit' },
      { at: 60, packet: { ...sent(), sourcePort: 1 }, gives: 'outside-hours' },
      { at: 60, packet: { ...sent(), sourcePort: 2, destinationPort: 555 }, gives: 'outside-hours' },
    ],
    events: ['60 outside-hours'],
  },
  {
    title: '26: a floor of the whole rule: the first window is let go, then each is judged at its end',
    policy: floor('rule'),
    lines: [
      { at: 119.999999 },
      { at: 120, packet: { ...syn(), bytes: 100 }, gives: 'permit' },
      { at: 180 },
      { at: 240 },
    ],
    events: ['120 under-volume 0', '240 under-volume 0'],
  },
  {
    title: '26: a floor of a pair: born inside a window, judged from the second boundary on; a byte short is told',
    policy: floor('pair'),
    lines: [
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 120, packet: sent(99), gives: 'permit' },
      { at: 180, packet: sent(100), gives: 'permit' },
      { at: 240 },
    ],
    events: ['180 under-volume 99'],
  },
  {
    title: '28: time that runs backwards is judged as the latest instant seen',
    policy: limited({ hours: open }),
    lines: [
      { at: 60, packet: syn(1), gives: 'outside-hours' },
      { at: 59, packet: syn(2), gives: 'outside-hours' },
    ],
  },
];
