// The matches of one entry: which packets it is about, told from the device's side. Liberal in how things are spelt,
// strict in what they mean: a condition that is not understood is listed, never left out.

import { type PortRange, PROTOCOL, parseAddress, parseMac, parsePrefix } from '#model';
import type { Match, Peer, Way } from './file.ts';
import { dnsName, quoted } from './texts.ts';
import { bare, complain, mapOf, numberOf, type Spot, textOf } from './values.ts';

interface Draft {
  readonly way: Way;
  readonly peers: Peer[];
  readonly unknown: string[];
  version: 4 | 6 | null;
  protocol: number | null;
  devicePorts: readonly PortRange[] | null;
  peerPorts: readonly PortRange[] | null;
  initiated: 'device' | 'peer' | null;
  icmpType: number | null;
  icmpCode: number | null;
  etherType: string | null;
}

/** `version`: what the type of the list says about IP. */
export function readMatch(
  spot: Spot,
  { way, version }: { readonly way: Way; readonly version: 4 | 6 | null },
): Match | null {
  const groups = mapOf(spot);
  if (groups === null) return null;
  const draft: Draft = {
    way,
    version,
    peers: [],
    unknown: [],
    protocol: null,
    devicePorts: null,
    peerPorts: null,
    initiated: null,
    icmpType: null,
    icmpCode: null,
    etherType: null,
  };
  let hasIp = version !== null;
  for (const [key, inner] of groups) {
    hasIp ||= key !== 'eth' && bare(key) !== 'mud';
    readGroup(draft, bare(key), inner);
  }
  const { etherType, way: _way, ...match } = draft;
  return { ...match, ethernet: ethernetOf(draft, hasIp) };
}

/** IPv4 and IPv6 as an EtherType say what the rest of the entry says already. */
const IP_ETHER_TYPES: ReadonlySet<string> = new Set(['0x0800', '0x86dd']);

function ethernetOf({ etherType }: Draft, hasIp: boolean): string | null {
  if (etherType !== null && !IP_ETHER_TYPES.has(etherType)) return `frames of type ${etherType}`;
  return hasIp || etherType !== null ? null : 'frames of every type';
}

function readGroup(draft: Draft, key: string, spot: Spot): void {
  if (key === 'ipv4' || key === 'ipv6') readIp(draft, key === 'ipv4' ? 4 : 6, spot);
  else if (key === 'tcp' || key === 'udp') readPorts(draft, PROTOCOL[key], spot);
  else if (key === 'icmp' || key === 'icmpv6') readIcmp(draft, key, spot);
  else if (key === 'eth') readEthernet(draft, spot);
  else if (key === 'mud') readClasses(draft, spot);
  else draft.unknown.push(quoted(key));
}

function readIp(draft: Draft, version: 4 | 6, spot: Spot): void {
  const fields = mapOf(spot);
  if (fields === null) return;
  if (draft.version !== null && draft.version !== version)
    draft.unknown.push(`ipv${version} in a list of the other IP version`);
  draft.version = version;
  const { far, near } = sides(draft.way);
  for (const [key, inner] of fields) {
    const word = bare(key);
    if (word === 'protocol') setProtocol(draft, numberOf(inner, { min: 0, max: 255 }));
    else if (word === `${far.long}-ipv${version}-network`) readPrefix(draft, inner);
    else if (word === `${far.short}-dnsname`) readName(draft, inner);
    else if (word.startsWith(near.long) || word.startsWith(near.short))
      draft.unknown.push(`${word} (the device itself)`);
    else draft.unknown.push(quoted(word));
  }
}

/** How RFC 8519 and RFC 8520 name the far end and the device in a list of this way. */
function sides(way: Way): Record<'far' | 'near', { readonly long: string; readonly short: string }> {
  const source = { long: 'source', short: 'src' };
  const destination = { long: 'destination', short: 'dst' };
  return way === 'from' ? { far: destination, near: source } : { far: source, near: destination };
}

function setProtocol(draft: Draft, protocol: number | null): void {
  if (protocol === null) return;
  if (draft.protocol !== null && draft.protocol !== protocol)
    draft.unknown.push(`protocol ${protocol} together with protocol ${draft.protocol}`);
  draft.protocol = protocol;
}

function readPrefix(draft: Draft, spot: Spot): void {
  const text = textOf(spot);
  if (text === null) return;
  const prefix = parsePrefix(text);
  if (prefix === null)
    complain(spot, `must be a network like 192.0.2.0/24 or 2001:db8::/32, and it is ${quoted(text)}`);
  else draft.peers.push({ kind: 'prefix', prefix });
}

/** `inet:host`: a name, or an address where a name could stand. */
function readName(draft: Draft, spot: Spot): void {
  const text = textOf(spot);
  if (text === null) return;
  const prefix = parseAddress(text) === null ? null : parsePrefix(text);
  const pattern = dnsName(text);
  if (prefix !== null) draft.peers.push({ kind: 'prefix', prefix });
  else if (pattern !== null) draft.peers.push({ kind: 'dns-name', pattern });
  else complain(spot, `must be a DNS name, and it is ${quoted(text)}`);
}

function readPorts(draft: Draft, protocol: number, spot: Spot): void {
  setProtocol(draft, protocol);
  const fields = mapOf(spot);
  for (const [key, inner] of fields ?? []) {
    const word = bare(key);
    if (word === 'direction-initiated') readInitiated(draft, inner);
    else if (word === 'source-port' || word === 'destination-port') {
      const ports = readPort(inner);
      if (ports?.length === 0) draft.unknown.push(`${word} without a port that exists`);
      if ((word === 'source-port') === (draft.way === 'from')) draft.devicePorts = ports;
      else draft.peerPorts = ports;
    } else draft.unknown.push(quoted(word));
  }
}

function readInitiated(draft: Draft, spot: Spot): void {
  const text = textOf(spot);
  if (text === 'from-device') draft.initiated = 'device';
  else if (text === 'to-device') draft.initiated = 'peer';
  else if (text !== null) complain(spot, `must be from-device or to-device, and it is ${quoted(text)}`);
}

const PORT_MAX = 65_535;
const PORT = { min: 0, max: PORT_MAX };

function readPort(spot: Spot): readonly PortRange[] | null {
  const fields = mapOf(spot);
  if (fields === null) return null;
  const lower = fields.get('lower-port');
  const upper = fields.get('upper-port');
  if (lower !== undefined || upper !== undefined) {
    const from = lower === undefined ? 1 : numberOf(lower, PORT);
    const to = upper === undefined ? PORT_MAX : numberOf(upper, PORT);
    if (from === null || to === null) return null;
    if (from > to) complain(spot, `must go from the smaller port to the larger, and it goes from ${from} to ${to}`);
    return ranges([from, to]);
  }
  const port = fields.get('port');
  const number = port === undefined ? null : numberOf(port, PORT);
  if (port === undefined) complain(spot, 'must name a port');
  const operator = fields.get('operator');
  const word = operator === undefined ? 'eq' : textOf(operator);
  return number === null || word === null ? null : operated(spot, word, number);
}

/** RFC 8519 says lte and gte; drafts of it said lseq and gteq. */
function operated(spot: Spot, operator: string, port: number): readonly PortRange[] | null {
  switch (bare(operator)) {
    case 'eq':
      return ranges([port, port]);
    case 'neq':
      return ranges([1, port - 1], [port + 1, PORT_MAX]);
    case 'lte':
    case 'lseq':
      return ranges([1, port]);
    case 'gte':
    case 'gteq':
      return ranges([port, PORT_MAX]);
    default:
      complain(spot, `must have one of the operators eq, neq, lte, gte, and it has ${quoted(operator)}`);
      return null;
  }
}

/** Port 0 is on no wire, so ranges begin at 1; an empty one falls away. */
function ranges(...spans: readonly (readonly [number, number])[]): readonly PortRange[] {
  return spans
    .map(([from, to]) => ({ from: Math.max(1, from), to: Math.min(PORT_MAX, to) }))
    .filter(({ from, to }) => from <= to);
}

/** A list of IPv6 says icmp too: RFC 8519 has one container for both. */
function readIcmp(draft: Draft, key: string, spot: Spot): void {
  const isSix = key === 'icmpv6' || draft.version === 6;
  setProtocol(draft, isSix ? PROTOCOL.icmpv6 : PROTOCOL.icmp);
  for (const [name, inner] of mapOf(spot) ?? []) {
    if (name === 'type') draft.icmpType = numberOf(inner, { min: 0, max: 255 });
    else if (name === 'code') draft.icmpCode = numberOf(inner, { min: 0, max: 255 });
    else draft.unknown.push(quoted(name));
  }
}

function readEthernet(draft: Draft, spot: Spot): void {
  const { far } = sides(draft.way);
  for (const [key, inner] of mapOf(spot) ?? []) {
    if (key === 'ethertype') draft.etherType = textOf(inner)?.toLowerCase() ?? null;
    else if (key === `${far.long}-mac-address`) readMac(draft, inner);
    else draft.unknown.push(quoted(key));
  }
}

function readMac(draft: Draft, spot: Spot): void {
  const text = textOf(spot);
  if (text === null) return;
  const mac = parseMac(text);
  if (mac === null) complain(spot, `must be a MAC address, and it is ${quoted(text)}`);
  else draft.peers.push({ kind: 'mac', mac });
}

function readClasses(draft: Draft, spot: Spot): void {
  for (const [key, inner] of mapOf(spot) ?? []) {
    const word = bare(key);
    switch (word) {
      case 'local-networks':
      case 'my-controller':
      case 'same-manufacturer':
        draft.peers.push({ kind: word });
        break;
      case 'controller':
      case 'model': {
        const uri = textOf(inner);
        if (uri !== null) draft.peers.push({ kind: word, uri });
        break;
      }
      case 'manufacturer': {
        const domain = textOf(inner);
        if (domain !== null) draft.peers.push({ kind: word, domain: domain.toLowerCase() });
        break;
      }
      case 'direction-initiated':
        readInitiated(draft, inner);
        break;
      default:
        draft.unknown.push(quoted(word));
    }
  }
}
