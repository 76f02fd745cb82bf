// Bindings as the elements of sets: what the kernel's tables hold for one layout. Not the chains, and not the commands that bring it there.

import { type AddressBytes, addressText, type Mac, macText } from '#model';
import { address, interfaceName, mac, type Nft, nft, raw } from '#nft';
import type { CheckedLayout, Station } from './layout.ts';
import { BINDING_SETS, type BindingSet } from './sets.ts';

/** What the bridge itself is called on its network: nobody else may be. */
export interface OwnEnds {
  readonly mac: Mac;
  readonly addresses: readonly AddressBytes[];
}

export interface PortContent {
  readonly bridge: string;
  /** The bridge's own MAC, to which frames between two ports are sent. */
  readonly mac: Mac;
  /** Port → its chain's number. A port keeps its number as long as it is there. */
  readonly ports: ReadonlyMap<string, number>;
  readonly uplink: string | null;
  readonly sets: ReadonlyMap<BindingSet, ReadonlyMap<string, Nft>>;
}

/** Content for a layout; ports that `before` had keep their numbers. */
export function portContent(layout: CheckedLayout, own: OwnEnds, before: PortContent | null = null): PortContent {
  const sets = new Map<BindingSet, Map<string, Nft>>(bindingSets().map((name) => [name, new Map()]));
  const add: Add = (name, key) => {
    sets.get(name)?.set(key.nft, key);
  };
  for (const station of layout.stations) addStation(station, add);
  add('macs', mac(own.mac));
  for (const bytes of own.addresses) {
    addTaken(bytes, add);
    if (isFour(bytes)) add('own', address(bytes));
  }
  const names = [...layout.ports, ...(layout.uplink === null ? [] : [layout.uplink])];
  const ports = numbered(names, before?.ports ?? new Map());
  return { bridge: layout.bridge, mac: own.mac, ports, uplink: layout.uplink, sets };
}

type Add = (name: BindingSet, key: Nft) => void;

/** Names of the sets that hold bindings, in a fixed order. */
export function bindingSets(): readonly BindingSet[] {
  const names: BindingSet[] = [];
  for (const name in BINDING_SETS) if (isBindingSet(name)) names.push(name);
  return names;
}

function isBindingSet(name: string): name is BindingSet {
  return Object.hasOwn(BINDING_SETS, name);
}

/** How a station's elements are written, with a tag or without (see TAGGED_SENDER). */
interface Words {
  readonly sender: Nft;
  readonly mac: Nft;
  readonly address: (bytes: AddressBytes) => Nft;
  readonly stations: BindingSet;
  readonly bound4: BindingSet;
  readonly bound6: BindingSet;
  readonly arps: BindingSet;
  readonly links: readonly BindingSet[];
  readonly targets: BindingSet;
}

function wordsFor({ port, mac: value, vlan }: Station): Words {
  const name = interfaceName(port);
  if (vlan === null)
    return {
      sender: nft`${name} . ${mac(value)}`,
      mac: mac(value),
      address,
      stations: 'stations',
      bound4: 'bound4',
      bound6: 'bound6',
      arps: 'arps',
      links: ['links', 'solicitors', 'clients'],
      targets: 'targets',
    };
  return {
    sender: nft`${name} . ${vlan} . ${mac(value)}`,
    mac: raw(macBytes(value)),
    address: (bytes) => raw(isFour(bytes) ? bytes.subarray(12) : bytes),
    stations: 'tagged_stations',
    bound4: 'tagged_bound4',
    bound6: 'tagged_bound6',
    arps: 'tagged_arps',
    links: ['tagged_links', 'tagged_solicitors', 'tagged_clients'],
    targets: 'tagged_targets',
  };
}

function addStation(station: Station, add: Add): void {
  const words = wordsFor(station);
  const { sender } = words;
  add(words.stations, sender);
  for (const name of words.links) add(name, nft`${sender} . ${raw(macBytes(station.mac))}`);
  // A probe names no sender: it asks whether an address is free (RFC 5227).
  add(words.arps, nft`${sender} . ${words.mac} . ${words.address(UNSPECIFIED4)}`);
  add('macs', mac(station.mac));
  // Who speaks with a tag is in another network, which the bridge's own end does not hand on.
  if (station.vlan === null) add('peers', mac(station.mac));
  for (const bytes of station.addresses) {
    addTaken(bytes, add);
    if (isFour(bytes)) {
      if (station.vlan === null) add('answered', address(bytes));
      add(words.bound4, nft`${sender} . ${words.address(bytes)}`);
      add(words.arps, nft`${sender} . ${words.mac} . ${words.address(bytes)}`);
    } else {
      add(words.bound6, nft`${sender} . ${words.address(bytes)}`);
      add(words.targets, nft`${sender} . ${raw(bytes)}`);
    }
  }
}

function addTaken(bytes: AddressBytes, add: Add): void {
  if (isFour(bytes)) {
    add('taken4', address(bytes));
  } else {
    add('taken6', address(bytes));
    add('announced', raw(bytes));
  }
}

const UNSPECIFIED4 = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0]);

export function isFour(bytes: AddressBytes): boolean {
  return !addressText(bytes).includes(':');
}

function macBytes(value: Mac): Uint8Array {
  return Uint8Array.from(macText(value).split(':'), (octet) => Number.parseInt(octet, 16));
}

/** Keeps the numbers of ports that stay and gives new ones the least that is free. */
function numbered(names: readonly string[], before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const kept = new Map(names.flatMap((name) => (before.has(name) ? [[name, before.get(name) ?? 0] as const] : [])));
  const used = new Set(before.values());
  let next = 1;
  for (const name of names) {
    if (kept.has(name)) continue;
    while (used.has(next)) next++;
    used.add(next);
    kept.set(name, next);
  }
  return kept;
}
