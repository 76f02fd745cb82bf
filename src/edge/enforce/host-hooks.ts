// The machine itself as an end: what reaches it and what it sends is judged as what it forwards is. Not the judging, which is the same lines.

import { type Nft, nft } from '#nft';
import type { Chain } from './chain.ts';

/** INVARIANT: these accept what no line judges. A table that is only half there must not lock out who comes to mend it. */
const INPUT = nft`type filter hook input priority filter; policy accept;`;
const OUTPUT = nft`type filter hook output priority filter; policy accept;`;

/** Without these the machine has no address and no neighbours, so no other answer of its policy could be given. */
const LINK: readonly Nft[] = [
  // Neighbour discovery comes from the link itself: a hop limit of 255 has passed no router.
  nft`icmpv6 type 133-137 ip6 hoplimit 255 accept`,
  nft`icmpv6 type { 130-132, 143 } ip6 hoplimit 1 accept`,
  nft`meta nfproto ipv4 udp sport { 67, 68 } udp dport { 67, 68 } accept`,
  nft`ip6 saddr fe80::/10 udp sport { 546, 547 } udp dport { 546, 547 } accept`,
];

/** Answers that the kernel gives for a packet that it did not pass on: they belong to that packet's flow, which was judged. */
const ANSWERS: readonly Nft[] = [
  nft`ct state related tcp flags & rst == rst accept`,
  nft`ct state related icmp type { destination-unreachable, time-exceeded, parameter-problem } accept`,
  nft`ct state related icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept`,
];

/** `judging`: the lines of the forward hook. Loopback is the machine talking to itself, and is not judged. */
export function hostChains(judging: readonly Nft[]): readonly Chain[] {
  return [
    { name: 'input', hook: INPUT, rules: [nft`iif 1 accept`, ...LINK, ...judging] },
    { name: 'output', hook: OUTPUT, rules: [nft`oif 1 accept`, ...LINK, ...ANSWERS, ...judging] },
  ];
}
