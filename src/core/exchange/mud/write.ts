// Entries and lists of a MUD file being written, in the form of RFC 8519 and RFC 8520. Knows conditions, not policies.

import { macText, type PortRange, PROTOCOL, prefixText } from '#model';
import type { Peer, Way } from './file.ts';

/** One conversation to be said; it becomes an entry in each way. */
export interface Line {
  readonly id: string;
  readonly direction: 'out' | 'in';
  readonly peers: readonly Peer[];
  readonly version: 4 | 6;
  readonly protocol: number | null;
  /** None, one range, or the two that leave out one port. */
  readonly ports: readonly PortRange[];
  readonly isAccepting: boolean;
  /** Whether the packets of the end that did not begin are said, too. */
  readonly answers: boolean;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

interface List {
  readonly name: string;
  readonly type: string;
  readonly entries: Json[];
}

/** Names of lists and entries have at most 64 characters (RFC 8519); a number follows. */
const NAME_MAX = 56;

export class EntryWriter {
  readonly #element: string;
  readonly #lists = new Map<string, List & { readonly way: Way }>();
  #entries = 0;

  constructor(element: string) {
    this.#element = element;
  }

  add(line: Line): void {
    const opening: Way = line.direction === 'out' ? 'from' : 'to';
    this.#entry(line, opening);
    if (line.answers) this.#entry(line, opening === 'from' ? 'to' : 'from');
  }

  /** The whole file: `head` is the mud container without its policies. */
  document(head: { readonly [key: string]: Json }): Json {
    const lists = [...this.#lists.values()];
    const policy = (way: Way): Json => ({
      'access-lists': { 'access-list': lists.filter((list) => list.way === way).map(({ name }) => ({ name })) },
    });
    return {
      'ietf-mud:mud': { ...head, 'from-device-policy': policy('from'), 'to-device-policy': policy('to') },
      'ietf-access-control-list:acls': {
        acl: lists.map(({ name, type, entries }) => ({ name, type, aces: { ace: entries } })),
      },
    };
  }

  #entry(line: Line, way: Way): void {
    const hasMac = line.peers.some(({ kind }) => kind === 'mac');
    const type = `${hasMac ? 'mixed-eth-' : ''}ipv${line.version}-acl-type`;
    const key = `${way}-${hasMac ? 'eth-' : ''}ipv${line.version}`;
    const list = this.#lists.get(key) ?? {
      name: `${key}-${this.#element.slice(0, NAME_MAX - key.length - 1)}`,
      type,
      entries: [],
      way,
    };
    this.#lists.set(key, list);
    this.#entries++;
    list.entries.push({
      name: `${line.id.slice(0, NAME_MAX)}-${this.#entries}`,
      matches: matches(line, way),
      actions: { forwarding: line.isAccepting ? 'accept' : 'drop' },
    });
  }
}

function matches(line: Line, way: Way): Json {
  const { peers, version, protocol } = line;
  const side = way === 'from' ? { long: 'destination', short: 'dst' } : { long: 'source', short: 'src' };
  const groups: Record<'mud' | 'ip' | 'eth', Record<string, Json>> = { mud: {}, ip: {}, eth: {} };
  if (protocol !== null) groups.ip.protocol = protocol;
  for (const peer of peers) {
    if (peer.kind === 'dns-name') groups.ip[`ietf-acldns:${side.short}-dnsname`] = peer.pattern;
    else if (peer.kind === 'prefix') groups.ip[`${side.long}-ipv${version}-network`] = lengthy(peer.prefix);
    else if (peer.kind === 'mac') groups.eth[`${side.long}-mac-address`] = macText(peer.mac);
    else Object.assign(groups.mud, classOf(peer));
  }
  return {
    ...named('ietf-mud:mud', groups.mud),
    ...named('eth', groups.eth),
    ...named(`ipv${version}`, groups.ip),
    ...transport(line, way),
  };
}

function named(key: string, group: Record<string, Json>): { readonly [key: string]: Json } {
  return Object.keys(group).length === 0 ? {} : { [key]: group };
}

/** A network with its length, also where it is one address. */
function lengthy(prefix: Parameters<typeof prefixText>[0]): string {
  const text = prefixText(prefix);
  return text.includes('/') ? text : `${text}/${prefix.version === 4 ? 32 : 128}`;
}

function classOf(peer: Peer): { readonly [key: string]: Json } {
  switch (peer.kind) {
    case 'controller':
    case 'model':
      return { [peer.kind]: peer.uri };
    case 'manufacturer':
      return { manufacturer: peer.domain };
    case 'local-networks':
    case 'my-controller':
    case 'same-manufacturer':
      // YANG's type "empty" is [null] in JSON (RFC 7951).
      return { [peer.kind]: [null] };
    case 'dns-name':
    case 'prefix':
    case 'mac':
      return {};
  }
}

function transport({ direction, protocol, ports }: Line, way: Way): { readonly [key: string]: Json } {
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp) return {};
  const isServiceFar = direction === 'out';
  const side = isServiceFar === (way === 'from') ? 'destination-port' : 'source-port';
  const port = ports.length === 0 ? {} : { [side]: portOf(ports) };
  if (protocol === PROTOCOL.udp) return { udp: port };
  return { tcp: { ...port, 'ietf-mud:direction-initiated': direction === 'out' ? 'from-device' : 'to-device' } };
}

function portOf(ports: readonly PortRange[]): Json {
  const [first, second] = ports;
  if (first === undefined) return {};
  if (second !== undefined) return { operator: 'neq', port: first.to + 1 };
  return first.from === first.to
    ? { operator: 'eq', port: first.from }
    : { 'lower-port': first.from, 'upper-port': first.to };
}
