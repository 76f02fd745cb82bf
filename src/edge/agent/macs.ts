// The MACs that a policy asks for, and the addresses that they were seen with. Not a proof: a neighbour's word is a claim.

import { type AddressId, type AddressTable, type Mac, NO_MAC, type Policy, type Selector, type Service } from '#model';

/** Addresses kept; all are forgotten when there are more, and learned anew: until then what they would open stays closed. */
const ADDRESSES_MAX = 65_536;

export class Macs {
  readonly #addresses: AddressTable;
  readonly #macs = new Map<AddressId, Mac>();
  #wanted: ReadonlySet<Mac>;
  #isChanged = true;

  constructor(policy: Policy, addresses: AddressTable) {
    this.#addresses = addresses;
    this.#wanted = macsOf(policy);
  }

  apply(policy: Policy): void {
    this.#wanted = macsOf(policy);
    this.#isChanged = true;
  }

  of(address: AddressId): Mac {
    return this.#macs.get(address) ?? NO_MAC;
  }

  see(address: AddressId, mac: Mac): void {
    const before = this.#macs.get(address);
    if (before === mac) return;
    if (this.#macs.size >= ADDRESSES_MAX) this.#macs.clear();
    this.#macs.set(address, mac);
    this.#isChanged ||= this.#wanted.has(mac) || (before !== undefined && this.#wanted.has(before));
  }

  /** Addresses of the MACs that the policy asks for, where that has changed since it was asked last; else null. */
  takeChanged(): ReadonlyMap<Mac, readonly string[]> | null {
    if (!this.#isChanged) return null;
    this.#isChanged = false;
    const found = new Map<Mac, string[]>();
    for (const [address, mac] of this.#macs) {
      if (!this.#wanted.has(mac)) continue;
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
    for (const [address, mac] of this.#macs) if (macs.includes(mac)) return this.#addresses.text(address);
    return null;
  }
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
