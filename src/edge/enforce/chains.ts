// The chains: what happens to a packet. They are the same for every policy but for one line a lifetime; all else is content.
// INVARIANTS of research on nft 1.0.6: a failed map lookup into `meta mark` keeps the old value and ends only its rule, so a rule either
// goes on to where the answer is used, or the word is 0 before it; sets with limits or counts are asked once, or in the negated form;
// base chains are never deleted.

import { mark, type Nft, nft } from '#nft';
import { ANSWER_CHAINS } from './answer-chains.ts';
import { BIND, BIND_CHAINS } from './bind-chains.ts';
import type { Chain } from './chain.ts';
import { hostChains } from './host-hooks.ts';
import { ask, has, LIMITS } from './limit-chains.ts';
import { CHAIN_BITS, OPENS_BIT, SIZED_BIT, TIMED_BIT } from './live.ts';
import { CUT_MARK, reasonMark, STRICT_BIT } from './numbers.ts';
import { deny, ENDINGS } from './record-chains.ts';

const ZERO = mark(0);
const CLEAR = nft`meta mark set ${ZERO}`;

export function chains(lifetimes: readonly number[]): readonly Chain[] {
  return [
    ...ENDINGS,
    ...LIMITS,
    lifetimeChain(lifetimes),
    ...BIND_CHAINS,
    { name: 'recount', hook: null, rules: RECOUNT },
    { name: 'opened', hook: null, rules: OPENED },
    { name: 'unjudged', hook: null, rules: UNJUDGED },
    ...LOGON_CHAINS,
    { name: 'judged', hook: null, rules: JUDGED },
    { name: 'rebind', hook: null, rules: REBIND },
    { name: 'odd', hook: null, rules: ODD },
    ...NEW_CHAINS,
    { name: 'fresh', hook: null, rules: FRESH },
    { name: 'forward', hook: nft`type filter hook forward priority filter; policy drop;`, rules: FORWARD },
    ...hostChains(FORWARD),
    ...ANSWER_CHAINS,
  ];
}

/** Chain that holds the lifetimes; its lines change with the policy. */
export function lifetimeChain(lifetimes: readonly number[]): Chain {
  const rules = lifetimes.map((seconds, at) => nft`meta mark ${mark(at + 1)} add @born { ct id timeout ${seconds}s }`);
  return { name: 'born_in', hook: null, rules };
}

/** A flow that changes its rule while it lives is counted, but not judged, as an opening. */
const RECOUNT: readonly Nft[] = [0, 1].flatMap((slot) => [...ask(nft`conns${slot}`), nft`meta mark @conncount`]);

/** What is judged once, when a session opens; the word that `live` gave stands in `meta mark`. */
const OPENED: readonly Nft[] = [
  nft`${has(TIMED_BIT)} meta mark != @open ${deny('outside-hours')}`,
  ...ask(nft`gates`),
  nft`meta mark != ${ZERO} meta mark != @open meta mark set ct mark or ${mark(reasonMark('guardrail'))} goto deny_hard`,
  ...ask(nft`rails`),
  nft`meta mark != ${ZERO} meta mark != @open meta mark set ct mark or ${mark(reasonMark('guardrail'))} goto deny_hard`,
  ...ask(nft`fresh`),
  nft`meta mark != ${ZERO} meta mark != @open ${deny('session-expired')}`,
  // A connection stays in its count for some milliseconds after its opening was denied, so what is denied for its size is not counted.
  ...ask(nft`live`),
  nft`ct direction original ${has(SIZED_BIT)} meta mark . meta length != @sizes_sent ${deny('packet-size')}`,
  ...[0, 1].flatMap((slot) => [...ask(nft`conns${slot}`), nft`meta mark @conncount ${deny('too-many-connections')}`]),
  ...[0, 1].map((slot) => nft`limit name ct mark map @periods${slot} ${deny('too-many-connections')}`),
  ...[0, 1].map((slot) => nft`counter name ct mark map @tallies${slot}`),
  ...ask(nft`lives`),
  nft`jump born_in`,
];

/** Passes only between ends that hold nothing: ICMP errors, TCP that does not begin with a SYN, what conntrack does not know. */
const UNJUDGED: readonly Nft[] = [nft`saddr`, nft`daddr`]
  .flatMap((end) => [
    CLEAR,
    nft`meta mark set ip ${end} map @net4`,
    nft`meta mark set ip ${end} map @eid4`,
    nft`meta mark set ip6 ${end} map @net6`,
    nft`meta mark set ip6 ${end} map @eid6`,
    nft`meta mark and ${mark(STRICT_BIT)} != ${ZERO} meta mark set ${mark(reasonMark('bad-state'))} goto deny_hard`,
  ])
  .concat(nft`goto pass`);

/** By the chain that `live` names; what it does not name goes on. */
const LIVE = nft`meta mark set ct mark map @live meta mark and ${mark(CHAIN_BITS)} vmap { 0x10000000 : goto pass, 0x20000000 : goto usual, 0x30000000 : goto rich, 0x40000000 : goto tls, 0x50000000 : goto ssh }`;

const UNLEASED = nft`ct mark @leased goto unleased`;

/**
 * The flow carries a mark that is no longer live: it is looked up again, and lives on if it is still admitted. One that was refused begins
 * anew.
 */
const REBIND: readonly Nft[] = [
  nft`ct mark ${mark(CUT_MARK)} goto fresh`,
  ...BIND,
  nft`jump recount`,
  LIVE,
  UNLEASED,
  nft`goto refuse`,
];

/** A flow that was looked up for the first time. */
const JUDGED: readonly Nft[] = [
  nft`ct mark ${ZERO} goto refuse`,
  nft`meta mark set ct mark map @live ${has(OPENS_BIT)} jump opened`,
  LIVE,
  UNLEASED,
  nft`goto refuse`,
];

/** The flow needs a logon that is not there: only a ticket opens it, and only a flow that is new. */
const LOGON_CHAINS: readonly Chain[] = [
  {
    name: 'logged_off',
    hook: null,
    rules: [
      nft`meta mark set ct mark or ${mark(reasonMark('not-logged-on'))}`,
      nft`ct mark set ${mark(CUT_MARK)}`,
      nft`goto deny_hard`,
    ],
  },
  {
    name: 'redeem',
    hook: null,
    // The limit lets one packet through, whichever is first on however many processors; the flow then carries a mark of its own.
    rules: [
      nft`limit name ct mark map @tickets goto logged_off`,
      nft`ct mark set meta mark`,
      nft`meta mark set ct mark map @live ${has(OPENS_BIT)} jump opened`,
      LIVE,
      nft`goto refuse`,
    ],
  },
  {
    name: 'unleased',
    hook: null,
    rules: [nft`ct state new meta mark set ct mark map @redeems goto redeem`, nft`goto logged_off`],
  },
];

/** A connection that belongs to another is judged as any other, whatever mark it was given by that. */
const ODD: readonly Nft[] = [
  // Without these an end would send what is too large for the path again and again. They carry their connection's mark, which has to live.
  nft`ct state related icmp type destination-unreachable icmp code frag-needed meta mark set ct mark map @live goto pass`,
  nft`ct state related icmpv6 type packet-too-big meta mark set ct mark map @live goto pass`,
  nft`ct state != related goto unjudged`,
  nft`meta l4proto { icmp, icmpv6 } goto unjudged`,
  nft`ct mark set ${ZERO}`,
  ...BIND,
  nft`goto judged`,
];

/** The flow has no mark yet. What is new goes the shortest way: it is what a flood is made of. */
const FRESH: readonly Nft[] = [
  nft`ct state new meta nfproto vmap { ipv4 : goto new4, ipv6 : goto new6 }`,
  nft`ct state related goto odd`,
  ...BIND,
  nft`goto judged`,
];

/** Nobody but the machine has its addresses. The kernel sees to that for IPv4 alone. What the machine sends itself comes in at no device: that is 0. */
const OWN_SOURCE = nft`meta iif != { 0, 1 } fib saddr type local meta mark set ${mark(reasonMark('bad-state'))} goto drop_hard`;

const NEW_CHAINS: readonly Chain[] = [nft`4`, nft`6`].map((version) => ({
  name: `new${version.nft}`,
  hook: null,
  rules: [
    ...(version.nft === '6' ? [OWN_SOURCE] : []),
    nft`meta l4proto tcp tcp flags & (fin|syn|rst|ack) != syn goto unjudged`,
    nft`jump bind${version}_fwd`,
    nft`goto judged`,
  ],
}));

/** INVARIANT: what conntrack does not know has no mark, so no line that reads one applies to it. */
const FORWARD: readonly Nft[] = [
  nft`ct mark ${ZERO} goto fresh`,
  nft`ct state established,new ${LIVE}`,
  nft`ct state established,new goto rebind`,
  nft`goto odd`,
];
