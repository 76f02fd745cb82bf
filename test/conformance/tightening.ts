// Tells whether a story meets a limit exactly: made one unit tighter, the same story is denied where it was not.

import type { Limits, Reason } from '#model';
import type { Story } from './stories.ts';

interface Tightening {
  readonly reason: Reason;
  readonly tighten: (limits: Limits) => Limits;
}

/** Each kind of limit, one unit tighter. */
export const TIGHTENINGS: Readonly<Record<string, Tightening>> = {
  volume: {
    reason: 'over-volume',
    tighten: (limits) => ({
      ...limits,
      volumes: limits.volumes.map((one) => ({ ...one, maxBytes: one.maxBytes === null ? null : one.maxBytes - 1 })),
    }),
  },
  'greatest size': {
    reason: 'packet-size',
    tighten: (limits) => ({
      ...limits,
      sizes: limits.sizes.map((one) => ({ ...one, max: one.max === null ? null : one.max - 1 })),
    }),
  },
  'least size': {
    reason: 'packet-size',
    tighten: (limits) => ({
      ...limits,
      sizes: limits.sizes.map((one) => ({ ...one, min: one.min === null ? null : one.min + 1 })),
    }),
  },
  rate: {
    reason: 'over-rate',
    tighten: (limits) => ({ ...limits, rates: limits.rates.map((one) => ({ ...one, burst: one.burst - 0.001 })) }),
  },
  connections: {
    reason: 'too-many-connections',
    tighten: (limits) => ({
      ...limits,
      connections: limits.connections.map((one) => ({ ...one, max: one.max - 1 })),
    }),
  },
  within: {
    reason: 'session-expired',
    tighten: (limits) => {
      const { logon } = limits;
      return logon === null || logon.within === null
        ? limits
        : { ...limits, logon: { ...logon, within: logon.within - 1 } };
    },
  },
  lifetime: {
    reason: 'session-expired',
    tighten: (limits) => ({ ...limits, lifetime: limits.lifetime === null ? null : limits.lifetime - 1 }),
  },
};

export function tightened(story: Story, { tighten }: Tightening): Story {
  const rules = story.policy.rules.map((rule) => ({ ...rule, limits: tighten(rule.limits) }));
  return { ...story, policy: { ...story.policy, rules } };
}
