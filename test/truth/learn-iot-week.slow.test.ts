// Four real devices, seven days: learn five days, judge the last two. Not a test of the reader or the engine.

import { describe, expect, it } from 'vitest';
import { Learner, type Proposal } from '#learn';
import { AddressTable, DAY, type Instant, newObservation } from '#model';
import { parsePolicy, printPolicy } from '#policy';
import { hasData, Judge, NEEDED, readCapture } from './learn-support.ts';

const DEVICES = [
  { file: 'iot-week/blink-cam-01.pcap.gz', mac: 'f4:b8:5e:ff:2b:1b' },
  { file: 'iot-week/blink-cam-02.pcap.gz', mac: 'f4:b8:5e:35:67:b0' },
  { file: 'iot-week/lockly-hub-01.pcap.gz', mac: '24:6f:28:d9:a7:64' },
  { file: 'iot-week/schlage-lock-01.pcap.gz', mac: '78:db:2f:db:43:48' },
] as const;

const LEARN_DAYS = 5;

function firstInstant(file: string): Instant {
  let first = -1;
  readCapture(file, new AddressTable(), {
    observe: ({ at }) => {
      if (first < 0) first = at;
    },
    name: () => undefined,
  });
  return first;
}

function learn(
  file: string,
  { addresses, mac, to }: { addresses: AddressTable; mac: string | null; to: Instant },
): Proposal {
  const learner = new Learner({
    addresses,
    timezone: 'America/New_York',
    to,
    ...(mac === null ? {} : { elements: [mac] }),
  });
  readCapture(file, addresses, learner);
  return learner.finish();
}

describe('a learned policy on two later days', () => {
  for (const { file, mac } of DEVICES)
    for (const only of [true, false])
      it.skipIf(!hasData)(
        `${file} ${only ? 'one element' : 'every element'}: at most 10 rules, 1 new rule, 0.5 % of packets${NEEDED}`,
        () => {
          const start = firstInstant(file);
          const split = start + LEARN_DAYS * DAY;
          const addresses = new AddressTable();
          const proposal = learn(file, { addresses, mac: only ? mac : null, to: split });
          const judge = new Judge(proposal.policy, { addresses, start });
          let deniedFlows = 0;
          readCapture(file, addresses, {
            observe: (observation) => {
              if (judge.judge(observation, observation.at >= split) && observation.at >= split) deniedFlows++;
            },
            name: (fact) => judge.name(fact),
          });
          if (process.env.PICKET_SHOW) console.log(printPolicy(proposal.policy, proposal.comments));
          console.log(
            `${file}: ${proposal.policy.elements.length} elements, ${proposal.policy.rules.length} rules, denied ${judge.denied}/${judge.judged} packets, ${(deniedFlows / 2).toFixed(1)} false denials per device-day`,
            judge.reasons,
            judge.openings,
          );
          const text = printPolicy(proposal.policy, proposal.comments);
          expect(parsePolicy(text, 'learned.yaml').problems.filter(({ severity }) => severity === 'error')).toEqual([]);
          expect(parsePolicy(text, 'learned.yaml').policy).toEqual(proposal.policy);
          const device = proposal.policy.elements.find(({ macs }) => macs.length > 0);
          const ownRules = proposal.evidence.rules.filter(({ elements }) => elements.includes(device?.id ?? ''));
          expect(ownRules.length).toBeLessThanOrEqual(10);
          expect(judge.denied).toBeLessThanOrEqual(0.005 * judge.judged);
          expect(judge.openings.size).toBeLessThanOrEqual(1);
        },
      );
});

interface Told {
  readonly at: Instant;
  readonly tell: (learner: Learner) => void;
}

/** Two captures that overlap in time, as one stream in its order. */
function inOrder(devices: readonly { readonly file: string }[], addresses: AddressTable): readonly Told[] {
  const told: Told[] = [];
  for (const { file } of devices)
    readCapture(file, addresses, {
      observe: (observation) => {
        const own = Object.assign(newObservation(), observation);
        told.push({ at: own.at, tell: (learner) => learner.observe(own) });
      },
      name: (fact) => told.push({ at: fact.at, tell: (learner) => learner.name(fact) }),
    });
  return told.toSorted((one, other) => one.at - other.at);
}

describe('pooling', () => {
  it.skipIf(!hasData)(`two cameras of one model share one set of rules${NEEDED}`, () => {
    const addresses = new AddressTable();
    const learner = new Learner({ addresses, timezone: 'America/New_York', isPooling: true });
    for (const { tell } of inOrder(DEVICES.slice(0, 2), addresses)) tell(learner);
    const { policy, comments } = learner.finish();
    const cameras = policy.elements.filter(({ macs }) => macs.length > 0);
    expect(cameras.map(({ labels }) => labels)).toEqual([[['model', 'f4b85e']], [['model', 'f4b85e']]]);
    const pooled = policy.rules.filter(({ from, to }) =>
      [from, ...to.map(({ on }) => on)].some((selector) => selector.kind === 'label'),
    );
    expect(pooled.length).toBeGreaterThan(2);
    expect(policy.rules.some(({ from }) => from.kind === 'element' && cameras.some(({ id }) => id === from.id))).toBe(
      false,
    );
    expect(parsePolicy(printPolicy(policy, comments), 'pooled.yaml').policy).toEqual(policy);
  });
});
