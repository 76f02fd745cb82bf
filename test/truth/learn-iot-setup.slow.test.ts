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
  { folder: 'EdimaxPlug1101W', mac: '74:da:38:4a:76:49' },
  { folder: 'EdnetCam1', mac: '3c:49:37:03:17:db' },
  { folder: 'EdnetGateway', mac: 'ac:cf:23:62:3c:6e' },
  { folder: 'HueBridge', mac: '00:17:88:24:76:ff' },
  { folder: 'MAXGateway', mac: '00:1a:22:03:cb:be' },
  { folder: 'SmarterCoffee', mac: '5c:cf:7f:07:ae:fb' },
  { folder: 'TP-LinkPlugHS100', mac: '50:c7:bf:00:fc:a3' },
  { folder: 'WeMoSwitch', mac: '94:10:3e:35:01:c1' },
  { folder: 'Withings', mac: '00:24:e4:24:80:2a' },
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
