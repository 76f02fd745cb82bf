// Declarations of the table's sets and maps. INVARIANT: at most five fields in a concatenation, and no `flags owner`: nft 1.0.6 cannot
// list the former, and the latter makes the table vanish with its owner. Not their content.

import { type Nft, nft } from '#nft';
import type { SetName } from './content.ts';

const MARK_SET = nft`type mark;`;
const SIZES = nft`typeof meta mark . meta length; flags interval;`;
const TO_MARK = nft`type mark : mark;`;
const TO_QUOTA = nft`type mark : quota;`;
const TO_LIMIT = nft`type mark : limit;`;

const TO_COUNTER = nft`type mark : counter;`;

/** A map, or a set where the declaration gives no value. */
interface Declaration {
  readonly kind: 'map' | 'set';
  readonly body: Nft;
}

const map = (body: Nft): Declaration => ({ kind: 'map', body });
const set = (body: Nft): Declaration => ({ kind: 'set', body });

/** `conncount` is declared with a count that no element uses, because nft wants one. */
const DECLARATIONS: Readonly<Record<SetName, Declaration>> = {
  eid4: map(nft`type ipv4_addr : mark;`),
  eid6: map(nft`type ipv6_addr : mark;`),
  net4: map(nft`type ipv4_addr : mark; flags interval;`),
  net6: map(nft`type ipv6_addr : mark; flags interval;`),
  exact: map(nft`type inet_service . inet_proto . mark . mark : mark;`),
  wide: set(nft`type mark . mark;`),
  ranges: map(nft`type inet_service . inet_proto . mark . mark : mark; flags interval;`),
  anyport: map(nft`type inet_proto . mark . mark : mark;`),
  anyproto: map(nft`type mark . mark : mark;`),
  free: map(TO_MARK),
  live: map(nft`type mark : mark; flags timeout;`),
  proven: map(TO_MARK),
  audit: set(MARK_SET),
  open: set(nft`type mark; flags timeout;`),
  drains: set(nft`type mark; flags timeout;`),
  gates: map(TO_MARK),
  rails: map(TO_MARK),
  fresh: map(TO_MARK),
  leased: set(MARK_SET),
  tickets: map(TO_LIMIT),
  redeems: map(nft`type mark : mark; flags timeout;`),
  sizes_sent: set(SIZES),
  sizes_received: set(SIZES),
  quota_sent0: map(TO_QUOTA),
  quota_sent1: map(TO_QUOTA),
  quota_sent2: map(TO_QUOTA),
  quota_sent3: map(TO_QUOTA),
  quota_received0: map(TO_QUOTA),
  quota_received1: map(TO_QUOTA),
  quota_received2: map(TO_QUOTA),
  quota_received3: map(TO_QUOTA),
  rate_sent0: map(TO_LIMIT),
  rate_sent1: map(TO_LIMIT),
  rate_sent2: map(TO_LIMIT),
  rate_sent3: map(TO_LIMIT),
  rate_received0: map(TO_LIMIT),
  rate_received1: map(TO_LIMIT),
  rate_received2: map(TO_LIMIT),
  rate_received3: map(TO_LIMIT),
  conns0: map(TO_MARK),
  conns1: map(TO_MARK),
  conncount: set(nft`type mark; ct count over 1000000;`),
  periods0: map(TO_LIMIT),
  periods1: map(TO_LIMIT),
  tallies0: map(TO_COUNTER),
  tallies1: map(TO_COUNTER),
  lives: map(TO_MARK),
  mss4: map(nft`typeof ct mark : tcp option maxseg size;`),
  mss6: map(nft`typeof ct mark : tcp option maxseg size;`),
};

/** Flows whose lifetime runs. When full, a further flow with a lifetime is denied: the chains ask whether it is there. */
const BORN_MAX = 262_144;
/** Connections whose first bytes are awaited. When full, a further one cannot prove its application and is denied. */
const BEGAN_MAX = 65_536;
/** Denials told apart. When full, further ones are not counted, and denied all the same. */
const DENIED_MAX = 16_384;
/** What a denial's element keeps: how many, and whether they are so many that no more are shown. */
const COUNTED = nft`counter limit rate over 1/second burst 4 packets;`;
/** Sources whose log lines are counted, so that one flooder does not hide others. */
const LOGGED_MAX = 16_384;

/** Sets that packets fill: bounded, and each says above what happens when it is full; and what the agent notes for itself. */
const DYNAMIC: readonly Nft[] = [
  // Filled from DNS answers: client and server, and the class that the client's names make of the server.
  nft`map named4 { type ipv4_addr . ipv4_addr : mark; flags timeout; }`,
  nft`map named6 { type ipv6_addr . ipv6_addr : mark; flags timeout; }`,
  // Two facts that outlive the agent: 1 the transaction that made this content, 2 the next mark that was never given.
  nft`map state { type mark : mark; }`,
  nft`set born { typeof ct id; flags dynamic,timeout; size ${BORN_MAX}; }`,
  nft`set began { typeof ct id . tcp ackseq; flags dynamic,timeout; size ${BEGAN_MAX}; }`,
  nft`set denied4 { type mark . ipv4_addr . ipv4_addr . inet_proto . inet_service; flags dynamic,timeout; size ${DENIED_MAX}; timeout 10m; ${COUNTED} }`,
  nft`set denied6 { type mark . ipv6_addr . ipv6_addr . inet_proto . inet_service; flags dynamic,timeout; size ${DENIED_MAX}; timeout 10m; ${COUNTED} }`,
  nft`set portless4 { type mark . ipv4_addr . ipv4_addr . inet_proto; flags dynamic,timeout; size ${DENIED_MAX}; timeout 10m; ${COUNTED} }`,
  nft`set portless6 { type mark . ipv6_addr . ipv6_addr . inet_proto; flags dynamic,timeout; size ${DENIED_MAX}; timeout 10m; ${COUNTED} }`,
  nft`set told4 { type ipv4_addr; flags dynamic,timeout; size ${LOGGED_MAX}; timeout 5m; }`,
  nft`set told6 { type ipv6_addr; flags dynamic,timeout; size ${LOGGED_MAX}; timeout 5m; }`,
];

/** One line for each set and map. */
export function setLines(): readonly Nft[] {
  const declared = Object.entries(DECLARATIONS).map(([name, { kind, body }]) => ({
    nft: `${kind} ${name} { ${body.nft} }`,
  }));
  return [...declared, ...DYNAMIC];
}
