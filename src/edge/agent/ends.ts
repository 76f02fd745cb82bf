// Ends as people know them: the element that recognises an address, and the name that this address was last asked for by. Not a judge.

import { Recogniser } from '#engine';
import { type AddressId, type AddressTable, isGroupAddress, isInternet, type Mac, NO_MAC, type Policy } from '#model';
import type { EndView } from './api-records.ts';

/** Answers kept, by address and MAC; all are forgotten when there are more, and asked anew. */
const KNOWN_MAX = 65_536;
/** Names kept, one an address; all are forgotten when there are more. */
const NAMES_MAX = 65_536;

export class Ends {
  readonly #addresses: AddressTable;
  #policy: Policy;
  #recogniser: Recogniser;
  /** By MAC, then by address. */
  readonly #known = new Map<Mac, Map<AddressId, string | null>>();
  #knownCount = 0;
  readonly #names = new Map<AddressId, string>();

  constructor(policy: Policy, addresses: AddressTable) {
    this.#policy = policy;
    this.#addresses = addresses;
    this.#recogniser = new Recogniser(policy.elements, addresses);
  }

  apply(policy: Policy): void {
    this.#policy = policy;
    this.#recogniser = new Recogniser(policy.elements, this.#addresses);
    this.#forget();
  }

  /** Id of the element, or null. Without a MAC an element that declares only MACs is not found. */
  elementOf(address: AddressId, mac: Mac = NO_MAC): string | null {
    if (address < 0) return null;
    const ofMac = this.#known.get(mac);
    const known = ofMac?.get(address);
    if (known !== undefined) return known;
    const at = this.#recogniser.find({ address, bytes: this.#addresses.bytes(address), mac });
    const id = this.#policy.elements[at]?.id ?? null;
    this.#keep(mac, address, id);
    return id;
  }

  #keep(mac: Mac, address: AddressId, id: string | null): void {
    if (++this.#knownCount > KNOWN_MAX) this.#forget();
    const ofMac = this.#known.get(mac) ?? new Map<AddressId, string | null>();
    this.#known.set(mac, ofMac.set(address, id));
  }

  #forget(): void {
    this.#known.clear();
    this.#knownCount = 0;
  }

  isInternet(address: AddressId): boolean {
    return isInternet(this.#addresses.bytes(address));
  }

  isGroup(address: AddressId): boolean {
    return isGroupAddress(this.#addresses.bytes(address));
  }

  name(address: AddressId, name: string): void {
    if (address < 0) return;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    this.#names.set(address, name);
  }

  nameOf(address: AddressId): string | null {
    return this.#names.get(address) ?? null;
  }

  text(address: AddressId): string {
    return address < 0 ? '' : this.#addresses.text(address);
  }

  view(address: AddressId, port: number, element: string | null): EndView {
    return { address: this.text(address), port, element, name: this.nameOf(address) };
  }
}
