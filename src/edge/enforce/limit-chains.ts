// The chains that hold a live session to its limits, packet by packet. The word that `live` gave stands in `meta mark`. Not the openings.

import { mark, type Nft, nft } from '#nft';
import type { Chain } from './chain.ts';
import { KERNEL_APPLICATIONS, SLOTS } from './holdable.ts';
import { CAPPED_BIT, RATED_BIT, SIZED_BIT, TIMED_BIT } from './live.ts';
import { deny } from './record-chains.ts';

const ZERO = mark(0);

/** Asks a map about the flow: the answer stands in `meta mark`, 0 for none. */
export function ask(map: Nft): readonly Nft[] {
  return [nft`meta mark set ${ZERO}`, nft`meta mark set ct mark map @${map}`];
}

/** Whether the word asks for a limit. */
export function has(bit: number): Nft {
  return nft`meta mark and ${mark(bit)} != ${ZERO}`;
}

function directed(way: Nft, slots: number): readonly Nft[] {
  const each = (rule: (slot: number) => Nft): readonly Nft[] => Array.from({ length: slots }, (_, slot) => rule(slot));
  return [
    nft`${has(SIZED_BIT)} meta mark . meta length != @sizes_${way} ${deny('packet-size')}`,
    ...each((slot) => nft`${has(RATED_BIT)} limit name ct mark map @rate_${way}${slot} ${deny('over-rate')}`),
    ...each((slot) => nft`${has(CAPPED_BIT)} quota name ct mark map @quota_${way}${slot} ${deny('over-volume')}`),
    nft`meta mark set ${ZERO} accept`,
  ];
}

const SENT = nft`sent`;
const RECEIVED = nft`received`;

/** Hours, then size, rates and volumes of the packet's direction. */
const HOURS = nft`${has(TIMED_BIT)} meta mark != @open meta mark != @drains ${deny('outside-hours')}`;

const LIMIT_CHAINS: readonly Chain[] = [
  { name: 'sent1', hook: null, rules: directed(SENT, 1) },
  { name: 'received1', hook: null, rules: directed(RECEIVED, 1) },
  { name: 'sent4', hook: null, rules: directed(SENT, SLOTS) },
  { name: 'received4', hook: null, rules: directed(RECEIVED, SLOTS) },
  { name: 'usual', hook: null, rules: [HOURS, nft`ct direction original goto sent1`, nft`goto received1`] },
  {
    name: 'rich_limits',
    hook: null,
    rules: [
      nft`meta nfproto ipv4 tcp flags & syn == syn tcp option maxseg size set ct mark map @mss4`,
      nft`meta nfproto ipv6 tcp flags & syn == syn tcp option maxseg size set ct mark map @mss6`,
      HOURS,
      nft`ct direction original goto sent4`,
      nft`goto received4`,
    ],
  },
  {
    name: 'rich',
    hook: null,
    rules: [
      ...ask(nft`lives`),
      nft`meta mark != ${ZERO} ct id != @born ${deny('session-expired')}`,
      nft`meta mark set ct mark map @live goto rich_limits`,
      nft`goto refuse`,
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

/** Chains that go through limits, each after those that it goes to. */
export const LIMITS: readonly Chain[] = [...LIMIT_CHAINS, ...APPLICATION_CHAINS];
