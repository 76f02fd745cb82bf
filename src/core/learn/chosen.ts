// The devices a learner was asked for, by MAC or address. Without any, every device is wanted.

import { type AddressId, type AddressTable, type Mac, type Observation, parseMac } from '#model';

export class Chosen {
  readonly macs = new Set<Mac>();
  readonly addresses = new Set<AddressId>();
  /** Texts that are neither a MAC nor an address. */
  readonly unreadable: string[] = [];
  readonly isEverything: boolean;

  constructor(texts: readonly string[] | null, addresses: AddressTable) {
    this.isEverything = texts === null;
    for (const text of texts ?? []) {
      const mac = parseMac(text);
      const address = mac === null ? addresses.intern(text) : -1;
      if (mac !== null) this.macs.add(mac);
      else if (address >= 0) this.addresses.add(address);
      else this.unreadable.push(text);
    }
  }

  isWanted({ source, destination, sourceMac, destinationMac }: Observation): boolean {
    return this.isEverything || this.has(sourceMac, source) || this.has(destinationMac, destination);
  }

  has(mac: Mac, address: AddressId): boolean {
    return this.macs.has(mac) || this.addresses.has(address);
  }
}
