// Who speaks for another at a port, with raw frames and the real kernel: each is dropped and counted with its reason, and what is right passes.
// Skipped without root, nft or python3.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge, type BridgeLayout, type PortReason } from '#bridge';
import type { PacketSketch } from '../gateway/packets.testing.ts';
import { missingKernel } from '../gateway/site.testing.ts';
import {
  type ArpSketch,
  arpBody,
  BROADCAST,
  dhcp,
  frameOf,
  ipFrame,
  type NeighbourParts,
  neighbour,
} from './frames.testing.ts';
import { BRIDGE_MAC, BridgeSite, DEVICES, fourOf, macOf, OPENED_MS_MAX, portOf, sixOf } from './site.testing.ts';

const MISSING = missingKernel();
const OWN = macOf(1);
const VICTIM = macOf(2);
const NOBODY = '02:00:00:00:00:77';
const linkLocal = (digit: string): string => `fe80::ff:fe00:${digit}`;
const TAG = 5;
const TAGGED = '02:00:00:00:00:55';

const LAYOUT: BridgeLayout = {
  bridge: 'br0',
  subnets: ['10.7.0.0/24', 'fd07::/64'],
  ports: DEVICES.map((device) => ({
    name: portOf(device),
    elements: [
      { mac: macOf(device), addresses: [fourOf(device), sixOf(device)] },
      ...(device === 1 ? [{ mac: TAGGED, addresses: ['10.7.0.55', 'fd07::55'], vlan: TAG }] : []),
    ],
  })),
};

const udp = (from: string, to: string, ports: { sport?: number; dport?: number } = {}): PacketSketch => ({
  from,
  to,
  protocol: 17,
  sourcePort: ports.sport ?? 5_000,
  destinationPort: ports.dport ?? 9,
  payload: new Uint8Array(20),
});

interface Ends {
  readonly from?: string;
  readonly to?: string;
  readonly tags?: readonly number[];
}

const ip = (packet: PacketSketch, { from = OWN, to = BRIDGE_MAC, tags = [] }: Ends = {}): string =>
  ipFrame({ from, to, tags }, packet);
const arp = (sketch: Partial<ArpSketch>, { from = OWN, to = BROADCAST, tags = [] }: Ends = {}): string => {
  const whole = { operation: 1, sender: OWN, senderAddress: fourOf(1), targetAddress: '10.7.0.1', ...sketch } as const;
  return frameOf({ from, to, tags, type: 0x0806, body: arpBody(whole) });
};
const nd = (kind: number, from: string, parts: NeighbourParts, ends: Ends = {}): string =>
  ip(neighbour({ from, to: 'fd07::1' }, kind, parts), ends);
const discover = (client: string, ends: Ends = {}): string =>
  ip(
    { ...udp('0.0.0.0', '255.255.255.255', { sport: 68, dport: 67 }), payload: dhcp(client) },
    { to: BROADCAST, ...ends },
  );
const other = (type: number, ends: Ends = {}): string =>
  frameOf({ from: OWN, to: '01:80:c2:00:00:03', ...ends, type, body: new Uint8Array(46) });

const PERMITTED: readonly (readonly [string, string])[] = [
  ['its own IPv4', ip(udp(fourOf(1), '10.7.0.1'))],
  ['its own IPv4, to the internet', ip(udp(fourOf(1), '8.8.8.8'))],
  ['its own IPv6', ip(udp(sixOf(1), 'fd07::1'))],
  ['its own link-local address', ip(udp(linkLocal('1'), 'ff02::fb'), { to: '33:33:00:00:00:fb' })],
  ['ping', ip({ from: fourOf(1), to: '10.7.0.1', protocol: 1 })],
  ['ARP request', arp({})],
  ['ARP announcement', arp({ targetAddress: fourOf(1) })],
  ['ARP probe', arp({ senderAddress: '0.0.0.0', targetAddress: fourOf(1) })],
  ['neighbour solicitation', nd(135, sixOf(1), { target: 'fd07::1', link: OWN })],
  ['neighbour solicitation without option', nd(135, sixOf(1), { target: 'fd07::1' })],
  ['neighbour advertisement', nd(136, sixOf(1), { target: sixOf(1), option: 2, link: OWN })],
  ['neighbour advertisement without option', nd(136, sixOf(1), { target: sixOf(1) })],
  ['router solicitation', nd(133, linkLocal('1'), { link: OWN })],
  ['DHCP', discover(OWN)],
  ['802.1X', other(0x888e)],
  ['LLDP', other(0x88cc)],
  ['a device without binding asks by DHCP', discover(NOBODY, { from: NOBODY })],
  [
    'a device without binding asks by DHCPv6',
    ip(udp(linkLocal('77'), 'ff02::1:2', { sport: 546, dport: 547 }), { from: NOBODY }),
  ],
  ['a device without binding probes', arp({ sender: NOBODY, senderAddress: '0.0.0.0' }, { from: NOBODY })],
  ['a device without binding asks for routers', nd(133, '::', {}, { from: NOBODY })],
  ['a device without binding authenticates', other(0x888e, { from: NOBODY })],
  ['tagged IPv4', ip(udp('10.7.0.55', '10.7.0.1'), { from: TAGGED, tags: [TAG] })],
  ['tagged IPv6', ip(udp('fd07::55', 'fd07::1'), { from: TAGGED, tags: [TAG] })],
  ['tagged ARP', arp({ sender: TAGGED, senderAddress: '10.7.0.55' }, { from: TAGGED, tags: [TAG] })],
  [
    'tagged neighbour advertisement',
    nd(136, 'fd07::55', { target: 'fd07::55', option: 2, link: TAGGED }, { from: TAGGED, tags: [TAG] }),
  ],
];

const DENIED: readonly (readonly [string, PortReason, string])[] = [
  ['an unknown MAC with a bound address', 'mac', ip(udp(fourOf(1), '10.7.0.1'), { from: NOBODY })],
  ['an unknown MAC', 'mac', ip(udp('10.7.0.77', '10.7.0.1'), { from: NOBODY })],
  ['an unknown MAC with IPv6', 'mac', ip(udp(linkLocal('77'), 'ff02::fb'), { from: NOBODY })],
  ['an unknown MAC with ARP', 'mac', arp({ sender: NOBODY, senderAddress: '10.7.0.77' }, { from: NOBODY })],
  ['an unknown MAC with LLDP', 'mac', other(0x88cc, { from: NOBODY })],
  ['the MAC of another port', 'mac', ip(udp(fourOf(2), '10.7.0.1'), { from: VICTIM })],
  ['the MAC of the gateway', 'mac', ip(udp('10.7.0.1', fourOf(2)), { from: BRIDGE_MAC, to: VICTIM })],
  ['a group as the sender', 'mac', ip(udp(fourOf(1), '10.7.0.1'), { from: '03:00:00:00:00:01' })],
  ['the address of another', 'address', ip(udp(fourOf(2), '10.7.0.1'))],
  ['the address of the gateway', 'address', ip(udp('10.7.0.1', fourOf(2)), { to: VICTIM })],
  ['an address of the internet', 'address', ip(udp('8.8.8.8', '10.7.0.1'))],
  ['ping from the address of another', 'address', ip({ from: fourOf(2), to: '10.7.0.1', protocol: 1 })],
  ['TCP from the address of another', 'address', ip({ from: fourOf(2), to: '10.7.0.1', protocol: 6, flags: 2 })],
  ['a piece from the address of another', 'address', ip({ from: fourOf(2), to: '10.7.0.1', protocol: 44 })],
  ['no address, and no DHCP', 'address', ip(udp('0.0.0.0', '10.7.0.1'))],
  ['the IPv6 address of another', 'address', ip(udp(sixOf(2), 'fd07::1'))],
  ['the link-local address of another', 'address', ip(udp(linkLocal('2'), 'fe80::1'))],
  [
    'ping from the IPv6 address of another',
    'address',
    ip({ from: sixOf(2), to: 'fd07::1', protocol: 58, icmpKind: 128 }),
  ],
  ['a solicitation from the address of another', 'address', nd(135, sixOf(2), { target: 'fd07::1', link: OWN })],
  [
    'an advertisement from the address of another',
    'address',
    nd(136, sixOf(2), { target: sixOf(2), option: 2, link: OWN }),
  ],
  ['ARP with the address of another', 'arp', arp({ senderAddress: fourOf(2) })],
  [
    'ARP answer for the gateway',
    'arp',
    arp({ operation: 2, senderAddress: '10.7.0.1', targetAddress: fourOf(2) }, { to: VICTIM }),
  ],
  ['ARP with the MAC of another inside', 'arp', arp({ sender: VICTIM })],
  ['ARP with both of another inside', 'arp', arp({ sender: VICTIM, senderAddress: fourOf(2) })],
  ['ARP announcement for another', 'arp', arp({ senderAddress: fourOf(2), targetAddress: fourOf(2) })],
  ['an advertisement for another', 'neighbour', nd(136, sixOf(1), { target: sixOf(2), option: 2, link: OWN })],
  ['an advertisement for the gateway', 'neighbour', nd(136, sixOf(1), { target: 'fd07::1', option: 2, link: OWN })],
  ['an advertisement for another without option', 'neighbour', nd(136, sixOf(1), { target: sixOf(2) })],
  [
    'an advertisement with the MAC of another',
    'neighbour',
    nd(136, sixOf(1), { target: sixOf(1), option: 2, link: VICTIM }),
  ],
  [
    'an advertisement with an unexpected option',
    'neighbour',
    nd(136, sixOf(1), { target: sixOf(1), option: 9, link: OWN }),
  ],
  ['a solicitation with the MAC of another', 'neighbour', nd(135, sixOf(1), { target: 'fd07::1', link: VICTIM })],
  ['a router solicitation with the MAC of another', 'neighbour', nd(133, linkLocal('1'), { link: VICTIM })],
  ['a router advertisement', 'rogue', nd(134, linkLocal('1'), { link: OWN })],
  ['a redirect', 'rogue', nd(137, linkLocal('1'), { target: sixOf(2) })],
  ['an IPv4 redirect', 'rogue', ip({ from: fourOf(1), to: fourOf(2), protocol: 1, icmpKind: 5 })],
  ['a DHCP answer', 'rogue', ip(udp(fourOf(1), '255.255.255.255', { sport: 67, dport: 68 }), { to: BROADCAST })],
  ['a DHCPv6 answer', 'rogue', ip(udp(linkLocal('1'), linkLocal('2'), { sport: 547, dport: 546 }))],
  ['DHCP in the name of another', 'dhcp', discover(VICTIM)],
  ['another protocol', 'protocol', other(0x8892, { to: VICTIM })],
  ['a tag that is not its own', 'vlan', ip(udp(fourOf(1), '10.7.0.1'), { tags: [TAG] })],
  ['the other tag', 'vlan', ip(udp('10.7.0.55', '10.7.0.1'), { from: TAGGED, tags: [TAG + 1] })],
  ['two tags', 'vlan', ip(udp('10.7.0.55', '10.7.0.1'), { from: TAGGED, tags: [TAG, TAG] })],
  ['tagged, with the address of another', 'address', ip(udp(fourOf(2), '10.7.0.1'), { from: TAGGED, tags: [TAG] })],
  [
    'tagged ARP with the address of another',
    'arp',
    arp({ sender: TAGGED, senderAddress: fourOf(2) }, { from: TAGGED, tags: [TAG] }),
  ],
  [
    'a tagged advertisement for another',
    'neighbour',
    nd(136, 'fd07::55', { target: sixOf(2), option: 2, link: TAGGED }, { from: TAGGED, tags: [TAG] }),
  ],
  ['without the tag that it has', 'mac', ip(udp('10.7.0.55', '10.7.0.1'), { from: TAGGED })],
];

/** Dropped, and nobody's fault. */
const QUIET: readonly (readonly [string, string])[] = [
  [
    'the question whether an address is free',
    ip(neighbour({ from: '::', to: 'ff02::1:ff00:11' }, 135, { target: sixOf(1) })),
  ],
  [
    'a group reported before there is an address',
    ip({ from: '0.0.0.0', to: '224.0.0.22', protocol: 2, payload: new Uint8Array(8) }),
  ],
];

/** Copies of each frame, so that other traffic of the device is told from it. */
const COPIES = 8;

/** Counts what Picket's table let through, behind it. */
const BEHIND = `table netdev behind {
  chain ingress { type filter hook ingress device "${portOf(1)}" priority 0; policy accept; counter; }
}`;

describe.skipIf(MISSING !== '')(`senders at a port${MISSING === '' ? '' : ` (skipped: ${MISSING})`}`, () => {
  const site = new BridgeSite();
  const bridge = new Bridge({
    nft: site.command('nft'),
    ip: site.command('ip'),
    sysctl: site.command('sysctl'),
    save: async () => {},
  });
  const passed = (): number =>
    Number(/packets (\d+)/.exec(site.inGateway('nft', 'list', 'chain', 'netdev', 'behind', 'ingress'))?.[1]);
  const counted = async (): Promise<ReadonlyMap<string, number>> =>
    new Map((await bridge.violations()).map(({ port, reason, packets, mac }) => [`${port} ${mac} ${reason}`, packets]));
  const sent = async (frame: string): Promise<{ passed: number; grown: readonly (readonly [string, number])[] }> => {
    const [before, let1] = [await counted(), passed()];
    await site.frames(
      1,
      Array.from({ length: COPIES }, () => frame),
    );
    const after = await counted();
    const grown = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
    return { passed: passed() - let1, grown: grown.filter(([, count]) => count > 0) };
  };
  const senderOf = (frame: string): string => frame.slice(12, 24).replace(/..(?!$)/g, '$&:');

  beforeAll(async () => {
    await site.open();
    await bridge.isolate(LAYOUT);
    site.load(BEHIND);
  }, OPENED_MS_MAX);
  afterAll(() => {
    bridge.close();
    site.close();
  });

  it.each(PERMITTED)('passes: %s', async (_, frame) => {
    // Frames of a device without binding are limited by time: what came before may have taken this second's.
    const through = async (): Promise<number> => {
      const { passed: count, grown } = await sent(frame);
      expect(grown).toEqual([]);
      return count;
    };
    await expect.poll(through, { timeout: 20_000, interval: 1_000 }).toBeGreaterThanOrEqual(COPIES);
  });

  it.each(DENIED)('dropped: %s (%s)', async (_, reason, frame) => {
    const { passed: through, grown } = await sent(frame);
    expect(grown).toEqual([[`${portOf(1)} ${senderOf(frame)} ${reason}`, COPIES]]);
    expect(through).toBeLessThan(COPIES);
  });

  it.each(QUIET)('dropped and not counted: %s', async (_, frame) => {
    const { passed: through, grown } = await sent(frame);
    expect(grown).toEqual([]);
    expect(through).toBeLessThan(COPIES);
  });

  it('the victim was not disturbed, and the gateway knows it by its own MAC', async () => {
    expect(await site.udp(2, fourOf(3))).toBe(3);
    expect(await site.udp(2, sixOf(3))).toBe(3);
    const neighbours = site.inGateway('ip', 'neigh', 'show', 'dev', 'br0');
    for (const line of neighbours
      .split('\n')
      .filter((text) => text.startsWith(`${fourOf(2)} `) || text.startsWith(`${sixOf(2)} `)))
      expect(line).toContain(VICTIM);
  });

  it('asking without a binding is slow: a flood of requests does not pass', async () => {
    const before = passed();
    await site.frames(
      1,
      Array.from({ length: 500 }, () => discover(NOBODY, { from: NOBODY })),
    );
    expect(passed() - before).toBeLessThan(100);
  });
});
