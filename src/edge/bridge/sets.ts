// The sets of a bridge's tables, and the numbers of reasons. The same for every bridge; what is in them is content.

import { type Nft, nft } from '#nft';

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
export interface PortSet {
  readonly name: Nft;
  readonly body: Nft;
}

const NETDEV = nft`netdev`;
const ARP = nft`arp`;
const SENDER = nft`iifname . ether saddr`;
/**
 * In a frame with a tag nft takes the tag for the kind of frame, and then no field of IP or ARP matches beside a MAC. So these are
 * read by their place: @nh counts bits from the packet's beginning, which lies behind the tag.
 */
const TAGGED_SENDER = nft`iifname . vlan id . ether saddr`;

/** Sets that hold bindings; each is a hash, so a frame costs the same with one device and with many. */
export const BINDING_SETS = {
  /** Who may speak untagged at which port, and with which addresses. */
  stations: { family: NETDEV, body: nft`typeof ${SENDER}` },
  bound4: { family: NETDEV, body: nft`typeof ${SENDER} . ip saddr` },
  bound6: { family: NETDEV, body: nft`typeof ${SENDER} . ip6 saddr` },
  /** Frame's sender, ARP's sender and its address. */
  arps: { family: NETDEV, body: nft`typeof ${SENDER} . arp saddr ether . arp saddr ip` },
  /** Frame's sender, and the link-layer address in a neighbour message, in a router solicitation, in a DHCP request: the same MAC. */
  links: { family: NETDEV, body: nft`typeof ${SENDER} . @th,208,48` },
  solicitors: { family: NETDEV, body: nft`typeof ${SENDER} . @th,80,48` },
  clients: { family: NETDEV, body: nft`typeof ${SENDER} . @th,288,48` },
  /** Whose address a neighbour advertisement may announce. */
  targets: { family: NETDEV, body: nft`typeof ${SENDER} . @th,64,128` },
  /** The same for who speaks with a tag. */
  tagged_stations: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER}` },
  tagged_bound4: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @nh,96,32` },
  tagged_bound6: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @nh,64,128` },
  tagged_arps: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @nh,64,48 . @nh,112,32` },
  tagged_links: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @th,208,48` },
  tagged_solicitors: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @th,80,48` },
  tagged_clients: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @th,288,48` },
  tagged_targets: { family: NETDEV, body: nft`typeof ${TAGGED_SENDER} . @th,64,128` },
  /** All that is bound at any port, and what the bridge itself has: nobody at the uplink speaks for these. */
  macs: { family: NETDEV, body: nft`typeof ether saddr` },
  taken4: { family: NETDEV, body: nft`typeof ip saddr` },
  taken6: { family: NETDEV, body: nft`typeof ip6 saddr` },
  announced: { family: NETDEV, body: nft`typeof @th,64,128` },
  /** The MACs that stand at ports: a frame between two of them goes to the bridge itself. */
  peers: { family: NETDEV, body: nft`typeof ether daddr` },
  /** Of whom the bridge answers, and to whom; and what is its own. */
  answered: { family: ARP, body: nft`type ipv4_addr` },
  own: { family: ARP, body: nft`type ipv4_addr` },
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
