// A SCADA network with an intruder: learn the benign packets of the characterisation, judge the other captures. Labels are per packet.

import { describe, expect, it } from 'vitest';
import { Learner } from '#learn';
import { AddressTable, type Policy } from '#model';
import { printPolicy } from '#policy';
import { bytesOf, hasData, Judge, NEEDED, readCapture } from './learn-support.ts';

const LEARNED = 'ics-modbus/characterization_modbus_6RTU_with_operate';
const FORGED = 'ics-modbus/send_a_fake_command_modbus_6RTU_with_operate';
const CHANNEL = 'ics-modbus/channel_4d_12s.pcap.gz';

/** Numbers of the packets that belong to the intrusion. */
function intrusions(stem: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const line of new TextDecoder().decode(bytesOf(`${stem}_labeled.csv`)).split(/\r?\n/)) {
    const [number, label] = line.split(';');
    if (label === '1') numbers.add(Number(number));
  }
  return numbers;
}

function learned(addresses: AddressTable): Policy {
  const bad = intrusions(LEARNED);
  const learner = new Learner({ addresses, timezone: 'UTC' });
  readCapture(`${LEARNED}.pcap.gz`, addresses, {
    observe: (observation, index) => (bad.has(index) ? undefined : learner.observe(observation)),
    name: (fact) => learner.name(fact),
  });
  const proposal = learner.finish();
  if (process.env.PICKET_SHOW) console.log(printPolicy(proposal.policy, proposal.comments));
  return proposal.policy;
}

describe('a policy learned from polling', () => {
  for (const stem of [FORGED, LEARNED])
    it.skipIf(!hasData)(`${stem}: every intruder packet denied, benign at most 0.2 %${NEEDED}`, () => {
      const addresses = new AddressTable();
      const policy = learned(addresses);
      const bad = intrusions(stem);
      const benign = new Judge(policy, { addresses, start: 0 });
      const caught = { denied: 0, all: 0 };
      readCapture(`${stem}.pcap.gz`, addresses, {
        observe: (observation, index) => {
          const isBad = bad.has(index);
          const isDenied = benign.judge(observation, !isBad);
          if (!isBad) return;
          caught.all++;
          if (isDenied) caught.denied++;
        },
        name: (fact) => benign.name(fact),
      });
      console.log(
        `${stem}: caught ${caught.denied}/${caught.all}, benign denied ${benign.denied}/${benign.judged}`,
        benign.reasons,
        benign.openings,
      );
      expect(caught.all).toBeGreaterThan(0);
      expect(caught.denied).toBe(caught.all);
      expect(benign.denied).toBeLessThanOrEqual(0.002 * benign.judged);
    });

  it.skipIf(!hasData)(`${CHANNEL}: a strange network is denied whole${NEEDED}`, () => {
    const addresses = new AddressTable();
    const judge = new Judge(learned(addresses), { addresses, start: 0 });
    readCapture(CHANNEL, addresses, {
      observe: (observation) => judge.judge(observation, true),
      name: (fact) => judge.name(fact),
    });
    console.log(`${CHANNEL}: denied ${judge.denied}/${judge.judged}`, judge.reasons);
    expect(judge.judged).toBeGreaterThan(0);
    expect(judge.denied).toBe(judge.judged);
  });
});
