// The chains that end a packet's way without letting it on: recorded, then answered or met by silence. Not why it is denied.

import { mark, type Nft, nft } from '#nft';
import type { Chain } from './chain.ts';
import { CUT_MARK, INSIDE_BIT, type KernelReason, reasonMark } from './numbers.ts';

const ZERO = mark(0);
const CLEAR = nft`meta mark set ${ZERO}`;

/** A denial: reason and flow in one word. A flow that is only recorded comes back and goes on, so that every limit counts it. */
export function deny(reason: KernelReason): Nft {
  return nft`meta mark set ct mark or ${mark(reasonMark(reason))} jump deny`;
}

/**
 * Counts the denial. A tuple that is denied more than once in a second is counted and no more; of the others, some of each source are
 * shown to whoever listens. A set that is full neither counts nor holds back, so then the limit of each source alone decides.
 */
function recordChains(version: 4 | 6): readonly Chain[] {
  const family = version === 4 ? nft`ip` : nft`ip6`;
  const ends = nft`meta mark . ${family} saddr . ${family} daddr . meta l4proto`;
  const show = nft`update @told${version} { ${family} saddr limit rate 2/second burst 5 packets } log prefix "picket" group 7 snaplen 96`;
  const counted = (verdict: 'return' | 'drop'): readonly Nft[] => [
    nft`meta l4proto { tcp, udp, sctp } update @denied${version} { ${ends} . th dport } ${VERDICTS[verdict]}`,
    nft`meta l4proto != { tcp, udp, sctp } update @portless${version} { ${ends} } ${VERDICTS[verdict]}`,
  ];
  const [first, ...rest] = counted('drop');
  // nft 1.0.6 misreads what stands on the same line behind two words set in one rule, so `ct mark` has a rule of its own.
  const silently = [nft`ct mark set ${ZERO}`, nft`meta mark set ${mark(reasonMark('no-rule'))} ${first ?? ZERO}`];
  return [
    { name: `record${version}`, hook: null, rules: [...counted('return'), show] },
    { name: `refuse_silently${version}`, hook: null, rules: [...silently, ...rest, show, nft`drop`] },
  ];
}

const VERDICTS = { return: nft`return`, drop: nft`drop` } as const;

/** Reject towards the inside, silence towards the outside; an established TCP connection is reset at both ends. */
const CLOSE: readonly Nft[] = [
  nft`meta l4proto tcp ct state established reject with tcp reset`,
  CLEAR,
  nft`meta mark set ip saddr map @net4`,
  nft`meta mark set ip saddr map @eid4`,
  nft`meta mark set ip6 saddr map @net6`,
  nft`meta mark set ip6 saddr map @eid6`,
  nft`meta mark and ${mark(INSIDE_BIT)} == ${ZERO} drop`,
  nft`meta l4proto tcp reject with tcp reset`,
  nft`reject with icmpx admin-prohibited`,
];

export const ENDINGS: readonly Chain[] = [
  ...recordChains(4),
  ...recordChains(6),
  {
    name: 'record',
    hook: null,
    rules: [nft`meta nfproto vmap { ipv4 : goto record4, ipv6 : goto record6 }`],
  },
  {
    name: 'refuse_silently',
    hook: null,
    rules: [nft`meta nfproto vmap { ipv4 : goto refuse_silently4, ipv6 : goto refuse_silently6 }`],
  },
  { name: 'pass', hook: null, rules: [nft`meta mark set ${ZERO} accept`] },
  { name: 'close', hook: null, rules: CLOSE },
  { name: 'deny_hard', hook: null, rules: [nft`jump record`, nft`goto close`] },
  { name: 'drop_hard', hook: null, rules: [nft`jump record`, nft`drop`] },
  {
    name: 'deny',
    hook: null,
    // What comes back finds the word of its mark again, because the limits behind it are asked with that.
    rules: [nft`jump record`, nft`ct mark @audit meta mark set ct mark map @live return`, nft`goto close`],
  },
  {
    name: 'refuse',
    hook: null,
    rules: [
      nft`meta mark set ct mark`,
      nft`ct mark set ${mark(CUT_MARK)}`,
      nft`meta mark and 0xf0000000 == ${ZERO} meta mark set meta mark or ${mark(reasonMark('no-rule'))}`,
      nft`goto deny_hard`,
    ],
  },
];
