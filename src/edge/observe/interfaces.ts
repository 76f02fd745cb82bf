// The interfaces of the observed host as `ip` lists them: names, addresses, sizes, and where a packet of each is to be counted.
// Not a watcher: whoever holds the table reads it again.

import { type AddressId, type AddressTable, type Mac, NO_ADDRESS, NO_MAC, parseMac } from '#model';
import { commandText } from './command.ts';
import { isRecord, numberIn, recordsIn, textIn } from './json.ts';

export interface InterfaceAddress {
  readonly address: AddressId;
  readonly prefixLength: number;
}

export interface Interface {
  readonly name: string;
  readonly index: number;
  readonly mac: Mac;
  /** Bytes of the largest IP packet, 0 where not known. */
  readonly mtu: number;
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  /** Kind of a virtual interface, such as `bridge` or `vlan`; '' for others. */
  readonly kind: string;
  /** Name of the bridge or bond that it is a port of, or ''. */
  readonly master: string;
  readonly addresses: readonly InterfaceAddress[];
}

/** Interfaces kept; a host of containers has hundreds. Of those beyond nothing but their packets is known. */
const INTERFACES_MAX = 4_096;
/** Addresses kept of one interface. */
const ADDRESSES_MAX = 1_024;
/** Text that is read: about 1 kB an interface. */
const LISTING_CHARS_MAX = 16 * 1024 * 1024;

/** Lists the interfaces; rejects when `ip` is missing or not understood. */
export async function listInterfaces(
  prefix: readonly string[],
  addresses: AddressTable,
): Promise<readonly Interface[]> {
  const text = await commandText([...prefix, 'ip', '-j', '-d', 'address', 'show'], LISTING_CHARS_MAX);
  return readInterfaces(text, addresses);
}

/** Reads `ip -j -d address show`. What does not look like an interface is left out. */
export function readInterfaces(text: string, addresses: AddressTable): readonly Interface[] {
  const listed: unknown = JSON.parse(text);
  if (!Array.isArray(listed)) return [];
  const found: Interface[] = [];
  for (const one of listed.slice(0, INTERFACES_MAX)) {
    const read = isRecord(one) ? readInterface(one, addresses) : null;
    if (read !== null) found.push(read);
  }
  return found;
}

function readInterface(one: Record<string, unknown>, addresses: AddressTable): Interface | null {
  const index = numberIn(one, 'ifindex');
  const name = textIn(one, 'ifname');
  if (!(index > 0) || name === '') return null;
  const flags = Array.isArray(one.flags) ? one.flags : [];
  const link = isRecord(one.linkinfo) ? one.linkinfo : {};
  return {
    name,
    index,
    mac: textIn(one, 'link_type') === 'ether' ? (parseMac(textIn(one, 'address')) ?? NO_MAC) : NO_MAC,
    mtu: Math.max(numberIn(one, 'mtu'), 0),
    isUp: flags.includes('UP'),
    isLoopback: flags.includes('LOOPBACK'),
    kind: textIn(link, 'info_kind'),
    master: textIn(one, 'master'),
    addresses: recordsIn(one, 'addr_info')
      .slice(0, ADDRESSES_MAX)
      .map((entry) => ({
        address: addresses.intern(textIn(entry, 'local')),
        prefixLength: numberIn(entry, 'prefixlen'),
      }))
      .filter(({ address }) => address !== NO_ADDRESS),
  };
}

/** What an interface's packets count for. */
export const COUNTS = { in: 1, out: 2 } as const;

/**
 * Kinds whose incoming packets were seen before, on the interface below: a bridge's on its port, a VLAN's on its trunk. `ifb` and `nlmon` carry copies.
 * Tunnels are not among them: what comes out of one was not seen in clear before.
 */
const UPPER_KINDS = new Set(['bridge', 'bond', 'team', 'vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'vrf', 'hsr']);
const COPY_KINDS = new Set(['ifb', 'nlmon', 'vcan', 'vsockmon']);

/**
 * Each packet counts once: coming in where it is seen first, going out where this host sends it. So a port counts what comes in and its bridge
 * what this host sends, and loopback, whose packets never leave the host, nothing.
 */
export function countsOf({ isLoopback, kind, master }: Interface): number {
  if (isLoopback || COPY_KINDS.has(kind)) return 0;
  return (UPPER_KINDS.has(kind) ? 0 : COUNTS.in) | (master === '' ? COUNTS.out : 0);
}
