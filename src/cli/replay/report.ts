// From a replay to its HTML page: the denied list in the page's form. The page itself is drawn in cli/report.

import { REASONS, reasonsOf } from '#model';
import { type DeniedRow, renderReport } from '../report/index.ts';
import type { FlowCount } from './flows.ts';
import type { Replayed } from './replay.ts';
import { deniedFlows } from './result.ts';
import { firstReason } from './tally.ts';
import { endName, measuredText, ruleId, serviceText } from './words.ts';

/** Rows handed to the page; it says how many there are in all. */
const ROWS_MAX = 2_000;

export function reportOf(result: Replayed, words: { readonly title: string; readonly policy: string }): string {
  if (result.collector === null) throw new Error('a report needs a replay that collects');
  const broken = result.ends.filter(({ isComplete }) => !isComplete);
  const denied = deniedFlows(result.tally);
  return renderReport(result.collector.finish(), {
    title: words.title,
    policy: words.policy,
    files: result.files,
    damage: broken.length === 0 ? null : broken.map(({ file, damage }) => `${file}: ${damage ?? ''}`).join('; '),
    denied: denied.slice(0, ROWS_MAX).flatMap((flow) => deniedRow(result, flow)),
    deniedTotal: denied.length,
  });
}

function deniedRow(result: Replayed, flow: FlowCount): DeniedRow[] {
  const { policy, addresses } = result;
  const { denial } = flow;
  if (denial === null) return [];
  const reason = REASONS[firstReason(denial.reasons)] ?? null;
  return [
    {
      at: denial.at,
      from: endName(policy, flow.aElement, addresses.text(flow.a)),
      to: endName(policy, flow.bElement, addresses.text(flow.b)),
      service: serviceText(flow),
      rule: ruleId(policy, denial.rule),
      reasons: reasonsOf(flow.reasons),
      why: measuredText(reason, denial.observed, denial.limit),
      packets: flow.denied > 0 ? flow.denied : flow.recorded,
      isEnforced: flow.denied > 0,
    },
  ];
}
