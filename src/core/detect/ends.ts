// Who an address is, as far as the house knows: element or not, inside or not, stranger or named. Remembers answers; decides nothing.

import {
  type AddressId,
  type AddressTable,
  type Instant,
  isGroupAddress,
  isGroupMac,
  isInternet,
  type Mac,
  type NameFact,
  NO_MAC,
  type Observation,
} from '#model';
import { NAMED_ENDS_MAX, NAMED_MAX } from './bounds.ts';
import { fingerprint, RecentSet } from './recent-set.ts';

export interface End {
  readonly address: AddressId;
  /** Its hardware address in the packet that it was looked up for. */
  readonly mac: Mac;
  readonly text: string;
  readonly element: string | null;
  /** The element's name, else the address. */
  readonly name: string;
  /** An element, or an address that is not of the internet. */
  readonly isInside: boolean;
  readonly isGroup: boolean;
  /** When it last sent a packet. */
  heardAt: Instant;
}

export class Ends {
  readonly #addresses: AddressTable;
  readonly #elementOf: (address: AddressId, mac: Mac) => string | null;
  readonly #ends = new Map<AddressId, End>();
  readonly #named = new RecentSet(NAMED_MAX);

  constructor(addresses: AddressTable, elementOf: (address: AddressId, mac: Mac) => string | null) {
    this.#addresses = addresses;
    this.#elementOf = elementOf;
  }

  end(address: AddressId, mac: Mac): End {
    const known = this.#ends.get(address);
    if (known !== undefined && known.mac === mac) return known;
    if (known === undefined && this.#ends.size >= NAMED_ENDS_MAX) this.#ends.clear();
    const end = this.#make(address, mac);
    if (known !== undefined) end.heardAt = known.heardAt;
    this.#ends.set(address, end);
    return end;
  }

  #make(address: AddressId, mac: Mac): End {
    const bytes = this.#addresses.bytes(address);
    const isGroup = isGroupAddress(bytes);
    const element = isGroup ? null : this.#elementOf(address, isGroupMac(mac) ? NO_MAC : mac);
    const text = this.#addresses.text(address);
    const isInside = element !== null || !isInternet(bytes);
    return { address, mac, text, element, name: element ?? text, isInside, isGroup, heardAt: Number.NEGATIVE_INFINITY };
  }

  /** Elements were named anew: everybody is asked for again. */
  forget(): void {
    this.#ends.clear();
  }

  name({ kind, client, address }: NameFact): void {
    if (kind === 'dns-answer' && address >= 0) this.#named.add(fingerprint(client, address));
  }

  /** Whether this client was given this address for a name. */
  isNamed(client: AddressId, address: AddressId): boolean {
    return this.#named.has(fingerprint(client, address));
  }
}

/** Whether a packet goes to a group or to a link's broadcast, which nobody needs to answer. */
export function isToGroup(end: End, { destinationMac }: Observation): boolean {
  return end.isGroup || isGroupMac(destinationMac);
}
