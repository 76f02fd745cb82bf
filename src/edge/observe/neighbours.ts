// Who lives at which MAC: ARP, neighbour discovery and DHCP of the frames that come by. Not an ARP table: it tells what is new or changed,
// and what it knows already once in a while. What it tells is what devices claim.

import { type Frame, PACKET_TYPE } from '#capture';
import {
  type AddressId,
  type AddressTable,
  isGroupMac,
  type Mac,
  MINUTE,
  NO_ADDRESS,
  NO_MAC,
  PROTOCOL,
  SECOND,
} from '#model';
import type { Neighbour, NeighbourOrigin } from './facts.ts';
import { readAdvertisement, readArp, readDhcp } from './neighbour-packets.ts';

export interface NeighboursOptions {
  readonly addresses: AddressTable;
  readonly tell: (fact: Neighbour) => void;
  readonly nameOf: (index: number) => string;
}

/** Pairs kept; when there are more, the oldest is forgotten and told again when it comes by. */
const PAIRS_MAX = 65_536;
/** A pair that stays the same is told again after this. */
const REPEAT_MICROS = 5 * MINUTE;
/** Facts told in one second: a flood of claims must not drown everything else. Those beyond are counted. */
const TOLD_PER_SECOND_MAX = 500;

const DHCP_SERVER = 67;
const DHCP_CLIENT = 68;

interface Pair {
  readonly mac: Mac;
  readonly at: number;
  readonly names: string;
}

export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #pairs = new Map<string, Pair>();
  #second = 0;
  #told = 0;
  /** Facts that were not told because there were too many at once. */
  untold = 0;

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** Looks at a frame that passed the gate. Cheap for all but the few that say who lives where. */
  look(frame: Frame): void {
    if (frame.ipVersion === 0) {
      if (frame.packetType !== PACKET_TYPE.outgoing) this.#arp(frame);
    } else if (frame.protocol === PROTOCOL.icmpv6) this.#discovery(frame);
    else if (frame.protocol === PROTOCOL.udp && isDhcp(frame)) this.#dhcp(frame);
  }

  #arp(frame: Frame): void {
    const arp = readArp(frame.data);
    if (arp !== null)
      this.#add(frame, { origin: 'arp', mac: arp.mac, address: this.#options.addresses.intern4(arp.address) });
  }

  #discovery(frame: Frame): void {
    if (frame.packetType === PACKET_TYPE.outgoing || frame.payloadCaptured < 8) return;
    const found = readAdvertisement(frame.data, frame.payloadOffset, frame.payloadOffset + frame.payloadCaptured);
    if (found === null) return;
    const { addresses } = this.#options;
    const address = found.target === null ? frame.source : addresses.intern6(found.target, 0);
    const mac = found.mac === NO_MAC ? frame.sourceMac : found.mac;
    if (!isUnspecified(addresses.bytes(address))) this.#add(frame, { origin: 'ndp', mac, address });
  }

  #dhcp(frame: Frame): void {
    const found = readDhcp(frame.data, frame.payloadOffset, frame.payloadOffset + frame.payloadCaptured);
    if (found === null) return;
    const address = found.address === 0 ? NO_ADDRESS : this.#options.addresses.intern4(found.address);
    if (address === NO_ADDRESS && found.hostName === '' && found.vendorClass === '') return;
    const { mac, hostName, vendorClass } = found;
    this.#add(frame, { origin: 'dhcp', mac, address, hostName, vendorClass });
  }

  #add(frame: Frame, claim: Claim): void {
    const { mac, address, origin, hostName = '', vendorClass = '' } = claim;
    if (mac === NO_MAC || mac === 0 || isGroupMac(mac)) return;
    const key = address === NO_ADDRESS ? `${origin} ${mac}` : `${address} ${frame.interfaceIndex}`;
    const names = `${hostName}\n${vendorClass}`;
    const known = this.#pairs.get(key);
    const isKnown = known?.mac === mac && (known.names === names || origin !== 'dhcp');
    if (isKnown && frame.at - known.at < REPEAT_MICROS && frame.at >= known.at) return;
    if (!this.#mayTell(frame.at)) return;
    if (known === undefined && this.#pairs.size >= PAIRS_MAX) this.#forgetOldest();
    this.#pairs.set(key, { mac, at: frame.at, names: origin === 'dhcp' ? names : (known?.names ?? '') });
    this.#options.tell({
      at: frame.at,
      origin,
      mac,
      address,
      interface: this.#options.nameOf(frame.interfaceIndex),
      hostName,
      vendorClass,
    });
  }

  #mayTell(at: number): boolean {
    const second = Math.floor(at / SECOND);
    if (second !== this.#second) this.#told = 0;
    this.#second = second;
    this.#told++;
    if (this.#told <= TOLD_PER_SECOND_MAX) return true;
    this.untold++;
    return false;
  }

  #forgetOldest(): void {
    for (const key of this.#pairs.keys()) {
      this.#pairs.delete(key);
      return;
    }
  }
}

interface Claim {
  readonly origin: NeighbourOrigin;
  readonly mac: Mac;
  readonly address: AddressId;
  readonly hostName?: string;
  readonly vendorClass?: string;
}

function isDhcp({ sourcePort, destinationPort }: Frame): boolean {
  return destinationPort === DHCP_SERVER || (sourcePort === DHCP_SERVER && destinationPort === DHCP_CLIENT);
}

function isUnspecified(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
