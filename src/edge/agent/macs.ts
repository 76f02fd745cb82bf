// The MACs that a policy asks for, and the addresses that they were seen with. Not a proof: a neighbour's word is a claim.

import {
  type AddressId,
  type AddressTable,
  type Instant,
  type Mac,
  MINUTE,
  type Micros,
  NO_MAC,
  type Policy,
  type Selector,
  type Service,
} from '#model';

/** Addresses kept; all are forgotten when there are more, and learned anew: until then what they would open stays closed. */
const ADDRESSES_MAX = 65_536;

/**
 * An address that two MACs claim within this time is nobody's: who claims what is another's gains nothing, and closes it at worst. Longer than
 * the five minutes after which a claim that stays the same is told again.
 */
const QUIET: Micros = 10 * MINUTE;

interface Claim {
  readonly mac: Mac;
  /** When it was made last. */
  readonly at: Instant;
  /** Until when another's claim keeps it from being believed, or null. */
  readonly disputedUntil: Instant | null;
}

export class Macs {
  readonly #addresses: AddressTable;
  readonly #claims = new Map<AddressId, Claim>();
  #wanted: ReadonlySet<Mac>;
  #elements: ReadonlyMap<Mac, string>;
  #isChanged = true;

  constructor(policy: Policy, addresses: AddressTable) {
    this.#addresses = addresses;
    this.#wanted = macsOf(policy);
    this.#elements = elementsByMac(policy);
  }

  apply(policy: Policy): void {
    this.#wanted = macsOf(policy);
    this.#elements = elementsByMac(policy);
    this.#isChanged = true;
  }

  /** `NO_MAC` where none was seen, or two claim the address. */
  of(address: AddressId): Mac {
    const claim = this.#claims.get(address);
    return claim === undefined || claim.disputedUntil !== null ? NO_MAC : claim.mac;
  }

  see(address: AddressId, mac: Mac, at: Instant): void {
    const before = this.#claims.get(address);
    if (before === undefined && this.#claims.size >= ADDRESSES_MAX) {
      this.#claims.clear();
      this.#isChanged = true;
    }
    const after = this.#claimed(before, { mac, at });
    this.#claims.set(address, after);
    if (before?.mac === after.mac && (before.disputedUntil === null) === (after.disputedUntil === null)) return;
    this.#isChanged ||= this.#wanted.has(after.mac) || (before !== undefined && this.#wanted.has(before.mac));
  }

  #claimed(before: Claim | undefined, { mac, at }: { readonly mac: Mac; readonly at: Instant }): Claim {
    const fresh = { mac, at, disputedUntil: null };
    if (before === undefined || !this.#mayBelong(before.mac, mac)) return fresh;
    if (before.mac !== mac) return at - before.at >= QUIET ? fresh : { ...before, disputedUntil: at + QUIET };
    const { disputedUntil } = before;
    if (disputedUntil === null || at >= disputedUntil) return fresh;
    // A clock that was set back must not make the dispute longer.
    return { mac, at, disputedUntil: Math.min(disputedUntil, at + QUIET) };
  }

  /** Whether it matters which of the two has an address: the policy asks for one, and they are not of one element. */
  #mayBelong(one: Mac, other: Mac): boolean {
    if (!this.#wanted.has(one) && !this.#wanted.has(other)) return false;
    const element = this.#elements.get(one);
    return one === other || element === undefined || element !== this.#elements.get(other);
  }

  /** Addresses of the MACs that the policy asks for, where that has changed since it was asked last; else null. */
  takeChanged(): ReadonlyMap<Mac, readonly string[]> | null {
    if (!this.#isChanged) return null;
    this.#isChanged = false;
    const found = new Map<Mac, string[]>();
    for (const [address, { mac, disputedUntil }] of this.#claims) {
      if (disputedUntil !== null || !this.#wanted.has(mac)) continue;
      const list = found.get(mac) ?? [];
      list.push(this.#addresses.text(address));
      found.set(mac, list);
    }
    return found;
  }

  /** What was taken could not be put in force. */
  putBack(): void {
    this.#isChanged = true;
  }

  /** An address that one of these MACs was seen with, or null. */
  addressOf(macs: readonly Mac[]): string | null {
    for (const address of this.#claims.keys())
      if (macs.includes(this.of(address))) return this.#addresses.text(address);
    return null;
  }
}

function elementsByMac({ elements }: Policy): ReadonlyMap<Mac, string> {
  return new Map(elements.flatMap(({ id, macs }) => macs.map((mac) => [mac, id] as const)));
}

/** MACs of elements and of selectors. */
export function macsOf({ elements, services, rules, never, require }: Policy): ReadonlySet<Mac> {
  const macs = new Set(elements.flatMap((element) => element.macs));
  const ends: readonly { readonly from: Selector; readonly to: readonly Service[] }[] = [
    ...rules,
    ...never,
    ...require,
  ];
  const selectors = [
    ...services.map(({ on }) => on),
    ...ends.flatMap(({ from, to }) => [from, ...to.map(({ on }) => on)]),
  ];
  for (const selector of selectors) collect(selector, macs);
  return macs;
}

/** A selector nests at most 32 levels, see docs/policy.md. */
function collect(selector: Selector, macs: Set<Mac>): void {
  if (selector.kind === 'mac') macs.add(selector.mac);
  else if (selector.kind === 'not') collect(selector.of, macs);
  else if (selector.kind === 'all' || selector.kind === 'either') for (const one of selector.of) collect(one, macs);
}
