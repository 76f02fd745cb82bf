// From entries about packets to conversations: who begins, with whom, for which service. An entry in each way for one conversation is one
// conversation. Ports decide roles: the end whose port is named serves. Nothing here knows selectors or rules.

import { type PortRange, PROTOCOL } from '#model';
import type { NotCarried } from '../imported.ts';
import type { Entry, Match, Peer } from './file.ts';
import { plain } from './texts.ts';

export interface Conversation {
  /** out: the device begins. in: the far end begins. */
  readonly direction: 'out' | 'in';
  readonly peers: readonly Peer[];
  readonly protocol: number | null;
  /** Of the end that serves; empty means every port. */
  readonly ports: readonly PortRange[];
  readonly isAccepting: boolean;
  /** IP versions that the file names it for; null is an entry that names none. */
  readonly versions: Set<4 | 6 | null>;
  /** Entries that say so, in the order of the file. */
  readonly entries: Entry[];
}

interface Role {
  readonly direction: 'out' | 'in';
  readonly ports: readonly PortRange[];
  /** The packets of the entry come from the end that did not begin. */
  readonly isAnswer: boolean;
  /** The client's port, which a rule can not name. */
  readonly isClientPortLost: boolean;
}

/** DHCP answers to a client that has no address yet are no answers by their addresses: they open a session of their own. */
const DHCP: ReadonlyMap<number, number> = new Map([
  [67, 68],
  [547, 546],
]);

export interface Read {
  readonly conversations: readonly Conversation[];
  readonly notCarried: readonly NotCarried[];
}

export function conversationsOf(entries: readonly Entry[]): Read {
  const found = new Map<string, Conversation>();
  const answers: { readonly entry: Entry; readonly key: string; readonly isServed: boolean }[] = [];
  const notCarried: NotCarried[] = [];
  for (const entry of entries) {
    const lost = lostOf(entry);
    if (lost !== null) {
      notCarried.push(lost);
      if (!entry.isAccepting) break;
      continue;
    }
    const role = roleOf(entry);
    const key = keyOf(entry, role);
    if (role.isAnswer && entry.isAccepting) {
      const served = dhcpAnswer(entry);
      if (served !== null) add(found, entry, served);
      answers.push({ entry, key, isServed: served !== null });
    } else add(found, entry, role);
    notCarried.push(...remarks(entry, role));
  }
  for (const { entry, key, isServed } of answers) {
    const conversation = found.get(key);
    if (conversation !== undefined) conversation.entries.push(entry);
    else if (!isServed) notCarried.push(lonely(entry));
  }
  return { conversations: [...found.values()], notCarried };
}

function add(found: Map<string, Conversation>, entry: Entry, role: Role): void {
  const key = keyOf(entry, role);
  const known = found.get(key);
  if (known !== undefined) {
    known.versions.add(entry.match.version);
    known.entries.push(entry);
    return;
  }
  found.set(key, {
    direction: role.direction,
    peers: entry.match.peers,
    protocol: entry.match.protocol,
    ports: role.ports,
    isAccepting: entry.isAccepting,
    versions: new Set([entry.match.version]),
    entries: [entry],
  });
}

function keyOf({ match, isAccepting }: Entry, { direction, ports }: Role): string {
  return JSON.stringify([isAccepting, direction, match.protocol, ports, match.peers.map(peerKey).sort()]);
}

function peerKey(peer: Peer): string {
  return JSON.stringify(
    peer.kind === 'prefix' ? [...peer.prefix.bytes, peer.prefix.length, peer.prefix.version] : peer,
  );
}

function roleOf(entry: Entry): Role {
  const { way, match } = entry;
  const { devicePorts, peerPorts, initiated } = match;
  const begins = initiated ?? beginnerOf(entry);
  const isOut = begins === 'device';
  const client = isOut ? devicePorts : peerPorts;
  return {
    direction: isOut ? 'out' : 'in',
    ports: (isOut ? peerPorts : devicePorts) ?? [],
    isAnswer: isOut !== (way === 'from'),
    isClientPortLost: client !== null,
  };
}

/** Where the file does not say who begins: the end whose port is named serves; with both ports or none, whoever sends. */
function beginnerOf({ way, match }: Entry): 'device' | 'peer' {
  const { devicePorts, peerPorts } = match;
  if (devicePorts !== null && peerPorts === null) return 'peer';
  if (peerPorts !== null && devicePorts === null) return 'device';
  return isIcmpAnswer(match) === (way === 'from') ? 'peer' : 'device';
}

/** Echo, timestamp and address mask replies, as ICMP and ICMPv6 number them. */
const ICMP_ANSWERS: ReadonlySet<number> = new Set([0, 14, 16, 18]);
const ICMPV6_ANSWERS: ReadonlySet<number> = new Set([129]);

function isIcmpAnswer({ protocol, icmpType }: Match): boolean {
  if (icmpType === null) return false;
  return protocol === PROTOCOL.icmpv6 ? ICMPV6_ANSWERS.has(icmpType) : ICMP_ANSWERS.has(icmpType);
}

/** The conversation that a DHCP server's answer opens, for an entry about packets from the server's port. */
function dhcpAnswer({ way, match }: Entry): Role | null {
  const [port] = match.peerPorts ?? [];
  const client = port === undefined || port.from !== port.to ? undefined : DHCP.get(port.from);
  if (way !== 'to' || match.protocol !== PROTOCOL.udp || client === undefined) return null;
  return { direction: 'in', ports: [{ from: client, to: client }], isAnswer: false, isClientPortLost: false };
}

/** Extension headers of IPv6: a packet's protocol is what follows them. */
const EXTENSION_HEADERS: ReadonlySet<number> = new Set([0, 43, 44, 60]);

function lostOf(entry: Entry): NotCarried | null {
  const { match, isAccepting, way } = entry;
  const effect = isAccepting
    ? 'the policy permits less'
    : 'what follows it in the file is left out too, so the policy permits less';
  const lost = (what: string, why: string): NotCarried => ({ place: placeOf(entry), what, why: `${why}; ${effect}` });
  if (match.unknown.length > 0)
    return lost(match.unknown.join(', '), 'a condition that is not understood can not be left out');
  if (match.ethernet !== null)
    return {
      place: placeOf(entry),
      what: match.ethernet,
      why: 'only IP is judged, so these frames are neither permitted nor denied',
    };
  if (match.version === 6 && match.protocol !== null && EXTENSION_HEADERS.has(match.protocol))
    return lost(
      `IPv6 header ${match.protocol}`,
      'it is an extension header, and a packet is judged by the protocol behind it',
    );
  if (!isAccepting && match.peers.some(({ kind }) => kind === 'dns-name'))
    return lost('a DNS name that is refused', 'a guardrail can not name DNS names');
  const begins = match.initiated ?? beginnerOf(entry);
  if (begins === 'peer' && way === 'to' && isAccepting && match.peers.some(({ kind }) => kind === 'dns-name'))
    return lost('a DNS name that begins', 'a name is known only to the device that asked for it, so it can not begin');
  return null;
}

function remarks(entry: Entry, { isClientPortLost, isAnswer }: Role): readonly NotCarried[] {
  const { match, isAccepting } = entry;
  const all: NotCarried[] = [];
  const effect = isAccepting ? 'the policy permits more' : 'the policy denies more';
  if (isClientPortLost && !isAnswer)
    all.push({
      place: placeOf(entry),
      what: 'the port of the end that begins',
      why: `a rule names the serving port only; ${effect}`,
    });
  if (match.icmpType !== null && !isAnswer)
    all.push({
      place: placeOf(entry),
      what: `ICMP type ${match.icmpType}${match.icmpCode === null ? '' : ` code ${match.icmpCode}`}`,
      why: `a rule names ICMP as a whole; ${effect}`,
    });
  return all;
}

function lonely(entry: Entry): NotCarried {
  const { way } = entry;
  return {
    place: placeOf(entry),
    what: way === 'from' ? 'packets from a port of the device' : 'packets from a port of the far end',
    why: 'the file has no entry by which such a conversation begins, and a rule can not name the port of the end that begins; the policy permits less',
  };
}

/** List and entry; the list is left out where the entry's name begins with it, as most tools write. */
export function placeOf({ list, name }: Pick<Entry, 'list' | 'name'>): string {
  return plain(name.startsWith(list) ? name : `${list}/${name}`);
}
