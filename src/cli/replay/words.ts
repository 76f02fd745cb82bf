// Verdicts in words: ends, services, rules, and what was observed against which limit. One place, so that replay, why and plan say the same.

import { type AddressTable, type Policy, REASONS, type Reason } from '#model';
import { bytesText, countText, durationText, endText, localTimeText, protocolText } from '../output/text.ts';
import type { Denial, FlowCount } from './flows.ts';
import { firstReason } from './tally.ts';

/** Id of a rule, or null under no rule. */
export function ruleId(policy: Policy, rule: number): string | null {
  return policy.rules[rule]?.id ?? null;
}

/** Id of a guardrail by its index over `never` and `require`. */
export function guardrailId(policy: Policy, guardrail: number): string | null {
  return [...policy.never, ...policy.require][guardrail]?.id ?? null;
}

export function elementId(policy: Policy, element: number): string | null {
  return policy.elements[element]?.id ?? null;
}

/** Element id where there is one, else the address. */
export function endName(policy: Policy, element: number, address: string): string {
  return elementId(policy, element) ?? address;
}

/** `cam-lobby → nvr tcp/554`. */
export function flowText(policy: Policy, addresses: AddressTable, flow: FlowCount): string {
  return `${endsText(policy, addresses, flow)} ${serviceText(flow)}`;
}

/** `cam-lobby → nvr`. */
export function endsText(policy: Policy, addresses: AddressTable, flow: FlowCount): string {
  const a = endName(policy, flow.aElement, addresses.text(flow.a));
  const b = endName(policy, flow.bElement, addresses.text(flow.b));
  return `${a} → ${b}`;
}

export function serviceText(flow: { readonly protocol: number; readonly bPort: number }): string {
  return flow.bPort < 0 ? protocolText(flow.protocol) : `${protocolText(flow.protocol)}/${flow.bPort}`;
}

export function addressAndPort(addresses: AddressTable, address: number, port: number): string {
  return endText(addresses.text(address), port);
}

/** Name of the reason that is named first. */
export function firstReasonOf(denial: Denial): Reason | null {
  return REASONS[firstReason(denial.reasons)] ?? null;
}

const VOLUMES: ReadonlySet<Reason> = new Set(['over-volume', 'under-volume']);

/** `1,600 B, limit 1,500 B`; '' where the reason has no number. */
export function measuredText(reason: Reason | null, observed: number, limit: number): string {
  if (reason === null || (Number.isNaN(observed) && Number.isNaN(limit))) return '';
  const areAlike = valueText(reason, observed) === valueText(reason, limit);
  const text = (value: number): string => {
    if (Number.isNaN(value)) return 'unknown';
    // Rounded, one byte too many looks like none.
    return areAlike && VOLUMES.has(reason) ? `${countText(value)} B` : valueText(reason, value);
  };
  if (Number.isNaN(limit)) return text(observed);
  if (Number.isNaN(observed)) return `limit ${text(limit)}`;
  return `${text(observed)}, limit ${text(limit)}`;
}

/** Ages and lifetimes of more than this are instants, not durations. */
const INSTANT_FROM = 1e14;

function valueText(reason: Reason, value: number): string {
  switch (reason) {
    case 'packet-size':
      return `${countText(value)} B`;
    case 'over-volume':
    case 'under-volume':
      return bytesText(value);
    case 'wrong-protocol':
      return protocolText(value);
    case 'session-expired':
    case 'outside-hours':
      return Math.abs(value) >= INSTANT_FROM ? localTimeText(value) : durationText(value);
    default:
      return countText(value);
  }
}
