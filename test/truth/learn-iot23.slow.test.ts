// IoT-23 connection logs: learn the first half of the benign flows, judge the later benign and all malicious ones. Names are not in these logs.

import { describe, expect, it } from 'vitest';
import { Learner } from '#learn';
import { AddressTable, type Observation } from '#model';
import { printPolicy } from '#policy';
import { bytesOf, hasData, Judge, NEEDED, readLog } from './learn-support.ts';

interface Log {
  readonly file: string;
  /** The device the capture is about; other hosts come and go in it, and what they do beyond the link's own groups is denied rightly. */
  readonly device: string;
  /** The bars: shares of later benign flows denied at most, of malicious flows at least; null where the log has none. */
  readonly benignMax: number;
  readonly maliciousMin: number | null;
}

/** In 34-1 a SYN flood towards 50.50.50.53 (41 flows) is labelled benign: the label is wrong, the denial right, and the bar leaves room for it. */
const LOGS: readonly Log[] = [
  {
    file: 'iot23/CTU-Honeypot-Capture-4-1-labeled.csv.gz',
    device: '192.168.1.132',
    benignMax: 0.02,
    maliciousMin: null,
  },
  { file: 'iot23/CTU-Honeypot-Capture-5-1-labeled.csv.gz', device: '192.168.2.3', benignMax: 0.02, maliciousMin: null },
  {
    file: 'iot23/CTU-Malware-Capture-20-1-labeled.csv.gz',
    device: '192.168.100.103',
    benignMax: 0.02,
    maliciousMin: 0.99,
  },
  {
    file: 'iot23/CTU-Malware-Capture-34-1-labeled.csv.gz',
    device: '192.168.1.195',
    benignMax: 0.05,
    maliciousMin: 0.99,
  },
];

interface Flow {
  readonly parts: readonly Observation[];
  readonly at: number;
  readonly isMalicious: boolean;
}

/** Flows in the order of time; the label is the last column but one. */
function flowsOf(file: string, addresses: AddressTable): Flow[] {
  const { records } = readLog(file, addresses);
  const rows = new TextDecoder().decode(bytesOf(file)).trimEnd().split(/\r?\n/).slice(1);
  if (rows.length !== records.length) throw new Error(`${rows.length} rows but ${records.length} records`);
  return records
    .map((parts, at) => ({
      parts,
      at: parts[0]?.at ?? 0,
      isMalicious: rows[at]?.split(',').at(-2)?.toLowerCase() === 'malicious',
    }))
    .toSorted((one, other) => one.at - other.at);
}

describe('a policy learned from connection logs', () => {
  for (const { file, device, benignMax, maliciousMin } of LOGS)
    it.skipIf(!hasData)(`${file}${NEEDED}`, () => {
      const addresses = new AddressTable();
      const flows = flowsOf(file, addresses);
      const own = addresses.intern(device);
      const isOwn = ({ parts: [part] }: Flow): boolean => part?.source === own || part?.destination === own;
      const benign = flows.filter(({ isMalicious }) => !isMalicious);
      const first = new Set(benign.slice(0, Math.floor(benign.length / 2)));
      const learner = new Learner({ addresses, timezone: 'UTC' });
      for (const { parts } of first) for (const part of parts) learner.observe(part);
      const { policy, comments } = learner.finish();
      if (process.env.PICKET_SHOW) console.log(printPolicy(policy, comments));
      const judge = new Judge(policy, { addresses, start: 0 });
      const counts = { strangers: 0, strangersDenied: 0, benign: 0, benignDenied: 0, malicious: 0, maliciousDenied: 0 };
      for (const flow of flows) {
        const isDenied = flow.parts
          .map((part) => judge.judge(part, !first.has(flow) && !flow.isMalicious))
          .some(Boolean);
        if (flow.isMalicious) {
          counts.malicious++;
          if (isDenied) counts.maliciousDenied++;
        } else if (!first.has(flow)) {
          if (!isOwn(flow)) {
            counts.strangers++;
            if (isDenied) counts.strangersDenied++;
            continue;
          }
          counts.benign++;
          if (isDenied) counts.benignDenied++;
        }
      }
      console.log(file, policy.rules.length, counts, judge.reasons, [...judge.openings].slice(0, 12));
      expect(counts.benignDenied).toBeLessThanOrEqual(benignMax * counts.benign);
      const all = counts.benign + counts.strangers;
      expect(counts.benignDenied + counts.strangersDenied).toBeLessThanOrEqual(benignMax * all);
      if (maliciousMin !== null) expect(counts.maliciousDenied).toBeGreaterThanOrEqual(maliciousMin * counts.malicious);
    });
});
