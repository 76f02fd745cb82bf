// Scripts for what is easily forgotten: sentences that only show in corners, each just inside, on and just outside.

import { parsePrefix, SECOND, TCP, type Volume, type Window } from '#model';
import {
  answered,
  CAMERA_MAC,
  camera,
  exact,
  limited,
  MONDAY,
  PUBLIC,
  policyWith,
  RECORDER,
  recorder,
  rtsp,
  ruleWith,
  type Script,
  STRANGER,
  sent,
  serviceTo,
  syn,
} from './scripts.ts';

const minute: Window = { kind: 'fixed', length: 60 * SECOND };
const ceiling = (more: Partial<Volume> = {}): Volume => ({
  minBytes: null,
  maxBytes: 1_000,
  window: minute,
  direction: 'both',
  scope: 'pair',
  ...more,
});
const small = (port = 40_000) => ({ ...syn(port), bytes: 100, packetSize: 100 });
const recording = {
  mode: 'observe',
  elements: [
    { ...camera, mode: 'observe' },
    { ...recorder, mode: 'observe' },
  ],
} as const;
const recordedUnder = (limits: Parameters<typeof limited>[0]) => ({ ...limited(limits), ...recording });
const lan = parsePrefix('10.0.0.0/24') ?? exact(RECORDER);

export const cornerScripts: readonly Script[] = [
  {
    title: '1: the destination MAC belongs to the destination end',
    policy: policyWith({ elements: [camera, { ...recorder, macs: [CAMERA_MAC] }] }),
    lines: [
      { at: 0, packet: { ...syn(1), destinationMac: CAMERA_MAC }, gives: 'permit' },
      {
        at: 1,
        packet: { ...syn(2), sourceMac: CAMERA_MAC, destinationMac: CAMERA_MAC + 1 },
        gives: 'unknown-element no-rule',
      },
    ],
  },
  {
    title: '2, 3: without a MAC an element with both ranks as address alone',
    policy: policyWith({
      elements: [{ ...camera, id: 'both', macs: [CAMERA_MAC], addresses: [lan] }, camera, recorder],
    }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 1, packet: { ...syn(2), sourceMac: CAMERA_MAC }, gives: 'no-rule' },
    ],
  },
  {
    title: '5: a TTL above an hour is kept to the second',
    policy: policyWith({ rules: [ruleWith({ to: [serviceTo({ kind: 'name', pattern: 'api.example.com' })] })] }),
    lines: [
      { at: 0, name: { name: 'api.example.com', ttlSeconds: 7_200 } },
      { at: 7_199.999999, packet: { ...syn(1), to: PUBLIC, destinationPort: 554 }, gives: 'permit' },
    ],
  },
  {
    title: '6: a session is a tuple of either direction; another protocol or port is another session',
    policy: policyWith({
      rules: [
        ruleWith({
          to: [serviceTo(rtsp.on, { protocol: null, ports: [] })],
          limits: limited({ connections: [{ kind: 'open', max: 2, scope: 'pair' }] }).rules[0]?.limits ?? {
            ...ruleWith({}).limits,
          },
        }),
      ],
    }),
    lines: [
      { at: 0, packet: { protocol: 1, sourcePort: -1, destinationPort: -1 }, gives: 'permit' },
      { at: 1, packet: { ...answered(), protocol: 1, sourcePort: -1, destinationPort: -1 }, gives: 'permit' },
      { at: 2, packet: { protocol: 17 }, gives: 'permit' },
      { at: 3, packet: { ...answered(), protocol: 17 }, gives: 'permit' },
      { at: 4, packet: syn(), gives: 'too-many-connections' },
    ],
  },
  {
    title: '9: a session keeps its rule, though a name bound later would lead to another',
    policy: policyWith({
      rules: [
        ruleWith({
          id: 'named',
          to: [serviceTo({ kind: 'name', pattern: 'api.example.com' })],
          limits: { ...ruleWith({}).limits, sizes: [{ min: null, max: 59, direction: 'both' }] },
        }),
        ruleWith({ id: 'all', to: [serviceTo({ kind: 'internet' })] }),
      ],
    }),
    lines: [
      { at: 0, packet: { ...syn(), to: PUBLIC }, gives: 'permit' },
      { at: 1, name: { name: 'api.example.com', ttlSeconds: 60 } },
      { at: 2, packet: { ...sent(), to: PUBLIC }, gives: 'permit' },
      { at: 2, packet: { ...syn(2), to: PUBLIC }, gives: 'packet-size' },
    ],
  },
  {
    title: '11: quarantine denies packets that were only recorded as well',
    policy: { ...policyWith({ rules: [] }), ...recording },
    lines: [
      { at: 0, packet: syn(), gives: 'no-rule (recorded)' },
      { at: 1, quarantine: { element: 'recorder', is: true } },
      { at: 2, packet: sent(), gives: 'quarantined (recorded)' },
      { at: 3, quarantine: { element: 'recorder', is: false } },
      { at: 4, packet: sent(), gives: 'no-rule (recorded)' },
    ],
  },
  {
    title: '18, 22: a cut session does not count in open',
    policy: limited({ connections: [{ kind: 'open', max: 1, scope: 'pair' }], lifetime: 60 * SECOND }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 59.999999, packet: syn(2), gives: 'too-many-connections' },
      { at: 60, packet: syn(2), gives: 'permit' },
      { at: 61, packet: { ...sent(), sourcePort: 1 }, gives: 'session-expired' },
      { at: 61, packet: syn(3), gives: 'too-many-connections' },
    ],
    events: ['60 session-expired'],
  },
  {
    title: '18: connections in a rolling window are let go after 61 sixtieths',
    policy: limited({
      connections: [{ kind: 'period', max: 2, window: { kind: 'rolling', length: 120 * SECOND }, scope: 'pair' }],
    }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 2, packet: syn(2), gives: 'permit' },
      { at: 121.999999, packet: syn(3), gives: 'too-many-connections' },
      { at: 122, packet: syn(4), gives: 'permit' },
      { at: 123.999999, packet: syn(5), gives: 'too-many-connections' },
      { at: 124, packet: syn(6), gives: 'permit' },
    ],
  },
  {
    title: '18: connections in a calendar day begin anew at local midnight',
    policy: limited({
      connections: [
        { kind: 'period', max: 1, window: { kind: 'calendar', unit: 'day', zone: 'Asia/Kathmandu' }, scope: 'rule' },
      ],
    }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 65_699.999999, packet: syn(2), gives: 'too-many-connections' },
      { at: 65_700, packet: syn(3), gives: 'permit' },
    ],
  },
  {
    title: '20: ends that are no element count as one end of a pair',
    policy: limited({ volumes: [ceiling()] }, { from: { kind: 'any' } }),
    lines: [
      { at: 0, packet: { ...small(), from: STRANGER, bytes: 1_000 }, gives: 'permit' },
      { at: 1, packet: { ...small(), from: PUBLIC, bytes: 1 }, gives: 'over-volume' },
      { at: 2, packet: { ...small(), bytes: 1_000 }, gives: 'permit' },
    ],
  },
  {
    title: '20: rates stay charged when volume then denies',
    policy: limited({
      rates: [{ unit: 'packets', perSecond: 0.01, burst: 2, direction: 'both', scope: 'pair' }],
      volumes: [ceiling({ window: { kind: 'rolling', length: 60 * SECOND } })],
    }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: sent(901), gives: 'over-volume' },
      { at: 2, packet: sent(1), gives: 'over-rate' },
    ],
  },
  {
    title: '20: a flow record costs its packets',
    policy: limited({ rates: [{ unit: 'packets', perSecond: 1, burst: 5, direction: 'both', scope: 'pair' }] }),
    lines: [
      { at: 0, packet: { ...syn(1), packets: 6 }, gives: 'over-rate' },
      { at: 0, packet: { ...syn(2), packets: 5 }, gives: 'permit' },
      { at: 0, packet: { ...syn(3), packets: 1 }, gives: 'over-rate' },
    ],
  },
  {
    title: '21: counters go past 2^32 bytes and stay exact to one',
    policy: limited({ volumes: [ceiling({ maxBytes: 2 ** 33 })] }),
    lines: [
      { at: 0, packet: { ...syn(), bytes: 2 ** 32 - 1 }, gives: 'permit' },
      { at: 1, packet: { ...sent(), bytes: 2 ** 32 }, gives: 'permit' },
      { at: 2, packet: { ...sent(), bytes: 1 }, gives: 'permit' },
      { at: 3, packet: { ...sent(), bytes: 1 }, gives: 'over-volume' },
    ],
  },
  {
    title: '21: a rolling ceiling counts in sixtieths of its length',
    policy: limited({ volumes: [ceiling({ window: { kind: 'rolling', length: 120 * SECOND } })] }),
    lines: [
      { at: 1.999999, packet: { ...small(), bytes: 600 }, gives: 'permit' },
      { at: 2, packet: sent(400), gives: 'permit' },
      { at: 121.999999, packet: sent(1), gives: 'over-volume' },
      { at: 122, packet: sent(601), gives: 'over-volume' },
      { at: 122, packet: sent(600), gives: 'permit' },
      { at: 123.999999, packet: sent(1), gives: 'over-volume' },
      { at: 124, packet: sent(400), gives: 'permit' },
    ],
  },
  {
    title: '22: a cut session stays cut under a new policy and gives no further event',
    policy: limited({ lifetime: 60 * SECOND }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 60 },
      { at: 61, apply: policyWith() },
      { at: 62, packet: sent(), gives: 'session-expired' },
      { at: 63, apply: policyWith({ rules: [] }) },
      { at: 64, packet: syn(), gives: 'no-rule' },
    ],
    events: ['60 session-expired'],
  },
  {
    title: '24: a recorded denial is charged to volumes as if it had passed',
    policy: recordedUnder({ sizes: [{ min: null, max: 500, direction: 'both' }], volumes: [ceiling()] }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: sent(900), gives: 'packet-size (recorded)' },
      { at: 2, packet: sent(1), gives: 'over-volume (recorded)' },
    ],
  },
  {
    title: '24: a recorded denial is charged to every rate, also one that did not conform or was not judged',
    policy: recordedUnder({
      sizes: [{ min: null, max: 500, direction: 'both' }],
      rates: [{ unit: 'packets', perSecond: 0.01, burst: 2, direction: 'both', scope: 'pair' }],
    }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: sent(900), gives: 'packet-size (recorded)' },
      { at: 2, packet: sent(1), gives: 'over-rate (recorded)' },
      { at: 199.999999, packet: sent(1), gives: 'over-rate (recorded)' },
      { at: 300, packet: sent(1), gives: 'permit' },
    ],
  },
  {
    title: '24: a denial that is held is charged to nothing',
    policy: limited({ sizes: [{ min: null, max: 500, direction: 'both' }], volumes: [ceiling()] }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: sent(900), gives: 'packet-size' },
      { at: 2, packet: sent(500), gives: 'permit' },
      { at: 3, packet: sent(400), gives: 'permit' },
      { at: 4, packet: sent(1), gives: 'over-volume' },
    ],
  },
  {
    title: '27: at one instant a rule ends before its sessions and its floors',
    policy: limited(
      { lifetime: 180 * SECOND, volumes: [ceiling({ minBytes: 100, maxBytes: null, scope: 'rule' })] },
      { until: MONDAY + 180 * SECOND },
    ),
    lines: [{ at: 0, packet: syn(), gives: 'permit' }, { at: 179.999999 }, { at: 180 }, { at: 600 }],
    events: ['120 under-volume 0', '180 no-rule'],
  },
  {
    title: '28: time that runs backwards leads back into no window',
    policy: limited({ volumes: [ceiling()] }),
    lines: [
      { at: 30, packet: { ...small(), bytes: 1_000 }, gives: 'permit' },
      { at: 60, packet: sent(999), gives: 'permit' },
      { at: 30, packet: sent(2), gives: 'over-volume' },
      { at: 120, packet: sent(1_000), gives: 'permit' },
      { at: 0, packet: { ...syn(), tcpFlags: TCP.ack }, gives: 'over-volume' },
    ],
  },
  ...(
    [
      ['week', 6 * 86_400 + 82_800],
      ['month', 31 * 86_400 - 3_600],
    ] as const
  ).map(([unit, edge]) => ({
    title: `30: a calendar ${unit} begins at the first instant of its local day`,
    policy: limited({ volumes: [ceiling({ window: { kind: 'calendar', unit, zone: 'Europe/Berlin' } })] }),
    lines: [
      { at: 0, packet: { ...small(), bytes: 1_000 }, gives: 'permit' },
      { at: edge - 0.000001, packet: small(2), gives: 'over-volume' },
      { at: edge, packet: { ...small(3), bytes: 1_000 }, gives: 'permit' },
    ],
  })),
];
