// Who was seen and is no element: neighbours by MAC, hosts behind routers by address, with what they say of themselves. Not a list of elements:
// everything here is a claim.

import { type AddressId, type Instant, instantText, type Mac, macText, type NameFact, NO_MAC } from '#model';
import type { Neighbour } from '#observe';
import { freeName } from '#policy';
import type { NewcomerView } from './api.ts';
import type { Ends } from './ends.ts';

/** Newcomers kept; a further one is only counted, so that made-up MACs do not push out those who are there. */
const NEWCOMERS_MAX = 4_096;
const ADDRESSES_MAX = 16;
const NAMES_MAX = 8;
const NAME_CHARS_MAX = 128;

/** Facts by which somebody names itself. */
const SELF_NAMES: ReadonlySet<string> = new Set(['dhcp-host', 'mdns-host', 'nbns-host', 'ssdp-server']);

interface Newcomer {
  readonly mac: Mac;
  readonly addresses: Set<AddressId>;
  readonly names: Set<string>;
  interface: string;
  readonly firstSeen: Instant;
  lastSeen: Instant;
}

export class Inbox {
  readonly #ends: Ends;
  /** By MAC, or by address where no MAC was seen. */
  readonly #byMac = new Map<Mac, Newcomer>();
  readonly #byAddress = new Map<AddressId, Newcomer>();
  #unlisted = 0;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  get unlisted(): number {
    return this.#unlisted;
  }

  neighbour({ at, mac, address, hostName, interface: name }: Neighbour): void {
    if (mac === NO_MAC) return;
    const newcomer = this.#ofMac(mac, at);
    if (newcomer === null) return;
    newcomer.lastSeen = Math.max(newcomer.lastSeen, at);
    if (name !== '') newcomer.interface = name;
    if (address >= 0) this.#bind(newcomer, address);
    addName(newcomer, hostName);
  }

  /** A host of the inside that is not on a link of ours: it spoke, or was answered. */
  host(address: AddressId, at: Instant): void {
    if (address < 0 || this.#ends.isInternet(address) || this.#ends.isGroup(address)) return;
    const known = this.#byAddress.get(address);
    if (known !== undefined) known.lastSeen = Math.max(known.lastSeen, at);
    else if (this.#hasRoom()) this.#bind(newcomerOf(NO_MAC, at), address);
  }

  name(fact: NameFact): void {
    if (!SELF_NAMES.has(fact.kind)) return;
    const newcomer = this.#byMac.get(fact.clientMac) ?? this.#byAddress.get(fact.client);
    if (newcomer !== undefined) addName(newcomer, fact.name);
  }

  /** Those who are no element now. Names that an element has are not proposed again. */
  views(taken: ReadonlySet<string>): readonly NewcomerView[] {
    const all = new Set([...this.#byMac.values(), ...this.#byAddress.values()]);
    const proposed = new Set(taken);
    return [...all].filter((one) => !this.#isElement(one)).map((one) => this.#view(one, proposed));
  }

  #view(one: Newcomer, proposed: Set<string>): NewcomerView {
    const addresses = [...one.addresses].map((address) => this.#ends.text(address)).sort(byReach);
    const mac = one.mac === NO_MAC ? null : macText(one.mac);
    const id = mac ?? addresses[0] ?? '';
    const proposedName = freeName([...one.names][0] ?? `host-${id}`, proposed);
    proposed.add(proposedName);
    return {
      id,
      mac,
      addresses,
      names: [...one.names],
      interface: one.interface === '' ? null : one.interface,
      proposedName,
      firstSeen: instantText(one.firstSeen),
      lastSeen: instantText(one.lastSeen),
    };
  }

  #isElement({ mac, addresses }: Newcomer): boolean {
    return [...addresses].some((address) => this.#ends.elementOf(address, mac) !== null);
  }

  #ofMac(mac: Mac, at: Instant): Newcomer | null {
    const known = this.#byMac.get(mac);
    if (known !== undefined) return known;
    if (!this.#hasRoom()) return null;
    const newcomer = newcomerOf(mac, at);
    this.#byMac.set(mac, newcomer);
    return newcomer;
  }

  /** An address goes with the MAC that showed it last. */
  #bind(newcomer: Newcomer, address: AddressId): void {
    const before = this.#byAddress.get(address);
    if (before === newcomer) return;
    if (newcomer.addresses.size >= ADDRESSES_MAX) return;
    before?.addresses.delete(address);
    newcomer.addresses.add(address);
    this.#byAddress.set(address, newcomer);
  }

  #hasRoom(): boolean {
    if (this.#byMac.size + this.#byAddress.size < NEWCOMERS_MAX) return true;
    this.#unlisted++;
    return false;
  }
}

function newcomerOf(mac: Mac, at: Instant): Newcomer {
  return { mac, addresses: new Set(), names: new Set(), interface: '', firstSeen: at, lastSeen: at };
}

/** Where somebody can be reached from afar stands first: IPv6 devices say their link-local address before any other. */
function byReach(a: string, b: string): number {
  return Number(a.startsWith('fe80:')) - Number(b.startsWith('fe80:'));
}

function addName(newcomer: Newcomer, name: string): void {
  if (name !== '' && newcomer.names.size < NAMES_MAX) newcomer.names.add(name.slice(0, NAME_CHARS_MAX));
}
