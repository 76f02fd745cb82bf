// What happens to a frame that comes in at a port: the chains of Picket's table in the netdev family, the same for every bridge.
// INVARIANTS: a port's chain ends in a drop, so what no line here permits does not enter, whether the bindings are there or not; a line that
// drops because something is not in a set stands where nft cannot pass it over for a reason of its own (see TAGGED_SENDER in sets.ts).

import { mark, type Nft, nft } from '#nft';
import { PORT_REASONS, type PortReason, SPOOFING_MARK } from './sets.ts';

export interface PortChain {
  readonly name: Nft;
  readonly rules: readonly Nft[];
}

/** NFLOG group that Picket's tables share. */
const LOG_GROUP = 7;

function violate(reason: PortReason): Nft {
  return nft`meta mark set ${mark(SPOOFING_MARK + PORT_REASONS[reason])} goto violation`;
}

/** Chains that end a frame's way, or hold for every sender. */
const COMMON: readonly PortChain[] = [
  {
    name: nft`violation`,
    rules: [
      nft`update @violations { iifname . ether saddr . meta mark }`,
      nft`update @told { iifname limit rate 2/second burst 5 packets } log prefix "picket-port" group ${LOG_GROUP} snaplen 128`,
      nft`drop`,
    ],
  },
  // Without a binding a device may ask for an address and be authenticated, slowly; beyond the rate it is not heard.
  {
    name: nft`ask`,
    rules: [nft`update @asking { iifname limit rate 10/second burst 20 packets } accept`, nft`drop`],
  },
  { name: nft`rogue`, rules: [violate('rogue')] },
  { name: nft`icmp4`, rules: [nft`icmp type { redirect, router-advertisement } goto rogue`] },
  { name: nft`udp4`, rules: [nft`udp sport 67 goto rogue`] },
  { name: nft`udp6`, rules: [nft`udp sport 547 goto rogue`] },
  // A group is reported before there is an address; nobody needs it then.
  { name: nft`groups`, rules: [nft`ip6 saddr :: drop`] },
];

/** How a frame's sender and what it says are found, with a tag or without. */
interface Kind {
  /** Before the names of its chains and sets. */
  readonly prefix: Nft;
  readonly sender: Nft;
  readonly four: Nft;
  readonly six: Nft;
  readonly arp: Nft;
  /** Length of what follows IPv6's header. */
  readonly length: Nft;
  /** What becomes of a frame whose sender is not bound in this way: before it is known what is wrong with it. */
  readonly strangers: Nft | null;
  readonly hasUnbound: boolean;
}

const UNTAGGED: Kind = {
  prefix: nft``,
  sender: nft`iifname . ether saddr`,
  four: nft`ip saddr`,
  six: nft`ip6 saddr`,
  arp: nft`arp saddr ether . arp saddr ip`,
  length: nft`ip6 length`,
  strangers: nft`iifname . ether saddr != @stations ${violate('mac')}`,
  hasUnbound: true,
};

/** Strangers were dropped before, and nobody without binding is heard: which network a tag leads into is not theirs to choose. */
const TAGGED: Kind = {
  prefix: nft`tagged_`,
  sender: nft`iifname . vlan id . ether saddr`,
  four: nft`@nh,96,32`,
  six: nft`@nh,64,128`,
  arp: nft`@nh,64,48 . @nh,112,32`,
  length: nft`@nh,32,16`,
  strangers: null,
  hasUnbound: false,
};

function ifUnbound(kind: Kind, rule: Nft): readonly Nft[] {
  return kind.hasUnbound ? [rule] : [];
}

/** What stands at the end of a chain: the sender is not here at all, or says what is not its own. */
function otherwise({ strangers }: Kind, reason: PortReason): readonly Nft[] {
  return [...(strangers === null ? [] : [strangers]), violate(reason)];
}

function fourChains(kind: Kind): readonly PortChain[] {
  const { prefix, sender, four, arp } = kind;
  return [
    {
      name: nft`${prefix}dhcp4`,
      rules: [
        nft`${sender} . @th,288,48 @${prefix}clients accept`,
        nft`${sender} @${prefix}stations ${violate('dhcp')}`,
        ...ifUnbound(kind, nft`goto ask`),
      ],
    },
    {
      name: nft`${prefix}four`,
      rules: [
        nft`ip protocol vmap { udp : jump udp4, icmp : jump icmp4 }`,
        nft`${sender} . ${four} @${prefix}bound4 accept`,
        nft`ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 goto ${prefix}dhcp4`,
        nft`ip saddr 0.0.0.0 ip protocol igmp drop`,
        ...otherwise(kind, 'address'),
      ],
    },
    {
      name: nft`${prefix}resolve`,
      rules: [
        nft`${sender} . ${arp} @${prefix}arps accept`,
        ...ifUnbound(kind, nft`arp saddr ip 0.0.0.0 arp operation request ${sender} != @stations goto ask`),
        ...otherwise(kind, 'arp'),
      ],
    },
  ];
}

/** Only with these options, so that there is no place where another MAC could stand (RFC 4861, 4.3 and 4.4). */
function neighbourChains(kind: Kind): readonly PortChain[] {
  const { prefix, sender, six, length } = kind;
  const strange = nft`${sender} . ${six} != @${prefix}bound6 goto ${prefix}six_stranger`;
  const isWhole = nft`ip6 nexthdr != ipv6-icmp ${violate('neighbour')}`;
  return [
    { name: nft`${prefix}six_stranger`, rules: otherwise(kind, 'address') },
    {
      name: nft`${prefix}solicit`,
      rules: [
        // The gateway answers for every address that is bound, so a device that asks whether its own is free would be told that it is not.
        nft`ip6 saddr :: drop`,
        isWhole,
        strange,
        nft`ip6 length 24 accept`,
        nft`${length} 32 @th,192,16 0x0101 ${sender} . @th,208,48 @${prefix}links accept`,
        violate('neighbour'),
      ],
    },
    {
      name: nft`${prefix}advert`,
      rules: [
        isWhole,
        strange,
        nft`${sender} . @th,64,128 != @${prefix}targets ${violate('neighbour')}`,
        nft`ip6 length 24 accept`,
        nft`${length} 32 @th,192,16 0x0201 ${sender} . @th,208,48 @${prefix}links accept`,
        violate('neighbour'),
      ],
    },
    {
      name: nft`${prefix}routers`,
      rules: [
        isWhole,
        nft`ip6 saddr :: goto ask`,
        strange,
        nft`ip6 length 8 accept`,
        nft`${length} 16 @th,64,16 0x0101 ${sender} . @th,80,48 @${prefix}solicitors accept`,
        violate('neighbour'),
      ],
    },
  ];
}

function sixChains(kind: Kind): readonly PortChain[] {
  const { prefix, sender, six } = kind;
  const messages = nft`{ nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect }`;
  return [
    ...neighbourChains(kind),
    {
      name: nft`${prefix}icmp6`,
      rules: [
        // Pieces could hide what they are; neighbour messages are never cut (RFC 6980).
        nft`exthdr frag exists icmpv6 type ${messages} ${violate('neighbour')}`,
        nft`icmpv6 type vmap { nd-router-advert : goto rogue, nd-redirect : goto rogue, nd-neighbor-solicit : goto ${prefix}solicit, nd-neighbor-advert : goto ${prefix}advert, nd-router-solicit : goto ${prefix}routers, mld-listener-report : jump groups, mld2-listener-report : jump groups }`,
        nft`${sender} . ${six} @${prefix}bound6 accept`,
        nft`goto ${prefix}six_stranger`,
      ],
    },
    {
      name: nft`${prefix}six`,
      rules: [
        nft`meta l4proto vmap { ipv6-icmp : goto ${prefix}icmp6, udp : jump udp6 }`,
        nft`${sender} . ${six} @${prefix}bound6 accept`,
        ...ifUnbound(
          kind,
          nft`ip6 saddr fe80::/10 ip6 daddr ff02::1:2 udp sport 546 udp dport 547 ${sender} != @stations goto ask`,
        ),
        nft`goto ${prefix}six_stranger`,
      ],
    },
  ];
}

const DISPATCH: readonly PortChain[] = [
  {
    name: nft`others`,
    rules: [
      // 802.1X comes before everything else, LLDP tells who stands here; neither is handed on by a bridge.
      nft`ether type 0x888e iifname . ether saddr @stations accept`,
      nft`ether type 0x888e goto ask`,
      nft`ether type 0x88cc iifname . ether saddr @stations accept`,
      ...otherwise(UNTAGGED, 'protocol'),
    ],
  },
  {
    name: nft`tagged`,
    rules: [
      nft`iifname . vlan id . ether saddr != @tagged_stations ${violate('vlan')}`,
      nft`meta protocol vmap { ip : goto tagged_four, ip6 : goto tagged_six, arp : goto tagged_resolve }`,
      violate('vlan'),
    ],
  },
  {
    name: nft`guarded`,
    rules: [
      nft`ether type vmap { ip : goto four, ip6 : goto six, arp : goto resolve, 8021q : goto tagged }`,
      nft`goto others`,
    ],
  },
  {
    name: nft`uplink`,
    rules: [
      nft`ether saddr @macs ${violate('mac')}`,
      nft`ip saddr @taken4 ${violate('address')}`,
      nft`ip6 saddr @taken6 ${violate('address')}`,
      nft`arp saddr ip @taken4 ${violate('arp')}`,
      nft`icmpv6 type nd-neighbor-advert @th,64,128 @announced ${violate('neighbour')}`,
      nft`accept`,
    ],
  },
];

export const PORT_CHAINS: readonly PortChain[] = [
  ...COMMON,
  ...[UNTAGGED, TAGGED].flatMap((kind) => [...fourChains(kind), ...sixChains(kind)]),
  ...DISPATCH,
];
