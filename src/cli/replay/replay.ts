// One replay from files to counts: the same work for `picket replay` and for the report of `picket learn`.

import { AddressTable, type Observation, type Policy, type Verdict } from '#model';
import type { Desk } from '../context.ts';
import { type InputEnd, readTraffic, type Taker } from '../input/traffic.ts';
import { ReportCollector } from '../report/index.ts';
import type { Span } from '../times.ts';
import { Judge } from './judge.ts';
import type { Labels } from './labels.ts';
import type { ReplayParts } from './result.ts';
import { Scorer } from './score.ts';
import { type PacketPlace, Tally } from './tally.ts';

interface ReplayOptions {
  readonly policy: Policy;
  readonly span: Span;
  readonly labels: Labels | null;
  readonly isReporting: boolean;
}

export interface Replayed extends ReplayParts {
  readonly ends: readonly InputEnd[];
  readonly collector: ReportCollector | null;
  /** IPv6 packets among the counted ones, and those that showed a MAC. */
  readonly ipv6Packets: number;
  readonly macPackets: number;
}

export async function replay(desk: Desk, files: readonly string[], options: ReplayOptions): Promise<Replayed> {
  const { policy, span, labels } = options;
  const addresses = new AddressTable();
  const tally = new Tally(policy);
  const judge = new Judge(policy, addresses);
  const scorer = labels === null ? null : new Scorer(labels, addresses);
  const collector = options.isReporting ? new ReportCollector({ addresses, policy }) : null;
  const others = { nonIpPackets: 0, ipv6Packets: 0, macPackets: 0 };
  const order: string[] = [];

  const take = (observation: Observation, place: PacketPlace): void => {
    const verdict: Verdict = judge.judge(observation);
    if (observation.at < span.from || observation.at >= span.to) return;
    if (addresses.version(observation.source) === 6) others.ipv6Packets += observation.packets;
    if (observation.sourceMac >= 0 || observation.destinationMac >= 0) others.macPackets += observation.packets;
    const flow = tally.add(observation, verdict, place);
    collector?.add(observation, verdict);
    scorer?.add(observation, verdict, { place, flow });
  };
  const begin = (file: string, input: number): Taker => {
    order.push(file);
    return {
      frame: (frame) => {
        if (frame.ipVersion === 0) {
          if (frame.at >= span.from && frame.at < span.to) others.nonIpPackets++;
          return;
        }
        take(frame, { number: frame.index, input, isLaterFragment: frame.isLaterFragment });
      },
      record: (observation, { number, uid }) => {
        take(observation, { number, input, isLaterFragment: false, uid });
      },
      name: (fact) => {
        judge.name(fact);
        collector?.name(fact);
      },
    };
  };
  const ends = await readTraffic(desk, files, {
    addresses,
    begin,
    order: 'time',
    isInspecting: true,
  });
  judge.finish();
  return { policy, addresses, tally, judge, scorer, collector, files: order, ends, ...others };
}
