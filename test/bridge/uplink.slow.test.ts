// A bridge with a port toward a router: the router stays where it is, traffic to it is judged in the forward hook as well, and it cannot speak
// for a device. Skipped without root, nft or python3.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge, type BridgeLayout } from '#bridge';
import { missingKernel } from '../gateway/site.testing.ts';
import { arpBody, BROADCAST, frameOf, ipFrame, neighbour } from './frames.testing.ts';
import {
  BridgeSite,
  DEVICES,
  fourOf,
  macOf,
  OPENED_MS_MAX,
  portOf,
  ROUTER,
  SEEN,
  sixOf,
  stateOf,
} from './site.testing.ts';

const MISSING = missingKernel();

const LAYOUT: BridgeLayout = {
  bridge: 'br0',
  subnets: ['10.7.0.0/24', 'fd07::/64'],
  uplink: portOf(ROUTER),
  ports: DEVICES.map((device) => ({
    name: portOf(device),
    elements: [{ mac: macOf(device), addresses: [fourOf(device), sixOf(device)] }],
  })),
};

describe.skipIf(MISSING !== '')(`a bridge with an uplink${MISSING === '' ? '' : ` (skipped: ${MISSING})`}`, () => {
  const site = new BridgeSite({ hasUplink: true });
  const bridge = new Bridge({
    nft: site.command('nft'),
    ip: site.command('ip'),
    sysctl: site.command('sysctl'),
    save: async () => {},
  });
  let before = '';
  const flush = (): void => {
    for (const device of [...DEVICES, ROUTER] as const) site.inDevice(device, 'ip', 'neigh', 'flush', 'all');
  };
  const macThatKnows = (device: 1 | 9, address: string): string =>
    /lladdr (\S+)/.exec(site.inDevice(device, 'ip', 'neigh', 'show', address))?.[1] ?? 'none';

  beforeAll(async () => {
    await site.open();
    site.load(SEEN);
    before = stateOf(site);
    await bridge.isolate(LAYOUT);
  }, OPENED_MS_MAX);
  afterAll(() => {
    bridge.close();
    site.close();
  });

  it.each([
    [1, ROUTER],
    [ROUTER, 2],
    [1, 2],
    [3, 1],
  ] as const)('from %i to %i: everything passes, all of it through the forward hook', async (from, to) => {
    flush();
    for (const address of [fourOf(to), sixOf(to)]) {
      const name = address.includes(':') ? 'six' : 'four';
      const [all, fresh] = [site.counted(name), site.counted('fresh')];
      expect(site.pings(from, address)).toBe(true);
      expect(await site.tcp(from, address)).toBe(3);
      expect(await site.udp(from, address)).toBe(3);
      expect(site.counted(name) - all).toBeGreaterThanOrEqual(6 + 8 + 6);
      expect(site.counted('fresh') - fresh).toBeGreaterThanOrEqual(3);
    }
  });

  it('what the forward hook denies does not pass to the router or from it', async () => {
    site.load('add element inet seen denied { 7000 }');
    for (const [from, to] of [
      [1, fourOf(ROUTER)],
      [1, sixOf(ROUTER)],
      [ROUTER, fourOf(1)],
      [1, fourOf(2)],
    ] as const)
      expect(await site.udp(from, to, 1)).toBe('timed out');
    site.load('delete element inet seen denied { 7000 }');
    expect(await site.udp(1, fourOf(ROUTER), 1)).toBe(1);
  });

  it('device and router know each other by their own MACs, devices each other by the bridge', async () => {
    for (let tried = 0; tried < 5; tried++) {
      flush();
      expect(site.pings(1, fourOf(ROUTER))).toBe(true);
      expect(macThatKnows(1, fourOf(ROUTER))).toBe(macOf(ROUTER));
      flush();
      expect(site.pings(ROUTER, fourOf(1))).toBe(true);
      expect(macThatKnows(9, fourOf(1))).toBe(macOf(1));
    }
    flush();
    expect(site.pings(1, fourOf(2))).toBe(true);
    expect(macThatKnows(1, fourOf(2))).toBe('02:00:00:00:00:fe');
  });

  const own = { from: macOf(ROUTER), to: BROADCAST };
  const arp = (senderAddress: string, sender = macOf(ROUTER)): string =>
    frameOf({
      ...own,
      from: sender,
      type: 0x0806,
      body: arpBody({ operation: 2, sender, senderAddress, targetAddress: '10.7.0.1' }),
    });
  const udp = (from: string, to: string) => ({ from, to, protocol: 17, sourcePort: 67, destinationPort: 68 });

  it.each([
    ['the address of a device', 'address', ipFrame(own, udp(fourOf(2), '10.7.0.1'))],
    ['the address of the gateway', 'address', ipFrame(own, udp('10.7.0.1', fourOf(2)))],
    ['the IPv6 address of a device', 'address', ipFrame(own, udp(sixOf(2), 'fd07::1'))],
    ['the MAC of a device', 'mac', ipFrame({ ...own, from: macOf(2) }, udp('10.7.0.99', '10.7.0.1'))],
    ['ARP for a device', 'arp', arp(fourOf(2))],
    ['ARP for the gateway', 'arp', arp('10.7.0.1')],
    [
      'an advertisement for a device',
      'neighbour',
      ipFrame(
        own,
        neighbour({ from: sixOf(ROUTER), to: 'ff02::1' }, 136, { target: sixOf(2), option: 2, link: macOf(ROUTER) }),
      ),
    ],
  ] as const)('dropped from the uplink: %s', async (_, reason, frame) => {
    const sum = async (): Promise<number> =>
      (await bridge.violations())
        .filter((one) => one.port === portOf(ROUTER) && one.reason === reason)
        .reduce((all, { packets }) => all + packets, 0);
    const count = await sum();
    await site.frames(ROUTER, [frame, frame]);
    expect((await sum()) - count).toBe(2);
  });

  it('what a router says passes to the devices: DHCP answers, router advertisements', async () => {
    const behind = `table netdev behind {
      counter dhcp { }
      counter advert { }
      chain out {
        type filter hook egress device "${portOf(1)}" priority 0; policy accept;
        udp sport 67 counter name dhcp
        icmpv6 type nd-router-advert counter name advert
      }
    }`;
    site.load(behind);
    await site.frames(ROUTER, [
      ipFrame(own, udp('10.7.0.19', '255.255.255.255')),
      ipFrame({ ...own, to: '33:33:00:00:00:01' }, neighbour({ from: 'fe80::ff:fe00:9', to: 'ff02::1' }, 134, {})),
    ]);
    const text = site.inGateway('nft', 'list', 'counters', 'table', 'netdev', 'behind');
    expect([...text.matchAll(/packets (\d+)/g)].map(([, count]) => Number(count))).toEqual([1, 1]);
    site.load('delete table netdev behind');
  });

  it('no legitimate frame of a device counted as a violation', async () => {
    expect((await bridge.violations()).filter(({ port }) => port !== portOf(ROUTER))).toEqual([]);
  });

  it('released: everything is what it was', async () => {
    await bridge.release();
    expect(stateOf(site)).toBe(before);
  });
});
