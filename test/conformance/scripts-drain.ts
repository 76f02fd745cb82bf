// Scripts for what outlives an instant: hours in many zones, drain, floors, budgets over a change of policy.

import { type Limits, SECOND, type Volume } from '#model';
import { answered, camera, limited, policyWith, recorder, ruleWith, type Script, sent, syn } from './scripts.ts';

const HOUR = 3_600;
const DAY = 86_400;
const person = (at: number | null) => ({ element: 'camera', factor: 'person', at }) as const;
const oneMinute = { zone: 'UTC', spans: [{ days: 1, fromMinute: 0, toMinute: 1 }] };
const drain = 10 * SECOND;
const observing = {
  elements: [
    { ...camera, mode: 'observe' },
    { ...recorder, mode: 'observe' },
  ],
} as const;

/** Zone, span of minutes, and the instants in UTC (days and hours of 2024) of its opening and closing, clock changes included. */
const zones: readonly (readonly [
  zone: string,
  span: readonly [from: number, to: number],
  opens: number,
  closes: number,
])[] = [
  // 2024-03-31: 02:30 is skipped, so it opens at the jump.
  ['Europe/Berlin', [150, 240], 90 * DAY + HOUR, 90 * DAY + 2 * HOUR],
  // The night of the change, past midnight: 22:00 winter time to 06:00 summer time.
  ['Europe/Berlin', [1_320, 360], 89 * DAY + 21 * HOUR, 90 * DAY + 4 * HOUR],
  // 2024-03-10.
  ['America/New_York', [150, 240], 69 * DAY + 7 * HOUR, 69 * DAY + 8 * HOUR],
  // 2024-04-07: half an hour is lived twice, the clock reaches 02:00 only the second time.
  ['Australia/Lord_Howe', [90, 120], 96 * DAY + 14.5 * HOUR, 96 * DAY + 15.5 * HOUR],
  ['Asia/Kathmandu', [480, 540], 2.25 * HOUR, 3.25 * HOUR],
  ['Pacific/Apia', [480, 540], 19 * HOUR, 20 * HOUR],
];

const floor = (more: Partial<Volume>, limits: Partial<Limits> = {}) =>
  limited({
    ...limits,
    volumes: [
      {
        minBytes: 100,
        maxBytes: null,
        window: { kind: 'fixed', length: 60 * SECOND },
        direction: 'sent',
        scope: 'pair',
        ...more,
      },
    ],
  });

const volume = (more: Partial<Volume> = {}) =>
  limited({
    volumes: [
      {
        minBytes: null,
        maxBytes: 1_000,
        window: { kind: 'fixed', length: 600 * SECOND },
        direction: 'both',
        scope: 'pair',
        ...more,
      },
    ],
  });

export const drainScripts: readonly Script[] = [
  ...zones.map(([zone, [fromMinute, toMinute], opens, closes]) => ({
    title: `29: ${zone} ${fromMinute}-${toMinute}: just outside, on and just inside both ends`,
    policy: limited({ hours: { zone, spans: [{ days: 127, fromMinute, toMinute }] } }),
    lines: [
      { at: opens - 0.000001, packet: syn(1), gives: 'outside-hours' },
      { at: opens, packet: syn(2), gives: 'permit' },
      { at: closes - 0.000001, packet: syn(3), gives: 'permit' },
      { at: closes, packet: syn(4), gives: 'outside-hours' },
    ],
  })),
  {
    title: '25: hours: a session that opened inside passes until closing plus drain; a new one does not',
    policy: limited({ hours: oneMinute, drain }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 60, packet: syn(2), gives: 'outside-hours' },
      { at: 69.999999, packet: { ...sent(), sourcePort: 1 }, gives: 'permit' },
      { at: 70, packet: { ...sent(), sourcePort: 1 }, gives: 'outside-hours' },
    ],
    events: ['70 outside-hours'],
  },
  {
    title: '25: a session that opened while hours were closed has no drain',
    policy: {
      ...limited({
        hours: { zone: 'UTC', spans: [{ days: 1, fromMinute: 1, toMinute: 2 }] },
        drain,
      }),
      ...observing,
      mode: 'observe',
    },
    lines: [
      { at: 59, packet: syn(1), gives: 'outside-hours (recorded)' },
      { at: 60, packet: { ...sent(), sourcePort: 1 }, gives: 'permit' },
      { at: 61, packet: syn(2), gives: 'permit' },
      { at: 120, packet: { ...sent(), sourcePort: 1 }, gives: 'outside-hours (recorded)' },
      { at: 129.999999, packet: { ...sent(), sourcePort: 2 }, gives: 'permit' },
      { at: 130, packet: { ...sent(), sourcePort: 2 }, gives: 'outside-hours (recorded)' },
    ],
  },
  {
    title: '25: logoff: passes until drain is over, on it no more; logging on within the drain tells nothing',
    policy: limited({ logon: { factors: ['person'], within: null }, drain }),
    lines: [
      { at: 0, logon: person(0) },
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 2, logon: person(null) },
      { at: 5, logon: person(5) },
      { at: 20, logon: person(null) },
      { at: 29.999999, packet: sent(), gives: 'permit' },
      { at: 30, packet: sent(), gives: 'not-logged-on' },
      { at: 31, packet: syn(2), gives: 'not-logged-on' },
    ],
    events: ['30 not-logged-on'],
  },
  {
    title: '25: a logoff of a factor that was not logged on is no logoff',
    policy: limited({ logon: { factors: [], within: null }, drain }),
    lines: [
      { at: 0, logon: person(0) },
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 2, logon: { element: 'camera', factor: 'device', at: null } },
      { at: 20, packet: sent(), gives: 'permit' },
    ],
    events: [],
  },
  {
    title: '23, 25: a new policy with equal limits does not swallow a logoff that drains',
    policy: limited({ logon: { factors: ['person'], within: null }, drain }),
    lines: [
      { at: 0, logon: person(0) },
      { at: 1, packet: syn(), gives: 'permit' },
      { at: 2, logon: person(null) },
      { at: 3, apply: limited({ logon: { factors: ['person'], within: null }, drain }, { why: 'new' }) },
      { at: 11.999999, packet: sent(), gives: 'permit' },
      { at: 12, packet: sent(), gives: 'not-logged-on' },
    ],
    events: ['12 not-logged-on'],
  },
  ...(
    [
      [99, ['180 under-volume 99']],
      [100, []],
      [101, []],
    ] as const
  ).map(([bytes, events]) => ({
    title: `26: a floor of 100 with ${bytes} bytes charged in its first judged window`,
    policy: floor({}),
    lines: [
      { at: 1, packet: { ...syn(), bytes: 40 }, gives: 'permit' },
      { at: 119.999999, packet: sent(5), gives: 'permit' },
      { at: 150, packet: answered(500), gives: 'permit' },
      { at: 179.999999, packet: sent(bytes), gives: 'permit' },
      { at: 180, packet: sent(500), gives: 'permit' },
    ],
    events,
  })),
  {
    title: '26: a pair born on a boundary is judged from the next boundary but one window on',
    policy: floor({}),
    lines: [{ at: 60, packet: syn(), gives: 'permit' }, { at: 179.999999 }, { at: 180 }],
    events: ['180 under-volume 0'],
  },
  {
    title: '26: a rolling floor is judged in windows from its birth',
    policy: floor({ window: { kind: 'rolling', length: 60 * SECOND } }),
    lines: [
      { at: 7, packet: syn(), gives: 'permit' },
      { at: 67, packet: sent(99), gives: 'permit' },
      { at: 126.999999 },
      { at: 127, packet: sent(100), gives: 'permit' },
      { at: 187 },
    ],
    events: ['127 under-volume 99'],
  },
  {
    title: '26: a window counts only if hours were open during all of it',
    policy: floor(
      { scope: 'rule' },
      {
        hours: {
          zone: 'UTC',
          spans: [
            { days: 1, fromMinute: 0, toMinute: 2 },
            { days: 1, fromMinute: 3, toMinute: 5 },
          ],
        },
      },
    ),
    lines: [{ at: 360 }],
    events: ['120 under-volume 0', '240 under-volume 0', '300 under-volume 0'],
  },
  {
    title: '26: a floor of more than 2^32 bytes',
    policy: floor({ minBytes: 2 ** 32 + 1, scope: 'rule' }),
    lines: [
      { at: 60, packet: { ...syn(), bytes: 2 ** 32 }, gives: 'permit' },
      { at: 120, packet: { ...sent(), bytes: 2 ** 32 + 1 }, gives: 'permit' },
      { at: 180 },
    ],
    events: ['120 under-volume 4294967296'],
  },
  {
    title: '23: a shut budget stays shut over a policy with equal limits, and begins anew with others',
    policy: volume(),
    lines: [
      { at: 0, packet: { ...syn(), bytes: 600 }, gives: 'permit' },
      { at: 1, packet: sent(401), gives: 'over-volume' },
      { at: 2, apply: policyWith({ rules: [ruleWith({ ...volume().rules[0], owner: 'new' })] }) },
      { at: 3, packet: sent(1), gives: 'over-volume' },
      { at: 4, apply: volume({ maxBytes: 1_001 }) },
      { at: 5, packet: sent(1_001), gives: 'permit' },
      { at: 6, packet: sent(1), gives: 'over-volume' },
    ],
  },
  {
    title: '23: an element that leaves and comes back finds its budget as it was',
    policy: volume(),
    lines: [
      { at: 0, packet: { ...syn(), bytes: 1_000 }, gives: 'permit' },
      { at: 1, apply: { ...volume(), elements: [recorder] } },
      { at: 2, apply: volume() },
      { at: 3, packet: { ...syn(2), bytes: 1 }, gives: 'over-volume' },
    ],
  },
  {
    title: '23: connections of a period are kept over a policy with equal limits',
    policy: limited({
      connections: [{ kind: 'period', max: 1, window: { kind: 'fixed', length: 600 * SECOND }, scope: 'rule' }],
    }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      {
        at: 1,
        apply: limited(
          { connections: [{ kind: 'period', max: 1, window: { kind: 'fixed', length: 600 * SECOND }, scope: 'rule' }] },
          { why: 'new' },
        ),
      },
      { at: 2, packet: syn(2), gives: 'too-many-connections' },
      { at: 600, packet: syn(3), gives: 'permit' },
    ],
  },
];
