// What each MAC was seen to do: its addresses, its host name, its first contact. Whether it is a device or a router is told here, rules are not.

import { type AddressId, type AddressTable, type Instant, isGroupMac, type Mac } from '#model';
import { ADDRESSES_PER_MAC_MAX, MACS_MAX, SETUP_LENGTH_MAX, SETUP_SILENCE } from './bounds.ts';
import type { Scope } from './lines.ts';

export interface Device {
  readonly mac: Mac;
  readonly first: Instant;
  last: Instant;
  /** Local unicast addresses sent from, with packets. */
  readonly addresses: Map<AddressId, number>;
  /** Whether more addresses were seen than are kept. */
  isCrowded: boolean;
  /** Internet IPv4 addresses were seen behind it, or many IPv6 ones. */
  internetAddresses: number;
  hostName: string | null;
  /** End of the first contact period so far, and whether it is still running. */
  setupUntil: Instant;
  isInSetup: boolean;
  hasAskedForAddress: boolean;
}

/** Local IPv4 addresses from which a MAC is taken for a router: a host with two, an alias and a link-local one is none. */
const ROUTER_ADDRESSES = 5;

export class Devices {
  readonly #addresses: AddressTable;
  readonly #byMac = new Map<Mac, Device>();
  readonly #internetSeen = new Set<number>();
  #start: Instant = -1;
  unfollowed = 0;

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  get all(): IterableIterator<Device> {
    return this.#byMac.values();
  }

  get(mac: Mac): Device | undefined {
    return this.#byMac.get(mac);
  }

  /** Notes that `mac` sent from (or was sent to as) `address`. */
  see(
    mac: Mac,
    address: AddressId,
    at: { readonly instant: Instant; readonly scope: Scope; readonly isSource: boolean },
  ): void {
    if (mac < 0 || isGroupMac(mac) || at.scope === 'group') return;
    if (this.#start < 0) this.#start = at.instant;
    const device = this.#device(mac, at.instant);
    if (device === undefined) return;
    if (at.scope === 'internet') this.#internet(device, address);
    else this.#local(device, address);
    if (at.isSource) follow(device, at.instant);
    device.last = Math.max(device.last, at.instant);
    if (at.isSource && device.isInSetup && this.isUnset(address)) device.hasAskedForAddress = true;
  }

  #device(mac: Mac, at: Instant): Device | undefined {
    const known = this.#byMac.get(mac);
    if (known !== undefined) return known;
    if (this.#byMac.size >= MACS_MAX) {
      this.unfollowed++;
      return undefined;
    }
    const device: Device = {
      mac,
      first: at,
      last: at,
      addresses: new Map(),
      isCrowded: false,
      internetAddresses: 0,
      hostName: null,
      setupUntil: at,
      isInSetup: true,
      hasAskedForAddress: false,
    };
    this.#byMac.set(mac, device);
    return device;
  }

  /** One IPv6 address of the internet is a host's own; IPv4 ones and many IPv6 ones lie behind a router. */
  #internet(device: Device, address: AddressId): void {
    if (this.#internetSeen.has(address) || device.internetAddresses > ADDRESSES_PER_MAC_MAX) return;
    if (this.#internetSeen.size < MACS_MAX) this.#internetSeen.add(address);
    device.internetAddresses += this.#addresses.version(address) === 4 ? ADDRESSES_PER_MAC_MAX : 8;
  }

  #local(device: Device, address: AddressId): void {
    const packets = device.addresses.get(address);
    if (packets === undefined && device.addresses.size >= ADDRESSES_PER_MAC_MAX) device.isCrowded = true;
    else device.addresses.set(address, (packets ?? 0) + 1);
  }

  /** What a host sends from before it has an address. */
  isUnset(address: AddressId): boolean {
    const text = this.#addresses.text(address);
    return text === '0.0.0.0' || text === '::';
  }

  name(mac: Mac, hostName: string): void {
    const device = this.#byMac.get(mac);
    if (device !== undefined) device.hostName ??= hostName;
  }

  /** Carries other hosts' traffic: internet addresses, or more local ones than a host has. */
  isRouter(device: Device): boolean {
    if (device.internetAddresses >= ADDRESSES_PER_MAC_MAX || device.isCrowded) return true;
    let four = 0;
    for (const address of device.addresses.keys()) if (this.isUsable4(address)) four++;
    return four >= ROUTER_ADDRESSES;
  }

  /** An IPv4 address that a host can hold. */
  isUsable4(address: AddressId): boolean {
    return this.#addresses.version(address) === 4 && !this.isUnset(address);
  }

  /** End of the first contact period, or null where the device was there before the recording and asked for no address. */
  setupUntil(device: Device): Instant | null {
    const isNew = device.hasAskedForAddress || device.first - this.#start >= SETUP_SILENCE;
    return isNew ? device.setupUntil : null;
  }
}

function follow(device: Device, at: Instant): void {
  if (!device.isInSetup) return;
  const isOver = at - device.setupUntil >= SETUP_SILENCE || at - device.first >= SETUP_LENGTH_MAX;
  if (isOver) device.isInSetup = false;
  else device.setupUntil = Math.max(device.setupUntil, at);
}
