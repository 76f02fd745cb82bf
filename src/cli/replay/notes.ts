// Notes on a replay that explain a surprising result: a policy that names only one IP version met with the other.

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

function noteText(packets: number, seen: string, named: string): string {
  return `note: ${countText(packets)} packets are ${seen}, but every address in the policy is ${named}: none of its elements can be recognised in them`;
}

function prefixesOf(policy: Policy): readonly Prefix[] {
  const selectors = [...policy.rules, ...policy.never, ...policy.require].flatMap(({ from, to }) => [
    from,
    ...to.map(({ on }) => on),
  ]);
  return [...policy.elements.flatMap(({ addresses }) => addresses), ...selectors.flatMap(prefixesIn)];
}

function prefixesIn(selector: Selector): readonly Prefix[] {
  switch (selector.kind) {
    case 'prefix':
      return [selector.prefix];
    case 'not':
      return prefixesIn(selector.of);
    case 'all':
    case 'either':
      return selector.of.flatMap(prefixesIn);
    default:
      return [];
  }
}
