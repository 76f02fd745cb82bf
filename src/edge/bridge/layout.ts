// What a bridge should be: its ports, and who may speak at each. Checked once here, trusted behind. Not a command, and not the kernel's state.

import {
  type AddressBytes,
  addressText,
  isGroupAddress,
  isGroupMac,
  type Mac,
  macText,
  type Prefix,
  parseAddress,
  parseMac,
  parsePrefix,
  prefixHas,
} from '#model';
import { isInterfaceName } from '#nft';

/** Which MAC and which addresses go together at a port. */
export interface Binding {
  readonly mac: string;
  /** IPv4 and IPv6. The link-local address that is made of the MAC need not be named. */
  readonly addresses: readonly string[];
  /** VLAN of the element's frames; none: untagged. */
  readonly vlan?: number;
}

export interface BridgePort {
  readonly name: string;
  readonly elements?: readonly Binding[];
  /** Who else may speak: nobody (default), or the first that is seen while the port has no binding (`Bridge.learn`). */
  readonly unknown?: 'closed' | 'learn';
}

export interface BridgeLayout {
  readonly bridge: string;
  /** Ports with elements behind them. Each is isolated from every other. */
  readonly ports: readonly BridgePort[];
  /** A port of the same bridge toward a router or switch: trusted, but not with what is bound to another port. */
  readonly uplink?: string;
  /** What the bridge's network holds, such as `10.0.0.0/24`. Bound addresses lie in it. */
  readonly subnets: readonly string[];
}

/** A bridge of Linux has at most 1,024 ports. */
export const PORTS_MAX = 1_023;
/** Devices behind all ports: what one bridge's table of learned MACs is sized for at most by default. */
export const STATIONS_MAX = 65_536;
/** Addresses of one MAC: IPv6 devices keep some temporary ones at a time. */
export const ADDRESSES_OF_STATION_MAX = 64;
const SUBNETS_MAX = 64;
const VLAN_MAX = 4_094;

/** A MAC at a port, with all its addresses. */
export interface Station {
  readonly port: string;
  readonly mac: Mac;
  readonly vlan: number | null;
  readonly addresses: readonly AddressBytes[];
}

export interface CheckedLayout {
  readonly bridge: string;
  readonly ports: readonly string[];
  readonly learning: ReadonlySet<string>;
  readonly uplink: string | null;
  readonly subnets: readonly Prefix[];
  readonly stations: readonly Station[];
}

/** What is wrong with a layout: where, what was found, what is needed. */
export interface LayoutProblem {
  readonly where: string;
  readonly message: string;
}

export type LayoutCheck =
  | { readonly kind: 'checked'; readonly layout: CheckedLayout }
  | { readonly kind: 'refused'; readonly problems: readonly LayoutProblem[] };

/** Reads a layout; a refused one names every problem. */
export function checkLayout(layout: BridgeLayout): LayoutCheck {
  const problems: LayoutProblem[] = [];
  const subnets = subnetsOf(layout, problems);
  checkNames(layout, problems);
  const stations = layout.ports.flatMap((port) => stationsOf(port, subnets, problems));
  checkUnique(stations, problems);
  if (stations.length > STATIONS_MAX)
    problems.push({
      where: layout.bridge,
      message: `${stations.length} bindings, and at most ${STATIONS_MAX} are held`,
    });
  if (problems.length > 0) return { kind: 'refused', problems };
  const learning = layout.ports.filter(({ unknown }) => unknown === 'learn').map(({ name }) => name);
  return {
    kind: 'checked',
    layout: {
      bridge: layout.bridge,
      ports: layout.ports.map(({ name }) => name),
      learning: new Set(learning),
      uplink: layout.uplink ?? null,
      subnets,
      stations,
    },
  };
}

function subnetsOf(layout: BridgeLayout, problems: LayoutProblem[]): readonly Prefix[] {
  const count = layout.subnets.length;
  if (count === 0 || count > SUBNETS_MAX)
    problems.push({ where: layout.bridge, message: `${count} subnets, and 1 to ${SUBNETS_MAX} are needed` });
  return layout.subnets.slice(0, SUBNETS_MAX).flatMap((text) => {
    const prefix = parsePrefix(text);
    if (prefix === null)
      problems.push({ where: layout.bridge, message: `${JSON.stringify(text)} is no subnet such as 10.0.0.0/24` });
    return prefix ?? [];
  });
}

/** Words that stand for all interfaces where the kernel keeps its settings. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['all', 'default', 'lo']);

function checkNames({ bridge, ports, uplink }: BridgeLayout, problems: LayoutProblem[]): void {
  const names = [bridge, ...(uplink === undefined ? [] : [uplink]), ...ports.map(({ name }) => name)];
  if (ports.length === 0 || ports.length > PORTS_MAX)
    problems.push({ where: bridge, message: `${ports.length} ports, and 1 to ${PORTS_MAX} are needed` });
  const seen = new Set<string>();
  for (const name of names) {
    if (!isInterfaceName(name) || RESERVED_NAMES.has(name))
      problems.push({ where: JSON.stringify(name), message: 'no name of a bridge or a port' });
    if (seen.has(name)) problems.push({ where: JSON.stringify(name), message: 'named twice' });
    seen.add(name);
  }
}

function stationsOf(port: BridgePort, subnets: readonly Prefix[], problems: LayoutProblem[]): readonly Station[] {
  return (port.elements ?? []).flatMap(({ mac: text, addresses, vlan }) => {
    const where = `${JSON.stringify(port.name)} ${JSON.stringify(text)}`;
    const mac = parseMac(text);
    if (mac === null || mac === 0 || isGroupMac(mac)) {
      problems.push({ where, message: 'no MAC of a device such as 02:42:ac:11:00:05' });
      return [];
    }
    if (vlan !== undefined && !(Number.isInteger(vlan) && vlan >= 1 && vlan <= VLAN_MAX))
      problems.push({ where, message: `VLAN ${vlan}, and 1 to ${VLAN_MAX} is needed` });
    if (addresses.length > ADDRESSES_OF_STATION_MAX)
      problems.push({
        where,
        message: `${addresses.length} addresses, and at most ${ADDRESSES_OF_STATION_MAX} are held`,
      });
    const bound = addresses.flatMap((address) => boundAddress(address, { where, subnets, problems }));
    return [{ port: port.name, mac, vlan: vlan ?? null, addresses: withLinkLocal(bound, mac) }];
  });
}

interface Where {
  readonly where: string;
  readonly subnets: readonly Prefix[];
  readonly problems: LayoutProblem[];
}

function boundAddress(text: string, { where, subnets, problems }: Where): AddressBytes | [] {
  const bytes = parseAddress(text);
  if (bytes === null) {
    problems.push({ where, message: `${JSON.stringify(text)} is no address` });
    return [];
  }
  if (!canBind(bytes, subnets)) {
    problems.push({ where, message: `${addressText(bytes)} is no address of a device in the bridge's subnets` });
    return [];
  }
  return bytes;
}

/** Whether a device of these subnets can have the address: one of them, or a link-local one, and no group. */
export function canBind(bytes: AddressBytes, subnets: readonly Prefix[]): boolean {
  if (isGroupAddress(bytes)) return false;
  return isLinkLocal6(bytes) || subnets.some((subnet) => prefixHas(subnet, bytes));
}

export function isLinkLocal6(bytes: AddressBytes): boolean {
  return bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

/** Adds fe80:: and the MAC with its universal bit turned round (RFC 4291, appendix A). */
function withLinkLocal(addresses: readonly AddressBytes[], mac: Mac): readonly AddressBytes[] {
  const made = linkLocalOf(mac);
  const text = addressText(made);
  return [...addresses.filter((address) => addressText(address) !== text), made];
}

export function linkLocalOf(mac: Mac): AddressBytes {
  const octets = macText(mac)
    .split(':')
    .map((octet) => Number.parseInt(octet, 16));
  const [first = 0, second = 0, third = 0, ...rest] = octets;
  const bytes = new Uint8Array(16);
  bytes.set([0xfe, 0x80], 0);
  bytes.set([first ^ 2, second, third, 0xff, 0xfe, ...rest], 8);
  return bytes;
}

/** A MAC stands at one port and an address at one MAC: otherwise a binding would prove nothing. */
function checkUnique(stations: readonly Station[], problems: LayoutProblem[]): void {
  const macs = new Map<Mac, Station>();
  const owners = new Map<string, Station>();
  for (const station of stations) {
    const where = `${JSON.stringify(station.port)} ${macText(station.mac)}`;
    const twin = macs.get(station.mac);
    if (twin !== undefined)
      problems.push({ where, message: `this MAC is bound at ${JSON.stringify(twin.port)} already` });
    macs.set(station.mac, station);
    for (const text of station.addresses.map(addressText)) {
      const owner = owners.get(text);
      if (owner !== undefined && owner.mac !== station.mac)
        problems.push({ where, message: `${text} is bound to ${macText(owner.mac)} already` });
      owners.set(text, station);
    }
  }
}
