// The elements of a proposal: which ends are devices of the local side, how each is recognised, and what it is called.

import { type AddressId, type AddressTable, type Element, type Instant, type Mac, macText, parsePrefix } from '#model';
import { COVER_MAX, ELEMENTS_MAX } from './bounds.ts';
import type { Chosen } from './chosen.ts';
import { coverOf } from './cover.ts';
import type { Device, Devices } from './devices.ts';
import type { End, LineBook } from './lines.ts';

export interface Member {
  readonly id: string;
  readonly index: number;
  /** -1 where the address alone recognises it. */
  readonly mac: Mac;
  /** Addresses it is recognised by, with the MAC if it has one; empty where the MAC alone does. */
  readonly addresses: readonly AddressId[];
  readonly device: Device | null;
  readonly hostName: string | null;
  first: Instant;
  last: Instant;
  setupUntil: Instant | null;
  /** Nothing was recorded of it after its set-up. */
  isSetupOnly: boolean;
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
  /** Devices left out because the proposal was full, and conversations between ends for which there was no room. */
  leftOut = 0;
  uncovered = 0;
  /** What was asked for and did not appear, as text. */
  readonly absent: readonly string[];
  readonly #byMac = new Map<Mac, Member>();
  readonly #byAddress = new Map<AddressId, Member>();
  readonly #ids = new Set<string>(TAKEN_WORDS);
  readonly #sources: Sources;
  readonly #shown: ReadonlyMap<AddressId, ReadonlySet<Mac>>;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#shown = macsByAddress(sources.book);
    const speaking = speakingEnds(sources.book);
    const met = new Set([...sources.book.lines].flatMap(({ from, to }) => [from.address, to.address]));
    const speakingMacs = new Set([...speaking].map(({ mac }) => mac));
    for (const address of sources.chosen.addresses) if (met.has(address)) this.#addAddress(address);
    const asked = [...sources.devices.all].filter((device) => speakingMacs.has(device.mac) && this.#isAsked(device));
    for (const device of busiest(
      asked,
      linesBy(sources.book, ({ mac }) => mac),
      ({ mac }) => mac,
    ))
      if (this.#hasRoom()) this.#addDevice(device);
    if (sources.chosen.isEverything) this.#addRest(speaking);
    this.absent = this.#absent();
  }

  /** Ends without a MAC, then the fewest ends that leave no conversation without an element: none would be permitted. */
  #addRest(speaking: ReadonlySet<End>): void {
    const bare = [...speaking].filter((end) => end.mac < 0 && !this.#byAddress.has(end.address));
    const lines = linesBy(this.#sources.book, ({ address }) => address);
    for (const { address } of busiest(bare, lines, (end) => end.address))
      if (!this.#byAddress.has(address) && this.#hasRoom()) this.#addAddress(address);
    const strangers = [...this.#sources.book.lines].filter(
      ({ from, to }) => this.of(from) === undefined && this.of(to) === undefined,
    );
    const { addresses, left } = coverOf(strangers, this.#takenByMac());
    this.uncovered = left;
    for (const address of addresses) this.#addAddress(address);
  }

  /** Whether another device fits; what strangers need is kept free. */
  #hasRoom(): boolean {
    const hasRoom = this.members.length < ELEMENTS_MAX - COVER_MAX;
    if (!hasRoom) this.leftOut++;
    return hasRoom;
  }

  #takenByMac(): ReadonlySet<AddressId> {
    const byMac = this.members.filter(({ mac, addresses }) => mac >= 0 && addresses.length === 0);
    return new Set(byMac.flatMap(({ device }) => [...(device?.addresses.keys() ?? [])]));
  }

  #absent(): string[] {
    const { chosen, addresses } = this.#sources;
    const macs = [...chosen.macs].filter((mac) => !this.members.some(({ device }) => device?.mac === mac));
    const absent = [...chosen.addresses].filter((address) => !this.#byAddress.has(address));
    return [...macs.map(macText), ...absent.map((address) => addresses.text(address))];
  }

  /** The element an end belongs to, or undefined for a peer; as docs/semantics.md 2 recognises it. */
  of({ mac, address, scope }: End): Member | undefined {
    const byMac = mac >= 0 ? this.#byMac.get(mac) : undefined;
    if (byMac !== undefined && (byMac.addresses.length === 0 || byMac.addresses.includes(address))) return byMac;
    const byAddress = this.#byAddress.get(address);
    const isMacLess = mac < 0 && scope === 'local';
    return byAddress !== undefined && (byAddress.mac < 0 || isMacLess) ? byAddress : undefined;
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
    const usable = [...device.addresses.keys()].filter((address) => !devices.isUnset(address));
    // Cooked captures show no destination MAC, and an element that declares only a MAC is not recognised without one.
    const isBare = usable.some((address) => this.#shown.get(address)?.has(-1) === true);
    const isForeign = [...device.addresses.keys()].some((address) => this.#isShownElsewhere(address, device));
    // Traffic met again behind a router carries the router's MAC: there only the address is the device's own.
    if (isForeign) this.#add({ mac: -1, addresses: usable, device });
    else this.#add({ mac: device.mac, addresses: isBare ? [...device.addresses.keys()] : [], device });
  }

  #isShownElsewhere(address: AddressId, { mac }: Device): boolean {
    const { devices } = this.#sources;
    for (const shown of this.#shown.get(address) ?? []) {
      if (shown < 0 || shown === mac) continue;
      const other = devices.get(shown);
      if (other === undefined || devices.isRouter(other)) return devices.isUsable4(address);
    }
    return false;
  }

  #addAddress(address: AddressId): void {
    this.#add({ mac: -1, addresses: [address], device: null });
  }

  #add(wanted: Pick<Member, 'mac' | 'addresses' | 'device'>): void {
    // Two elements with one address would be one and the same to a policy: the first has it.
    const of = { ...wanted, addresses: wanted.addresses.filter((address) => !this.#byAddress.has(address)) };
    if (of.mac < 0 && of.addresses.length === 0) return;
    if (this.members.length >= ELEMENTS_MAX) {
      this.leftOut++;
      return;
    }
    const hostName = of.device?.hostName ?? null;
    const member: Member = {
      ...of,
      id: this.#unique(this.#idOf(of, hostName)),
      index: this.members.length,
      hostName,
      first: Number.POSITIVE_INFINITY,
      last: Number.NEGATIVE_INFINITY,
      isSetupOnly: false,
      setupUntil: of.device === null ? null : this.#sources.devices.setupUntil(of.device),
    };
    this.members.push(member);
    if (member.mac >= 0) this.#byMac.set(member.mac, member);
    for (const address of of.addresses) this.#byAddress.set(address, member);
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

/** All in the order of appearance; of too many first those with most lines, so that made-up ones are left out. */
function busiest<Item>(
  items: readonly Item[],
  lines: ReadonlyMap<number, number>,
  keyOf: (item: Item) => number,
): readonly Item[] {
  if (items.length <= ELEMENTS_MAX - COVER_MAX) return items;
  return items.toSorted((one, other) => (lines.get(keyOf(other)) ?? 0) - (lines.get(keyOf(one)) ?? 0));
}

function linesBy(book: LineBook, keyOf: (end: End) => number): ReadonlyMap<number, number> {
  const lines = new Map<number, number>();
  for (const { from, to } of book.lines)
    for (const end of [from, to]) lines.set(keyOf(end), (lines.get(keyOf(end)) ?? 0) + 1);
  return lines;
}

/** MACs under which each address was met; -1 where there was none. */
function macsByAddress(book: LineBook): ReadonlyMap<AddressId, ReadonlySet<Mac>> {
  const shown = new Map<AddressId, Set<Mac>>();
  for (const { from, to } of book.lines)
    for (const { mac, address, scope } of [from, to]) {
      // Only there does an end keep its MAC; a frame to all hosts says nothing of whose address it names.
      if (scope !== 'local') continue;
      const macs = shown.get(address);
      if (macs === undefined) shown.set(address, new Set([mac]));
      else macs.add(mac);
    }
  return shown;
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
