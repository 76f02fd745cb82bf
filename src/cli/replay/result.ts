// What a replay found, as plain data for its JSON (schema picket.replay/v1). Every field is documented by its name; none is ever dropped within v1.

import { type AddressTable, instantText, type Policy, REASONS, reasonsOf } from '#model';
import { protocolText } from '../output/text.ts';
import type { FlowCount } from './flows.ts';
import type { Judge } from './judge.ts';
import type { Scorer } from './score.ts';
import type { Counts, Tally } from './tally.ts';
import { elementId, firstReasonOf, guardrailId, measuredText, ruleId, serviceText } from './words.ts';

/** Denied conversations listed in JSON; beyond it they are counted only, and `deniedFlowsOmitted` says how many. */
export const DENIED_FLOWS_MAX = 100_000;

export interface ReplayParts {
  readonly policy: Policy;
  readonly addresses: AddressTable;
  readonly tally: Tally;
  readonly judge: Judge;
  readonly scorer: Scorer | null;
  readonly files: readonly string[];
  readonly nonIpPackets: number;
}

/** Everything but the denied conversations, which are written as rows. */
export function replayHead(parts: ReplayParts): object {
  const { policy, tally, judge } = parts;
  const denied = deniedFlows(tally);
  const flows = flowsByRule(tally);
  return {
    totals: totalsOf(parts),
    rules: byId(policy.rules, tally.rules, (rule) => ({ flows: flows.get(rule) ?? 0 })),
    noRule: { ...tally.noRule, flows: flows.get(-1) ?? 0 },
    guardrails: byId([...policy.never, ...policy.require], tally.guardrails, () => ({})),
    reasons: Object.fromEntries(
      REASONS.flatMap((reason, at) => {
        const counts = tally.reasons[at];
        return counts === undefined || counts.given === 0 ? [] : [[reason, counts]];
      }),
    ),
    elements: byId(policy.elements, tally.elements, () => ({})),
    cuts: Object.fromEntries(judge.cuts),
    alarms: judge.alarms.map((alarm) => ({
      reason: 'under-volume',
      rule: ruleId(policy, alarm.rule),
      at: instantText(alarm.at),
      from: elementId(policy, alarm.initiator),
      to: elementId(policy, alarm.responder),
      observedBytes: alarm.observedBytes,
      minBytes: alarm.minBytes,
    })),
    alarmCount: judge.alarmCount,
    ...(parts.scorer === null ? {} : { labels: { packets: parts.scorer.packets, flows: parts.scorer.flows() } }),
    deniedFlowsOmitted: Math.max(0, denied.length - DENIED_FLOWS_MAX),
  };
}

function totalsOf({ tally, nonIpPackets }: ReplayParts): object {
  const flows = tally.flows.all();
  return {
    packets: tally.totals.packets,
    denied: tally.totals.denied,
    recorded: tally.totals.recorded,
    bytes: tally.totals.bytes,
    flows: flows.length,
    deniedFlows: flows.filter(({ denied }) => denied > 0).length,
    recordedFlows: flows.filter(({ recorded }) => recorded > 0).length,
    nonIpPackets,
  };
}

/** Conversations with a denied packet, most denied first; without an enforced one come last. */
export function deniedFlows(tally: Tally): readonly FlowCount[] {
  return tally.flows
    .all()
    .filter(({ denial }) => denial !== null)
    .sort((x, y) => y.denied - x.denied || y.recorded - x.recorded || x.firstAt - y.firstAt);
}

export function deniedFlowJson(parts: ReplayParts, flow: FlowCount): object {
  const { policy, addresses, files } = parts;
  const { denial } = flow;
  const reason = denial === null ? null : firstReasonOf(denial);
  return {
    protocol: protocolText(flow.protocol),
    from: { element: elementId(policy, flow.aElement), address: addresses.text(flow.a), port: portOf(flow.aPort) },
    to: { element: elementId(policy, flow.bElement), address: addresses.text(flow.b), port: portOf(flow.bPort) },
    service: serviceText(flow),
    rule: denial === null ? null : ruleId(policy, denial.rule),
    guardrail: denial === null ? null : guardrailId(policy, denial.guardrail),
    reason,
    reasons: reasonsOf(flow.reasons),
    observed: finite(denial?.observed),
    limit: finite(denial?.limit),
    why: denial === null ? '' : measuredText(reason, denial.observed, denial.limit),
    enforced: flow.denied > 0,
    packets: flow.packets,
    bytes: flow.bytes,
    denied: flow.denied,
    recorded: flow.recorded,
    deniedBytes: flow.deniedBytes,
    first: instantText(flow.firstAt),
    last: instantText(flow.lastAt),
    firstDenied:
      denial === null ? null : { at: instantText(denial.at), number: denial.number, file: files[denial.input] ?? null },
  };
}

function portOf(port: number): number | null {
  return port < 0 ? null : port;
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function flowsByRule(tally: Tally): ReadonlyMap<number, number> {
  const flows = new Map<number, number>();
  for (const { rule } of tally.flows.all()) flows.set(rule, (flows.get(rule) ?? 0) + 1);
  return flows;
}

/** A map by id, in the document's order; `Object.fromEntries` defines own properties only, so no id can reach a prototype. */
function byId(
  entries: readonly { readonly id: string }[],
  counts: readonly Counts[],
  more: (at: number) => object,
): object {
  return Object.fromEntries(entries.map(({ id }, at) => [id, { ...counts[at], ...more(at) }]));
}
