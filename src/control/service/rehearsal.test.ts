// Plans on recorded hours: ceilings just inside, on and just outside, what was over before, and what is said not to be known.

import { describe, expect, it } from 'vitest';
import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import type { Conversation } from './parts.ts';
import { rehearse } from './rehearsal.ts';

function policyOf(limits: string, rules = ''): Policy {
  const text = `picket: 1
timezone: UTC
elements:
  nvr: { kind: server, address: 10.0.3.10, mode: enforce }
  cam: { kind: device, address: 10.0.3.20 }
services: { rtsp: { on: nvr, protocol: tcp, port: 554 } }
rules:
  one: { from: cam, to: rtsp${limits === '' ? '' : `, limits: { ${limits} }`} }
${rules}`;
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

const row = (busiestHour: Conversation['busiestHour']): Conversation => ({
  fromElement: 'cam',
  fromAddress: '10.0.3.20',
  toElement: 'nvr',
  toAddress: '10.0.3.10',
  protocol: 'tcp',
  port: 554,
  openings: 3,
  lastMs: 1_800_000_000_000,
  busiestHour,
});

const plan = (before: Policy, after: Policy, bytes: number) =>
  rehearse({
    before,
    after,
    sinceMs: 1_799_000_000_000,
    seen: { rows: [row({ sent: bytes, received: 10, both: bytes + 10 })], isCut: false },
    quarantined: [],
  });

describe('rehearse()', () => {
  it.each([
    ['volume: "<= 6000 B per 1 h"', 6_000 - 10],
    // Six windows of ten minutes in an hour.
    ['volume: "<= 1000 B per 10 min"', 6_000 - 10],
    // Seven minutes are no whole part of an hour: nine windows touch one, and one more may.
    ['volume: "<= 1000 B per 7 min"', 10_000 - 10],
    ['volume: "<= 6000 B per day"', 6_000 - 10],
  ])('holds %s against the busiest hour: %i bytes are within it', (limits, most) => {
    const [before, after] = [policyOf(''), policyOf(limits)];
    expect(plan(before, after, most - 1)).toMatchObject({ exceedingConversations: 0 });
    expect(plan(before, after, most)).toMatchObject({ exceedingConversations: 0, deniedConversations: 0 });
    expect(plan(before, after, most + 1)).toMatchObject({
      exceedingConversations: 1,
      exceeding: [
        {
          from: 'cam',
          to: 'nvr',
          port: 554,
          rule: 'one',
          kind: 'volume',
          hourBytesMax: most + 10,
          hourBytes: most + 11,
        },
      ],
    });
  });

  it('holds a rate against the mean of the busiest hour', () => {
    const after = policyOf('rate: 1 kbit/s');
    expect(plan(policyOf(''), after, 10_000)).toMatchObject({ exceeding: [] });
    expect(plan(policyOf(''), after, 10_000_000)).toMatchObject({ exceeding: [{ kind: 'rate', rule: 'one' }] });
  });

  it('tells nothing of a ceiling that stopped it before as well', () => {
    const before = policyOf('volume: "<= 500 B per 1 h"');
    expect(plan(before, policyOf('volume: "<= 400 B per 1 h"'), 9_000)).toMatchObject({ exceeding: [] });
  });

  it('says what recorded traffic cannot tell, and nothing where it tells all', () => {
    expect(plan(policyOf(''), policyOf(''), 1).unjudged).toEqual([]);
    const after = policyOf(
      'volume: ">= 2 kB per 10 min", hours: "Mon-Fri 08:00-18:00"',
      '  two: { from: cam, to: { on: api.example.com, protocol: tcp, port: 443 } }\n',
    );
    expect(plan(policyOf(''), after, 1).unjudged).toEqual([
      'floors of volume: not judged (1 rule)',
      'hours: judged at the last time of each conversation alone (1 rule)',
      'DNS names: not recorded, so what a name permits may be told as denied (1 rule)',
    ]);
  });
});
