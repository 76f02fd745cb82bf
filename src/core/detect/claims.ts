// Spoofing: an address that two hardware addresses claim in turn, a hardware address that claims many addresses, and what a bridge port refused.
// One change alone is a new card, a lease used again or a fail-over, and is no finding.

import { type AddressId, type AddressTable, addressText, type Instant, type Mac, macText } from '#model';
import { BINDINGS_MAX, CLAIM_TIME, FLAP_TIME, type Thresholds } from './bounds.ts';
import type { Cases } from './cases.ts';
import type { Ends } from './ends.ts';

/** A host said that it has this address: by ARP, neighbour discovery or DHCP. */
export interface NeighbourClaim {
  readonly at: Instant;
  readonly address: AddressId;
  readonly mac: Mac;
}

/** A bridge port refused a packet because its sender is not who is bound to the port. */
export interface SpoofAttempt {
  readonly at: Instant;
  /** Name of the port; of the house, not of the wire. */
  readonly port: string;
  /** The claimed address, -1 where the packet had none. */
  readonly address: AddressId;
  readonly mac: Mac;
  /** Element bound to the port, null where none is. */
  readonly element: string | null;
}

interface Binding {
  mac: Mac;
  before: Mac;
  changes: number;
  changedAt: Instant;
}

interface Claimant {
  since: Instant;
  readonly addresses: Set<AddressId>;
}

export class Claims {
  readonly #addresses: AddressTable;
  readonly #ends: Ends;
  readonly #cases: Cases;
  readonly #thresholds: Thresholds;
  /** Hardware addresses that answer for others by right: routers, this gateway with proxy ARP. */
  readonly #proxies: ReadonlySet<Mac>;
  readonly #bindings = new Map<AddressId, Binding>();
  readonly #claimants = new Map<Mac, Claimant>();

  constructor(options: {
    readonly addresses: AddressTable;
    readonly ends: Ends;
    readonly cases: Cases;
    readonly thresholds: Thresholds;
    readonly proxies: ReadonlySet<Mac>;
  }) {
    this.#addresses = options.addresses;
    this.#ends = options.ends;
    this.#cases = options.cases;
    this.#thresholds = options.thresholds;
    this.#proxies = options.proxies;
  }

  /** The hardware address that an address is bound to, -1 where none is known. */
  macOf(address: AddressId): Mac {
    return this.#bindings.get(address)?.mac ?? -1;
  }

  claim(claim: NeighbourClaim): void {
    const { address, mac } = claim;
    if (mac < 0 || this.#proxies.has(mac) || isUnspecified(this.#addresses.bytes(address))) return;
    const binding = this.#bindings.get(address);
    this.#bindings.delete(address);
    this.#bindings.set(address, this.#heard(binding, claim));
    if (this.#bindings.size > BINDINGS_MAX) dropFirst(this.#bindings);
    if (binding?.mac !== mac || binding.changes > 0) this.#count(claim);
  }

  /** What a bridge port refused. */
  attempt({ at, port, address, mac, element }: SpoofAttempt): void {
    const claimed = address < 0 ? 'another hardware address' : this.#addresses.text(address);
    this.#cases.see({ kind: 'spoofing', variant: port, subject: element ?? port, at }, (count) => ({
      address: address < 0 ? macText(mac) : claimed,
      element,
      evidence: `port ${port} refused ${count === 1 ? 'a packet' : `${count} packets`} of ${macText(mac)} in the name of ${claimed}, which is not bound to it`,
      severity: 'alarm',
      isWorthQuarantine: element !== null,
    }));
  }

  #heard(binding: Binding | undefined, { at, address, mac }: NeighbourClaim): Binding {
    if (binding === undefined) return { mac, before: -1, changes: 0, changedAt: at };
    if (binding.mac === mac) return binding;
    const isSoon = at - binding.changedAt <= FLAP_TIME;
    const changes = isSoon || binding.changes === 0 ? binding.changes + 1 : 1;
    const changed = { mac, before: binding.mac, changes, changedAt: at };
    if (changes >= this.#thresholds.flapsMin) this.#tellFlapping(address, changed);
    return changed;
  }

  #tellFlapping(address: AddressId, { mac, before, changes, changedAt: at }: Binding): void {
    const text = this.#addresses.text(address);
    const { element } = this.#ends.end(address, mac);
    this.#cases.see({ kind: 'spoofing', subject: text, at }, () => ({
      address: text,
      element,
      evidence: `${text} is claimed by ${macText(before)} and ${macText(mac)} in turn, ${changes} changes with less than ten minutes between them`,
      severity: 'alarm',
      isWorthQuarantine: false,
    }));
  }

  /** Counts the IPv4 addresses that one hardware address claims within an hour; in IPv6 a host has several by right. */
  #count({ at, address, mac }: NeighbourClaim): void {
    if (this.#addresses.version(address) !== 4) return;
    const known = this.#claimants.get(mac);
    const claimant =
      known === undefined || at - known.since > CLAIM_TIME ? { since: at, addresses: new Set<AddressId>() } : known;
    this.#claimants.delete(mac);
    this.#claimants.set(mac, claimant);
    if (this.#claimants.size > BINDINGS_MAX) dropFirst(this.#claimants);
    const { claimsMax } = this.#thresholds;
    if (claimant.addresses.has(address) || claimant.addresses.size > 4 * claimsMax) return;
    claimant.addresses.add(address);
    if (claimant.addresses.size > claimsMax) this.#tellMany(mac, claimant, { at, address });
  }

  #tellMany(mac: Mac, { addresses }: Claimant, { at, address }: { at: Instant; address: AddressId }): void {
    const text = this.#addresses.text(address);
    this.#cases.see({ kind: 'spoofing', variant: 'many', subject: macText(mac), at }, () => ({
      address: text,
      element: null,
      evidence: `${macText(mac)} claimed ${addresses.size} addresses within an hour, ${text} the latest; ${this.#thresholds.claimsMax} are usual at most`,
      severity: 'alarm',
      isWorthQuarantine: false,
    }));
  }
}

/** 0.0.0.0 and :: stand for a host that asks whether an address is free. */
function isUnspecified(bytes: Uint8Array): boolean {
  const text = addressText(bytes);
  return text === '0.0.0.0' || text === '::';
}

function dropFirst<K, V>(map: Map<K, V>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
