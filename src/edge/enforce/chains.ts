// The chains: what happens to a packet. They are the same for every policy but for one line a lifetime; all else is content.
// INVARIANTS of research on nft 1.0.6: `meta mark` is 0 before each map lookup into it, because a failed lookup keeps the old value and
// ends only its rule; sets with limits or counts are asked once, or in the negated form; base chains are never deleted.

import { mark, type Nft, nft } from '#nft';
import type { Chain } from './chain.ts';
import { KERNEL_APPLICATIONS, SLOTS } from './holdable.ts';
import { hostChains } from './host-hooks.ts';
import { namesOf, WAIT_FOR_NAME } from './name-chains.ts';
import { ENFORCE_BIT, FREE_KEY, INSIDE_BIT, type KernelReason, reasonMark, STRICT_BIT } from './numbers.ts';

const ZERO = mark(0);
const CLEAR = nft`meta mark set ${ZERO}`;

/** Asks a map about the flow: the answer stands in `meta mark`, 0 for none. */
function ask(map: Nft): readonly Nft[] {
  return [CLEAR, nft`meta mark set ct mark map @${map}`];
}

/** A denial: reason and flow in one word. A flow that is only recorded comes back and goes on, so that every limit counts it. */
function deny(reason: KernelReason): Nft {
  return nft`meta mark set ct mark or ${mark(reasonMark(reason))} jump deny`;
}

export function chains(lifetimes: readonly number[]): readonly Chain[] {
  return [
    ...ENDINGS,
    ...LIMIT_CHAINS,
    lifetimeChain(lifetimes),
    ...APPLICATION_CHAINS,
    { name: 'enter', hook: null, rules: ENTER },
    ...BIND_CHAINS,
    { name: 'recount', hook: null, rules: RECOUNT },
    { name: 'opened', hook: null, rules: OPENED },
    { name: 'unjudged', hook: null, rules: UNJUDGED },
    { name: 'odd', hook: null, rules: ODD },
    { name: 'rebind', hook: null, rules: REBIND },
    { name: 'forward', hook: nft`type filter hook forward priority filter; policy drop;`, rules: FORWARD },
    ...hostChains(FORWARD),
  ];
}

/** Chain that holds the lifetimes; its lines change with the policy. */
export function lifetimeChain(lifetimes: readonly number[]): Chain {
  const rules = lifetimes.map((seconds, at) => nft`meta mark ${mark(at + 1)} add @born { ct id timeout ${seconds}s }`);
  return { name: 'born_in', hook: null, rules };
}

/** Counts the denial, and shows some packets of each source to whoever listens. */
function recordChains(version: 4 | 6): readonly Chain[] {
  const family = version === 4 ? nft`ip` : nft`ip6`;
  const ends = nft`meta mark . ${family} saddr . ${family} daddr . meta l4proto`;
  const show = nft`update @told${version} { ${family} saddr limit rate 2/second burst 5 packets } log prefix "picket" group 7 snaplen 96`;
  return [
    { name: `record_portless${version}`, hook: null, rules: [nft`update @portless${version} { ${ends} }`, show] },
    {
      name: `record${version}`,
      hook: null,
      rules: [
        nft`meta l4proto != { tcp, udp, sctp } goto record_portless${version}`,
        nft`update @denied${version} { ${ends} . th dport }`,
        show,
      ],
    },
  ];
}

const RECORD: readonly Nft[] = [nft`meta nfproto vmap { ipv4 : goto record4, ipv6 : goto record6 }`];

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

const ENDINGS: readonly Chain[] = [
  ...recordChains(4),
  ...recordChains(6),
  { name: 'record', hook: null, rules: RECORD },
  { name: 'pass', hook: null, rules: [CLEAR, nft`accept`] },
  { name: 'close', hook: null, rules: CLOSE },
  { name: 'deny_hard', hook: null, rules: [nft`jump record`, nft`goto close`] },
  { name: 'deny', hook: null, rules: [nft`jump record`, nft`ct mark @audit return`, nft`goto close`] },
  {
    name: 'refuse_silently',
    hook: null,
    rules: [nft`meta mark set ${mark(reasonMark('no-rule'))}`, nft`jump record`, nft`drop`],
  },
  {
    name: 'refuse',
    hook: null,
    rules: [
      nft`meta mark set ct mark`,
      nft`ct mark set ${ZERO}`,
      nft`meta mark and 0xf0000000 == ${ZERO} meta mark set meta mark or ${mark(reasonMark('no-rule'))}`,
      nft`goto deny_hard`,
    ],
  },
];

/** Hours, then size, rates and volumes of the packet's direction. */
const HOURS: readonly Nft[] = [
  ...ask(nft`sched`),
  nft`meta mark != ${ZERO} meta mark != @open meta mark != @drains ${deny('outside-hours')}`,
];

function directed(way: Nft, slots: number): readonly Nft[] {
  const each = (rule: (slot: number) => Nft): readonly Nft[] => Array.from({ length: slots }, (_, slot) => rule(slot));
  return [
    ...ask(nft`size_${way}`),
    nft`meta mark != ${ZERO} meta mark . meta length != @sizes ${deny('packet-size')}`,
    ...each((slot) => nft`limit name ct mark map @rate_${way}${slot} ${deny('over-rate')}`),
    ...each((slot) => nft`quota name ct mark map @quota_${way}${slot} ${deny('over-volume')}`),
    nft`goto pass`,
  ];
}

const SENT = nft`sent`;
const RECEIVED = nft`received`;

const LIMIT_CHAINS: readonly Chain[] = [
  { name: 'sent1', hook: null, rules: directed(SENT, 1) },
  { name: 'received1', hook: null, rules: directed(RECEIVED, 1) },
  { name: 'sent4', hook: null, rules: directed(SENT, SLOTS) },
  { name: 'received4', hook: null, rules: directed(RECEIVED, SLOTS) },
  { name: 'usual', hook: null, rules: [...HOURS, nft`ct direction original goto sent1`, nft`goto received1`] },
  {
    name: 'rich',
    hook: null,
    rules: [
      ...ask(nft`lives`),
      nft`meta mark != ${ZERO} ct id != @born ${deny('session-expired')}`,
      nft`meta nfproto ipv4 tcp flags & syn == syn tcp option maxseg size set ct mark map @mss4`,
      nft`meta nfproto ipv6 tcp flags & syn == syn tcp option maxseg size set ct mark map @mss6`,
      ...HOURS,
      nft`ct direction original goto sent4`,
      nft`goto received4`,
    ],
  },
];

/** First bytes exactly as the capture room tells them: a record of TLS 1.x with a hello, an SSH banner. */
const FIRST_BYTES: readonly Nft[] = [
  nft`@ih,0,16 0x1603 @ih,16,8 <= 4 @ih,24,16 4-16640 @ih,40,8 { 1, 2 }`,
  nft`@ih,0,32 0x5353482d`,
];

/** INVARIANT: until the first bytes fit, nothing but packets without payload passes, in either direction. */
const APPLICATION_CHAINS: readonly Chain[] = [
  {
    name: 'prove',
    hook: null,
    // The chain with every limit holds whatever the rule has; going back to the dispatch would be a circle, which nft refuses.
    rules: [nft`ct mark set ct mark map @proven`, nft`goto rich`],
  },
  ...KERNEL_APPLICATIONS.flatMap((_, at) => applicationChain(at)),
];

/**
 * Only the bytes at the very beginning of what the initiator sends prove an application: the responder's answer to the SYN says which
 * sequence number that is. A fitting segment further on proves nothing, because what stands before it could follow later.
 */
function applicationChain(at: number): readonly Chain[] {
  const name = KERNEL_APPLICATIONS[at] ?? '';
  const pattern = FIRST_BYTES[at];
  if (pattern === undefined) return [];
  const rules = [
    nft`ct direction reply tcp flags & (syn|ack) == syn|ack add @began { ct id . tcp ackseq timeout 60s }`,
    nft`ct direction original ct id . tcp sequence @began ${pattern} goto prove`,
    nft`ct direction reply ${pattern} goto rich`,
    nft`@ih,0,8 0x00-0xff ${deny('wrong-application')}`,
    nft`goto rich`,
  ];
  return [{ name, hook: null, rules }];
}

/** By the chain that `live` names; what it does not name goes on. */
const ENTER: readonly Nft[] = [
  nft`meta mark vmap { 0x1 : goto pass, 0x2 : goto usual, 0x3 : goto rich, 0x4 : goto tls, 0x5 : goto ssh }`,
];

/** Classes of both ends: the initiator's in `meta mark`, the responder's in `ct mark`. Single addresses go before ranges. */
function classesOf(initiator: Nft, responder: Nft, version: 4 | 6): readonly Nft[] {
  const family = version === 4 ? nft`ip` : nft`ip6`;
  const load = (into: Nft, end: Nft): readonly Nft[] => [
    nft`${into} set ${family} ${end} map @eid${version}`,
    nft`${into} ${ZERO} ${into} set ${family} ${end} map @net${version}`,
  ];
  return [...load(nft`meta mark`, initiator), ...load(nft`ct mark`, responder), namesOf(initiator, responder, version)];
}

const SADDR = nft`saddr`;
const DADDR = nft`daddr`;

/** The flow's number by port, protocol and classes: from the most particular map to the least; INVARIANT: a miss leaves `ct mark` 0. */
function lookup(port: Nft): readonly Nft[] {
  return [
    nft`meta l4proto != { tcp, udp, sctp } goto portless`,
    nft`ct mark set th ${port} . meta l4proto . meta mark . ct mark map @exact return`,
    nft`ct mark set th ${port} . meta l4proto . meta mark . ct mark map @ranges return`,
    nft`goto portless`,
  ];
}

/** Looks a flow up in one direction: by version, then by port. */
function bindChains(
  way: Nft,
  { initiator, responder, port }: { readonly initiator: Nft; readonly responder: Nft; readonly port: Nft },
): readonly Chain[] {
  const versions = ([4, 6] as const).map((version) => ({
    name: `bind${version}_${way.nft}`,
    hook: null,
    rules: [...classesOf(initiator, responder, version), ...lookup(port)],
  }));
  const choose = nft`meta nfproto vmap { ipv4 : goto bind4_${way}, ipv6 : goto bind6_${way} }`;
  return [...versions, { name: `bind_${way.nft}`, hook: null, rules: [CLEAR, nft`ct mark set ${ZERO}`, choose] }];
}

const BIND_CHAINS: readonly Chain[] = [
  {
    name: 'unruled',
    hook: null,
    rules: [nft`ct mark set ${mark(FREE_KEY)}`, nft`ct mark set ct mark map @free return`, nft`ct mark set ${ZERO}`],
  },
  {
    name: 'portless',
    hook: null,
    rules: [
      nft`ct mark set meta l4proto . meta mark . ct mark map @anyport return`,
      nft`ct mark set meta mark . ct mark map @anyproto return`,
      nft`meta mark and ${mark(ENFORCE_BIT)} == ${ZERO} ct mark and ${mark(ENFORCE_BIT)} == ${ZERO} goto unruled`,
      WAIT_FOR_NAME,
      nft`ct mark set ${ZERO}`,
    ],
  },
  ...bindChains(nft`fwd`, { initiator: SADDR, responder: DADDR, port: nft`dport` }),
  ...bindChains(nft`rev`, { initiator: DADDR, responder: SADDR, port: nft`sport` }),
];

/** A flow that changes its rule while it lives is counted, but not judged, as an opening. */
const RECOUNT: readonly Nft[] = [0, 1].flatMap((slot) => [...ask(nft`conns${slot}`), nft`meta mark @conncount`]);

/** A connection stays in its count for some milliseconds after its opening was denied, so what is denied for its size is not counted first. */
const SIZE_OF_OPENING: readonly Nft[] = [
  ...ask(nft`size_sent`),
  nft`ct direction original meta mark != ${ZERO} meta mark . meta length != @sizes ${deny('packet-size')}`,
];

/** What is judged once, when a session opens. */
const OPENED: readonly Nft[] = [
  ...ask(nft`sched`),
  nft`meta mark != ${ZERO} meta mark != @open ${deny('outside-hours')}`,
  ...ask(nft`gates`),
  nft`meta mark != ${ZERO} meta mark != @open meta mark set ct mark or ${mark(reasonMark('guardrail'))} goto deny_hard`,
  ...SIZE_OF_OPENING,
  ...[0, 1].flatMap((slot) => [...ask(nft`conns${slot}`), nft`meta mark @conncount ${deny('too-many-connections')}`]),
  ...[0, 1].map((slot) => nft`limit name ct mark map @periods${slot} ${deny('too-many-connections')}`),
  ...[0, 1].map((slot) => nft`counter name ct mark map @tallies${slot}`),
  ...ask(nft`lives`),
  nft`jump born_in`,
];

/** Passes only between ends that hold nothing: ICMP errors, TCP that does not begin with a SYN, what conntrack calls invalid. */
const UNJUDGED: readonly Nft[] = [SADDR, DADDR]
  .flatMap((end) => [
    CLEAR,
    nft`meta mark set ip ${end} map @net4`,
    nft`meta mark set ip ${end} map @eid4`,
    nft`meta mark set ip6 ${end} map @net6`,
    nft`meta mark set ip6 ${end} map @eid6`,
    nft`meta mark and ${mark(STRICT_BIT)} != ${ZERO} meta mark set ${mark(reasonMark('bad-state'))} goto deny_hard`,
  ])
  .concat(nft`goto pass`);

const ODD: readonly Nft[] = [
  nft`ct state invalid,untracked goto unjudged`,
  nft`meta l4proto { icmp, icmpv6 } goto unjudged`,
];

const LOOK: readonly Nft[] = [...ask(nft`live`), nft`jump enter`];
const BIND: readonly Nft[] = [nft`ct direction original jump bind_fwd`, nft`ct direction reply jump bind_rev`];

/** The flow carries a mark that is no longer live: it is looked up again, and lives on if it is still admitted. */
const REBIND: readonly Nft[] = [...BIND, nft`jump recount`, ...LOOK, nft`goto refuse`];

const FORWARD: readonly Nft[] = [
  nft`ct state invalid,related,untracked jump odd`,
  ...LOOK,
  nft`ct mark != ${ZERO} goto rebind`,
  nft`ct state new meta l4proto tcp tcp flags & (fin|syn|rst|ack) != syn goto unjudged`,
  ...BIND,
  // A scan from outside ends here: the class of its source is at hand, and nothing else has to be asked.
  nft`ct mark ${ZERO} ct direction original meta mark and ${mark(INSIDE_BIT)} == ${ZERO} goto refuse_silently`,
  nft`ct mark ${ZERO} goto refuse`,
  ...ask(nft`live`),
  nft`meta mark != ${ZERO} jump opened`,
  ...LOOK,
  nft`goto refuse`,
];
