// Scripts for semantics 19 to 22: what is judged of every packet.

import { NO_LIMITS, SECOND, type Volume } from '#model';
import { answered, limited, policyWith, rtsp, ruleWith, type Script, sent, syn } from './scripts.ts';

const volume = (more: Partial<Volume>) =>
  limited({
    volumes: [
      {
        minBytes: null,
        maxBytes: 1_000,
        window: { kind: 'fixed', length: 60 * SECOND },
        direction: 'both',
        scope: 'pair',
        ...more,
      },
    ],
  });
const small = (port = 40_000) => ({ ...syn(port), bytes: 100, packetSize: 100 });

export const amountScripts: readonly Script[] = [
  {
    title: '19: application: unseen and right pass, wrong and unknown do not',
    policy: policyWith({ rules: [ruleWith({ to: [{ ...rtsp, application: 'rtsp' }] })] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: { ...sent(), application: 'rtsp' }, gives: 'permit' },
      { at: 2, packet: { ...sent(), application: 'tls' }, gives: 'wrong-application' },
      { at: 3, packet: { ...sent(), application: 'unknown' }, gives: 'wrong-application' },
      { at: 4, packet: sent(), gives: 'permit' },
    ],
  },
  {
    title: '19: operations: every one must match a pattern',
    policy: limited({ operations: ['modbus */3', 'mqtt 3'] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: { ...sent(), operations: ['modbus 17/3'] }, gives: 'permit' },
      { at: 2, packet: { ...sent(), operations: ['modbus 1/3', 'modbus 1/5'] }, gives: 'wrong-operation' },
      { at: 3, packet: { ...sent(), operations: ['modbus 1/33'] }, gives: 'wrong-operation' },
      { at: 4, packet: { ...sent(), operations: ['mqtt 3'] }, gives: 'permit' },
    ],
  },
  {
    title: '19: size: just inside, on and outside both bounds, of its direction, where it is known',
    policy: limited({ sizes: [{ min: 50, max: 1_000, direction: 'sent' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: sent(49), gives: 'packet-size' },
      { at: 2, packet: sent(50), gives: 'permit' },
      { at: 3, packet: sent(1_000), gives: 'permit' },
      { at: 4, packet: sent(1_001), gives: 'packet-size' },
      { at: 5, packet: answered(1_001), gives: 'permit' },
      { at: 6, packet: { ...sent(1_001), packetSize: -1 }, gives: 'permit' },
    ],
  },
  {
    title: '20: rate in packets: the burst passes, one more does not, and passes when it is due',
    policy: limited({ rates: [{ unit: 'packets', perSecond: 1, burst: 2, direction: 'both', scope: 'pair' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 0, packet: sent(), gives: 'permit' },
      { at: 0, packet: sent(), gives: 'over-rate' },
      { at: 0.999999, packet: sent(), gives: 'over-rate' },
      { at: 1, packet: sent(), gives: 'permit' },
      { at: 1, packet: answered(), gives: 'over-rate' },
    ],
  },
  {
    title: '20: rate in bytes, and what is over rate is charged to no volume',
    policy: limited({
      rates: [{ unit: 'bytes', perSecond: 100, burst: 500, direction: 'both', scope: 'pair' }],
      volumes: [
        {
          minBytes: null,
          maxBytes: 600,
          window: { kind: 'fixed', length: 60 * SECOND },
          direction: 'both',
          scope: 'pair',
        },
      ],
    }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 0, packet: sent(401), gives: 'over-rate' },
      { at: 0, packet: sent(400), gives: 'permit' },
      { at: 1, packet: sent(100), gives: 'permit' },
      { at: 2, packet: sent(1), gives: 'over-volume' },
    ],
  },
  {
    title: '21: ceiling: up to it permits, one byte more shuts it for the rest of the window',
    policy: volume({}),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: sent(900), gives: 'permit' },
      { at: 2, packet: sent(1), gives: 'over-volume' },
      { at: 60, packet: sent(999), gives: 'permit' },
      { at: 61, packet: sent(2), gives: 'over-volume' },
      { at: 62, packet: sent(1), gives: 'over-volume' },
      { at: 119.999999, packet: answered(1), gives: 'over-volume' },
      { at: 120, packet: sent(1_000), gives: 'permit' },
    ],
  },
  {
    title: '21: a ceiling looks at its direction only',
    policy: volume({ direction: 'received' }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: answered(1_001), gives: 'over-volume' },
      { at: 2, packet: sent(5_000), gives: 'permit' },
      { at: 3, packet: answered(1), gives: 'over-volume' },
    ],
  },
  {
    title: '21: a rolling ceiling does not stay shut, and forgets after 61 sixtieths',
    policy: volume({ window: { kind: 'rolling', length: 60 * SECOND } }),
    lines: [
      { at: 0, packet: small(), gives: 'permit' },
      { at: 1, packet: sent(900), gives: 'permit' },
      { at: 2, packet: sent(1), gives: 'over-volume' },
      { at: 60.999999, packet: sent(100), gives: 'over-volume' },
      { at: 61, packet: sent(101), gives: 'over-volume' },
      { at: 61, packet: sent(100), gives: 'permit' },
      { at: 62, packet: sent(900), gives: 'permit' },
    ],
  },
  {
    title: '21: calendar day: the window begins at local midnight',
    policy: volume({ window: { kind: 'calendar', unit: 'day', zone: 'Europe/Berlin' } }),
    lines: [
      { at: 0, packet: { ...small(), bytes: 1_000 }, gives: 'permit' },
      { at: 82_799.999999, packet: small(2), gives: 'over-volume' },
      { at: 82_800, packet: small(2), gives: 'permit' },
    ],
  },
  {
    title: '21: a flow record counts its total bytes',
    policy: volume({}),
    lines: [{ at: 0, packet: { bytes: 1_001, packets: 7, packetSize: -1, initiator: 1 }, gives: 'over-volume' }],
  },
  {
    title: '22: lifetime cuts at its end plus drain, until a SYN begins anew',
    policy: limited({ lifetime: 60 * SECOND, drain: 10 * SECOND }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 69.999999, packet: sent(), gives: 'permit' },
      { at: 70, packet: sent(), gives: 'session-expired' },
      { at: 71, packet: answered(), gives: 'session-expired' },
      { at: 72, packet: syn(), gives: 'permit' },
      { at: 73, packet: sent(), gives: 'permit' },
    ],
    events: ['70 session-expired'],
  },
  {
    title: '22: a cut UDP session begins anew after its idle time without any packet',
    policy: policyWith({
      rules: [ruleWith({ to: [{ ...rtsp, protocol: 17 }], limits: { ...NO_LIMITS, lifetime: 60 * SECOND } })],
    }),
    lines: [
      { at: 0, packet: { protocol: 17 }, gives: 'permit' },
      { at: 60, packet: { protocol: 17 }, gives: 'session-expired' },
      { at: 239.999999, packet: { protocol: 17 }, gives: 'session-expired' },
      { at: 419.999999, packet: { protocol: 17 }, gives: 'permit' },
    ],
  },
];
