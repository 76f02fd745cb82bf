// What happens to a frame that comes in at a port: the sets and chains of Picket's table in the netdev family, the same for every bridge.
// INVARIANT: a port's chain ends in a drop, so what no line here permits does not enter, whether the bindings are there or not.

import { mark, type Nft, nft } from '#nft';

/** Why a frame was dropped. `mac`: the sender is not bound to this port. `rogue`: only a router or a DHCP server says this. */
export const PORT_REASONS = {
  mac: 1,
  address: 2,
  arp: 3,
  neighbour: 4,
  rogue: 5,
  vlan: 6,
  dhcp: 7,
  protocol: 8,
} as const;

export type PortReason = keyof typeof PORT_REASONS;

/** In the highest four bits of a logged packet's mark: spoofing. Below it stands the number of the reason. */
export const SPOOFING_MARK = 0xe000_0000;
/** NFLOG group that Picket's tables share. */
const LOG_GROUP = 7;

export interface PortSet {
  readonly name: Nft;
  readonly body: Nft;
}

/** Sets that hold bindings; each is a hash, so a frame costs the same with one device and with many. */
export const BINDING_SETS = {
  /** Who may speak untagged at which port. */
  stations: { family: nft`netdev`, body: nft`typeof iifname . ether saddr` },
  /** Who may speak with which tag. */
  tagged: { family: nft`netdev`, body: nft`typeof iifname . vlan id . ether saddr` },
  bound4: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . ip saddr` },
  bound6: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . ip6 saddr` },
  /** Frame's sender, ARP's sender and its address. */
  arps: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . arp saddr ether . arp saddr ip` },
  /** Frame's sender, and the link-layer address in a neighbour message, in a router solicitation, in a DHCP request: the same MAC. */
  links: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . @th,208,48` },
  solicitors: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . @th,80,48` },
  clients: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . @th,288,48` },
  /** Whose address a neighbour advertisement may announce. */
  targets: { family: nft`netdev`, body: nft`typeof iifname . ether saddr . @th,64,128` },
  /** All that is bound at any port, and what the bridge itself has: nobody at the uplink speaks for these. */
  macs: { family: nft`netdev`, body: nft`typeof ether saddr` },
  taken4: { family: nft`netdev`, body: nft`typeof ip saddr` },
  taken6: { family: nft`netdev`, body: nft`typeof ip6 saddr` },
  announced: { family: nft`netdev`, body: nft`typeof @th,64,128` },
  /** The MACs that stand at ports: a frame between two of them goes to the bridge itself. */
  peers: { family: nft`netdev`, body: nft`typeof ether daddr` },
  /** Of whom the bridge answers, and to whom; and what is its own. */
  answered: { family: nft`arp`, body: nft`type ipv4_addr` },
  own: { family: nft`arp`, body: nft`type ipv4_addr` },
} as const;

export type BindingSet = keyof typeof BINDING_SETS;

/** Pairs of port, MAC and reason that are counted; when full, further ones are dropped without being counted. */
const VIOLATIONS_MAX = 4_096;

/** Sets that packets fill: what was violated, who was shown, who asks for an address. */
export const WORKING_SETS: readonly PortSet[] = [
  {
    name: nft`violations`,
    body: nft`typeof iifname . ether saddr . meta mark ; size ${VIOLATIONS_MAX} ; flags dynamic, timeout ; timeout 1d ; counter ;`,
  },
  { name: nft`told`, body: nft`typeof iifname ; size ${VIOLATIONS_MAX} ; flags dynamic, timeout ; timeout 1m ;` },
  { name: nft`asking`, body: nft`typeof iifname ; size ${VIOLATIONS_MAX} ; flags dynamic, timeout ; timeout 1m ;` },
];

export interface PortChain {
  readonly name: Nft;
  readonly rules: readonly Nft[];
}

function violate(reason: PortReason): Nft {
  return nft`meta mark set ${mark(SPOOFING_MARK + PORT_REASONS[reason])} goto violation`;
}

/** What stands at the end of each chain: the sender is not here at all, or says what is not its own. Tagged senders were checked before. */
function otherwise(reason: PortReason): readonly Nft[] {
  return [nft`ether type != 8021q iifname . ether saddr != @stations goto stranger`, violate(reason)];
}

/** In the order in which they have to be made: a chain before who goes to it. */
export const PORT_CHAINS: readonly PortChain[] = [
  {
    name: nft`violation`,
    rules: [
      nft`update @violations { iifname . ether saddr . meta mark }`,
      nft`update @told { iifname limit rate 2/second burst 5 packets } log prefix "picket-port" group ${LOG_GROUP} snaplen 128`,
      nft`drop`,
    ],
  },
  { name: nft`stranger`, rules: [violate('mac')] },
  // Without a binding a device may ask for an address and be authenticated, slowly; beyond the rate it is not heard.
  {
    name: nft`ask`,
    rules: [nft`update @asking { iifname limit rate 10/second burst 20 packets } accept`, nft`drop`],
  },
  { name: nft`rogue`, rules: [violate('rogue')] },
  {
    name: nft`dhcp4`,
    rules: [
      nft`iifname . ether saddr . @th,288,48 @clients accept`,
      nft`iifname . ether saddr @stations meta mark set ${mark(SPOOFING_MARK + PORT_REASONS.dhcp)} goto violation`,
      nft`goto ask`,
    ],
  },
  { name: nft`icmp4`, rules: [nft`icmp type { redirect, router-advertisement } goto rogue`] },
  { name: nft`udp4`, rules: [nft`udp sport 67 goto rogue`] },
  {
    name: nft`four`,
    rules: [
      nft`ip protocol vmap { udp : jump udp4, icmp : jump icmp4 }`,
      nft`iifname . ether saddr . ip saddr @bound4 accept`,
      nft`ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 goto dhcp4`,
      // A group is reported before there is an address (RFC 3376); nobody needs it then.
      nft`ip saddr 0.0.0.0 ip protocol igmp drop`,
      ...otherwise('address'),
    ],
  },
  {
    name: nft`resolve`,
    rules: [
      nft`iifname . ether saddr . arp saddr ether . arp saddr ip @arps accept`,
      nft`arp saddr ip 0.0.0.0 arp operation request iifname . ether saddr != @stations goto ask`,
      ...otherwise('arp'),
    ],
  },
  {
    name: nft`solicit`,
    rules: [
      // The gateway answers for every address that is bound, so a device that asks whether its own is free would be told that it is not.
      nft`ip6 saddr :: drop`,
      nft`ip6 nexthdr != ipv6-icmp ${violate('neighbour')}`,
      nft`iifname . ether saddr . ip6 saddr != @bound6 goto six_stranger`,
      nft`ip6 length 24 accept`,
      nft`ip6 length 32 @th,192,16 0x0101 iifname . ether saddr . @th,208,48 @links accept`,
      violate('neighbour'),
    ],
  },
  {
    name: nft`advert`,
    rules: [
      nft`ip6 nexthdr != ipv6-icmp ${violate('neighbour')}`,
      nft`iifname . ether saddr . ip6 saddr != @bound6 goto six_stranger`,
      nft`iifname . ether saddr . @th,64,128 != @targets ${violate('neighbour')}`,
      nft`ip6 length 24 accept`,
      nft`ip6 length 32 @th,192,16 0x0201 iifname . ether saddr . @th,208,48 @links accept`,
      violate('neighbour'),
    ],
  },
  {
    name: nft`routers`,
    rules: [
      nft`ip6 nexthdr != ipv6-icmp ${violate('neighbour')}`,
      nft`ip6 saddr :: goto ask`,
      nft`iifname . ether saddr . ip6 saddr != @bound6 goto six_stranger`,
      nft`ip6 length 8 accept`,
      nft`ip6 length 16 @th,64,16 0x0101 iifname . ether saddr . @th,80,48 @solicitors accept`,
      violate('neighbour'),
    ],
  },
  { name: nft`groups`, rules: [nft`ip6 saddr :: drop`] },
  { name: nft`six_stranger`, rules: otherwise('address') },
  {
    name: nft`icmp6`,
    rules: [
      // Pieces could hide what they are; neighbour messages are never cut (RFC 6980).
      nft`exthdr frag exists icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } ${violate('neighbour')}`,
      nft`icmpv6 type vmap { nd-router-advert : goto rogue, nd-redirect : goto rogue, nd-neighbor-solicit : goto solicit, nd-neighbor-advert : goto advert, nd-router-solicit : goto routers, mld-listener-report : jump groups, mld2-listener-report : jump groups }`,
      nft`iifname . ether saddr . ip6 saddr @bound6 accept`,
      nft`goto six_stranger`,
    ],
  },
  { name: nft`udp6`, rules: [nft`udp sport 547 goto rogue`] },
  {
    name: nft`six`,
    rules: [
      nft`meta l4proto vmap { ipv6-icmp : goto icmp6, udp : jump udp6 }`,
      nft`iifname . ether saddr . ip6 saddr @bound6 accept`,
      nft`ip6 saddr fe80::/10 ip6 daddr ff02::1:2 udp sport 546 udp dport 547 iifname . ether saddr != @stations goto ask`,
      nft`goto six_stranger`,
    ],
  },
  {
    name: nft`others`,
    rules: [
      // 802.1X comes before everything else, LLDP tells who stands here; neither is handed on by a bridge.
      nft`ether type 0x888e iifname . ether saddr @stations accept`,
      nft`ether type 0x888e goto ask`,
      nft`ether type 0x88cc iifname . ether saddr @stations accept`,
      ...otherwise('protocol'),
    ],
  },
  {
    name: nft`tagged_frames`,
    rules: [
      nft`iifname . vlan id . ether saddr != @tagged ${violate('vlan')}`,
      nft`meta protocol vmap { ip : goto four, ip6 : goto six, arp : goto resolve }`,
      violate('vlan'),
    ],
  },
  {
    name: nft`guarded`,
    rules: [
      nft`ether type vmap { ip : goto four, ip6 : goto six, arp : goto resolve, 8021q : goto tagged_frames, 8021ad : goto others }`,
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
