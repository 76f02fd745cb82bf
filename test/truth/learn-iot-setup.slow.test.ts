// Repeated first-time set-ups of real devices: the set-up phase is told as such, and later runs are foreseen by earlier ones.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Learner } from '#learn';
import { AddressTable, type Observation } from '#model';
import { CAPTURES, hasData, Judge, NEEDED, readCapture } from './learn-support.ts';

/** Device and its MAC, from truth/devices.csv. */
const DEVICES = [
  { folder: 'Aria', mac: '20:f8:5e:ca:91:52' },
  { folder: 'D-LinkCam', mac: 'b0:c5:54:25:5b:0e' },
] as const;

const LEARNED_RUNS = 5;

interface Run {
  readonly file: string;
  readonly first: number;
}

function runsOf(folder: string): Run[] {
  const files = readdirSync(join(CAPTURES, 'iot-setup', folder)).filter((file) => /\.pcap(\.gz)?$/.test(file));
  return files
    .map((name) => {
      const file = `iot-setup/${folder}/${name}`;
      let first = -1;
      readCapture(file, new AddressTable(), {
        observe: ({ at }) => {
          if (first < 0) first = at;
        },
        name: () => undefined,
      });
      return { file, first };
    })
    .toSorted((one, other) => one.first - other.first);
}

describe('set-ups', () => {
  for (const { folder, mac } of DEVICES)
    it.skipIf(!hasData)(`${folder}: the set-up phase is marked and later runs are mostly foreseen${NEEDED}`, () => {
      const runs = runsOf(folder);
      const addresses = new AddressTable();
      const learner = new Learner({ addresses, timezone: 'UTC', elements: [mac] });
      for (const { file } of runs.slice(0, LEARNED_RUNS)) readCapture(file, addresses, learner);
      const { policy, evidence } = learner.finish();
      expect(evidence.elements[0]?.setupUntil).not.toBeNull();
      const judge = new Judge(policy, { addresses, start: runs[0]?.first ?? 0 });
      for (const { file } of runs.slice(LEARNED_RUNS))
        readCapture(file, addresses, {
          observe: (observation: Observation) => judge.judge(observation, true),
          name: (fact) => judge.name(fact),
        });
      console.log(
        `${folder}: ${policy.rules.length} rules, denied ${judge.denied}/${judge.judged}`,
        judge.reasons,
        [...judge.openings].slice(0, 12),
      );
      expect(policy.rules.length).toBeLessThanOrEqual(10);
    });
});
