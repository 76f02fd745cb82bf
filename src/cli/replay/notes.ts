// Notes on a replay that explain a surprising result: a policy that names only one IP version met with the other, or MACs where none is shown.

import type { Policy, Prefix, Selector } from '#model';
import { countText } from '../output/text.ts';

/** A line for stderr, or null when both sides speak of the same version. */
export function noteOnVersions(
  policy: Policy,
  traffic: { readonly packets: number; readonly ipv6Packets: number },
): string | null {
  const prefixes = prefixesOf(policy);
  if (prefixes.length === 0 || policy.elements.some(({ macs }) => macs.length > 0)) return null;
  const has = (version: 4 | 6): boolean => prefixes.some((prefix) => prefix.version === version);
  const ipv4Packets = traffic.packets - traffic.ipv6Packets;
  if (traffic.ipv6Packets > 0 && !has(6)) return noteText(traffic.ipv6Packets, 'IPv6', 'IPv4');
  if (ipv4Packets > 0 && !has(4)) return noteText(ipv4Packets, 'IPv4', 'IPv6');
  return null;
}

/** A line for stderr, or null when the traffic shows MACs or the policy needs none. A guardrail that names a MAC denies nothing here. */
export function noteOnMacs(
  policy: Policy,
  traffic: { readonly packets: number; readonly macPackets: number },
): string | null {
  const elements = policy.elements.filter(({ macs, addresses }) => macs.length > 0 && addresses.length === 0);
  const entries = [...policy.rules, ...policy.never, ...policy.require].filter(({ from, to }) =>
    [from, ...to.map(({ on }) => on)].some((selector) => leavesOf(selector).some(({ kind }) => kind === 'mac')),
  );
  const [first] = [...elements, ...entries];
  if (traffic.packets === 0 || traffic.macPackets > 0 || first === undefined) return null;
  const others = elements.length + entries.length - 1;
  return `note: the traffic shows no MACs, but the policy names ends by MAC alone (${first.id}${others > 0 ? ` and ${countText(others)} more` : ''}): they can not be recognised in it`;
}

function noteText(packets: number, seen: string, named: string): string {
  return `note: ${countText(packets)} packets are ${seen}, but every address in the policy is ${named}: none of its elements can be recognised in them`;
}

function prefixesOf(policy: Policy): readonly Prefix[] {
  const selectors = [...policy.rules, ...policy.never, ...policy.require].flatMap(({ from, to }) => [
    from,
    ...to.map(({ on }) => on),
  ]);
  const named = selectors.flatMap(leavesOf).flatMap((leaf) => (leaf.kind === 'prefix' ? [leaf.prefix] : []));
  return [...policy.elements.flatMap(({ addresses }) => addresses), ...named];
}

/** The parts of a selector that are no "not", "all" or "either". */
function leavesOf(selector: Selector): readonly Selector[] {
  switch (selector.kind) {
    case 'not':
      return leavesOf(selector.of);
    case 'all':
    case 'either':
      return selector.of.flatMap(leavesOf);
    default:
      return [selector];
  }
}
