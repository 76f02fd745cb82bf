// The elements of a proposal: which ends are devices of the local side, how each is recognised, and what it is called.

import { type AddressId, type AddressTable, type Element, type Instant, type Mac, macText, parsePrefix } from '#model';
import { ELEMENTS_MAX } from './bounds.ts';
import type { Chosen } from './chosen.ts';
import type { Device, Devices } from './devices.ts';
import type { End, LineBook } from './lines.ts';

export interface Member {
  readonly id: string;
  readonly index: number;
  readonly mac: Mac;
  /** Addresses it is recognised by; empty where the MAC does. */
  readonly addresses: readonly AddressId[];
  readonly device: Device | null;
  readonly hostName: string | null;
  first: Instant;
  last: Instant;
  setupUntil: Instant | null;
}

interface Sources {
  readonly addresses: AddressTable;
  readonly chosen: Chosen;
  readonly book: LineBook;
  readonly devices: Devices;
}

const ID_LENGTH_MAX = 40;
/** Words that mean something of their own in a selector. */
const TAKEN_WORDS = ['any', 'internet', 'not', 'all', 'either', 'name', 'kind'];

export class Roster {
  readonly members: Member[] = [];
  /** Devices left out because the proposal was full. */
  leftOut = 0;
  readonly #byMac = new Map<Mac, Member>();
  readonly #byAddress = new Map<AddressId, Member>();
  readonly #ids = new Set<string>(TAKEN_WORDS);
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
    const isSpeaking = speakingEnds(sources.book);
    const speakingMacs = new Set([...isSpeaking].map(({ mac }) => mac));
    for (const address of sources.chosen.addresses) this.#addAddress(address);
    for (const device of sources.devices.all)
      if (speakingMacs.has(device.mac) && this.#isAsked(device)) this.#addDevice(device);
    if (sources.chosen.isEverything)
      for (const end of isSpeaking) if (end.mac < 0 && !this.#byAddress.has(end.address)) this.#addAddress(end.address);
  }

  /** The element an end belongs to, or undefined for a peer. */
  of(end: End): Member | undefined {
    const byAddress = this.#byAddress.get(end.address);
    if (end.mac >= 0) return this.#byMac.get(end.mac) ?? byAddress;
    return byAddress;
  }

  #isAsked(device: Device): boolean {
    const { chosen } = this.#sources;
    if (chosen.isEverything) return true;
    return chosen.macs.has(device.mac);
  }

  #addDevice(device: Device): void {
    const { addresses, devices, book } = this.#sources;
    if (devices.isRouter(device)) {
      const own = ownAddresses(device, { addresses, devices, book });
      if (own.length > 0) this.#add({ mac: -1, addresses: own, device });
      return;
    }
    const member = this.#add({ mac: device.mac, addresses: [], device });
    if (member === null) return;
    this.#byMac.set(device.mac, member);
    // Traffic that shows no MAC still belongs to the one device that holds the address.
    for (const address of device.addresses.keys())
      if (devices.isUsable4(address) && !this.#byAddress.has(address)) this.#byAddress.set(address, member);
  }

  #addAddress(address: AddressId): void {
    this.#add({ mac: -1, addresses: [address], device: null });
  }

  #add(of: Pick<Member, 'mac' | 'addresses' | 'device'>): Member | null {
    if (this.members.length >= ELEMENTS_MAX) {
      this.leftOut++;
      return null;
    }
    const hostName = of.device?.hostName ?? null;
    const member: Member = {
      ...of,
      id: this.#unique(this.#idOf(of, hostName)),
      index: this.members.length,
      hostName,
      first: Number.POSITIVE_INFINITY,
      last: Number.NEGATIVE_INFINITY,
      setupUntil: of.device === null ? null : this.#sources.devices.setupUntil(of.device),
    };
    this.members.push(member);
    for (const address of of.addresses) this.#byAddress.set(address, member);
    return member;
  }

  #idOf({ mac, addresses }: Pick<Member, 'mac' | 'addresses'>, hostName: string | null): string {
    const named = hostName === null ? '' : plainId(hostName);
    if (named !== '') return named;
    if (mac >= 0) return `device-${macText(mac).replaceAll(':', '').slice(6)}`;
    const [address = 0] = addresses;
    const text = this.#sources.addresses.text(address);
    // Where no MAC is shown, hosts that have no address yet can not be told apart: they are one element.
    if (text === '0.0.0.0' || text === '::') return text === '::' ? 'unaddressed-v6' : 'unaddressed';
    return `host-${plainId(text)}`.slice(0, ID_LENGTH_MAX);
  }

  #unique(wanted: string): string {
    let id = wanted;
    for (let number = 2; this.#ids.has(id); number++) id = `${wanted}-${number}`;
    this.#ids.add(id);
    return id;
  }
}

/** Lower-case letters, digits, hyphens and underscores, beginning with a letter or digit; '' where nothing is left. */
export function plainId(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, ID_LENGTH_MAX);
}

/** Local ends that sent something: a host that was only asked for may not exist. */
function speakingEnds(book: LineBook): Set<End> {
  const speaking = new Set<End>();
  for (const { from, to, sketch } of book.lines) {
    if (isOneHost(from)) speaking.add(from);
    if (isOneHost(to) && sketch.received.count + sketch.received.unsized > 0) speaking.add(to);
  }
  return speaking;
}

function isOneHost({ scope, address }: End): boolean {
  return scope === 'local' && address >= 0;
}

/** A router's own addresses: the one that answers DNS or DHCP, else the only one, else the first or last of its subnet; and its link-local ones. */
function ownAddresses(
  device: Device,
  { addresses, devices, book }: Pick<Sources, 'addresses' | 'devices' | 'book'>,
): AddressId[] {
  const four = [...device.addresses.keys()].filter((address) => devices.isUsable4(address));
  const serving = four.filter((address) => isServing(address, book));
  const edge = four.filter((address) => /\.(1|254)$/.test(addresses.text(address)));
  const [own] = serving.length > 0 ? serving : four.length === 1 ? four : edge;
  const linkLocal = [...device.addresses.keys()].filter((address) => addresses.text(address).startsWith('fe80:'));
  return own === undefined ? [] : [own, ...linkLocal.slice(0, 4)];
}

function isServing(address: AddressId, book: LineBook): boolean {
  for (const { from, to, port, sketch } of book.lines) {
    if (from.address === address && port === 68) return true;
    const isAnswering = sketch.received.count + sketch.received.unsized > 0;
    if (to.address === address && (port === 53 || port === 67) && isAnswering) return true;
  }
  return false;
}

export function elementOf(member: Member, addresses: AddressTable): Element {
  return {
    id: member.id,
    kind: 'device',
    macs: member.mac >= 0 ? [member.mac] : [],
    addresses: member.addresses.flatMap((address) => parsePrefix(addresses.text(address)) ?? []),
    login: null,
    labels: [],
    data: [],
    mode: 'enforce',
    protect: [],
    isSafetyCritical: false,
    owner: null,
  };
}
