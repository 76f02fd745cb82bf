// What stands in the kernel before the table is up, or where it cannot be put up: nothing is forwarded from or to whoever enforces. It knows
// no rule, uses no mark and judges nothing of the machine itself, so it can be loaded beside anybody and locks no admin out. Not the policy.

import { type Element, hasPorts, type Policy, type Prefix, type Service } from '#model';
import { addressRange, lines, list, mac, type Nft, nft } from '#nft';
import { bigOf, bytesOf } from './spans.ts';

/** Takes the closed table away, also where there is none. */
export const OPEN_LINE = 'add table inet picket_closed; delete table inet picket_closed';

/** The closed table of a policy as text for one `nft -f`. It takes the place of an earlier one. */
export function closedTable(policy: Policy): string {
  const closed = policy.elements.filter(({ mode }) => mode === 'enforce');
  const macs = [...new Set(closed.flatMap((element) => element.macs))];
  const rules: readonly Nft[] = [
    ...(['saddr', 'daddr'] as const).flatMap((way) => [
      nft`ip ${WAYS[way]} @closed4 drop`,
      nft`ip6 ${WAYS[way]} @closed6 drop`,
    ]),
    ...macs.map((one) => nft`ether saddr ${mac(one)} drop`),
    ...policy.elements.filter(({ mode }) => mode === 'protect').flatMap((element) => protectedRules(element, policy)),
  ];
  const rest: Nft = policy.mode === 'enforce' ? nft`drop` : nft`accept`;
  const table = nft`table inet picket_closed {
${setOf(4, closed)}${setOf(6, closed)}chain forward {
type filter hook forward priority filter - 1; policy ${rest};
${lines(rules)}}
}
`;
  return `add table inet picket_closed\ndelete table inet picket_closed\n${table.nft}`;
}

const WAYS = { saddr: nft`saddr`, daddr: nft`daddr` } as const;

function setOf(version: 4 | 6, elements: readonly Element[]): Nft {
  const ranges = elements.flatMap(({ addresses }) => addresses.filter((one) => one.version === version)).map(rangeOf);
  const type: Nft = version === 4 ? nft`ipv4_addr` : nft`ipv6_addr`;
  const content: Nft = ranges.length === 0 ? nft`` : nft` elements = { ${list(ranges)} };`;
  return nft`set closed${version} { type ${type}; flags interval; auto-merge;${content} }
`;
}

function rangeOf(prefix: Prefix): Nft {
  const open = (1n << BigInt(128 - prefix.length)) - 1n;
  const first = bigOf(prefix.bytes) & ~open;
  return addressRange(bytesOf(first), bytesOf(first | open));
}

/** INVARIANT: at least the services that the element holds: where it names none, every named service, whether it is on this element or not. */
function protectedRules({ addresses, protect }: Element, { services }: Policy): readonly Nft[] {
  const held = services.filter(({ id }) => protect.length === 0 || protect.includes(id));
  return addresses.flatMap((prefix) => {
    const family: Nft = prefix.version === 4 ? nft`ip` : nft`ip6`;
    return held.map((service) => nft`${family} daddr ${rangeOf(prefix)} ${serviceMatch(service)}drop`);
  });
}

function serviceMatch({ protocol, ports }: Service): Nft {
  const spans = ports.map(({ from, to }) => (from === to ? nft`${from}` : nft`${from}-${to}`));
  if (protocol === null)
    return spans.length === 0 ? nft`` : nft`meta l4proto { 6, 17, 132 } th dport { ${list(spans)} } `;
  if (spans.length === 0 || !hasPorts(protocol)) return nft`meta l4proto ${protocol} `;
  return nft`meta l4proto ${protocol} th dport { ${list(spans)} } `;
}
