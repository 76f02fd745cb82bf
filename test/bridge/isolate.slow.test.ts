// Devices of one subnet with the real kernel: before, their traffic passes the gateway unseen; then all of it crosses the forward hook and can be
// denied there; afterwards everything is as it was. Skipped without root, nft or python3.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge, type BridgeLayout, type BridgeNote } from '#bridge';
import { missingKernel } from '../gateway/site.testing.ts';
import { BridgeSite, DEVICES, fourOf, macOf, OPENED_MS_MAX, portOf, SEEN, sixOf, stateOf } from './site.testing.ts';

const MISSING = missingKernel();

const LAYOUT: BridgeLayout = {
  bridge: 'br0',
  subnets: ['10.7.0.0/24', 'fd07::/64'],
  ports: DEVICES.map((device) => ({
    name: portOf(device),
    elements: [{ mac: macOf(device), addresses: [fourOf(device), sixOf(device)] }],
  })),
};

describe.skipIf(MISSING !== '')(`a bridge of devices${MISSING === '' ? '' : ` (skipped: ${MISSING})`}`, () => {
  const site = new BridgeSite();
  const saved: (BridgeNote | null)[] = [];
  const bridge = new Bridge({
    nft: site.command('nft'),
    ip: site.command('ip'),
    sysctl: site.command('sysctl'),
    save: async (note) => {
      saved.push(note);
    },
  });
  let before = '';

  beforeAll(async () => {
    await site.open();
    site.load(SEEN);
    before = stateOf(site);
  }, OPENED_MS_MAX);
  afterAll(() => {
    bridge.close();
    site.close();
  });

  it('before: everything passes, and the forward hook sees none of it', async () => {
    expect(await site.tcp(1, fourOf(2))).toBe(3);
    expect(await site.tcp(1, sixOf(2))).toBe(3);
    expect(await site.udp(3, fourOf(1))).toBe(3);
    expect([site.counted('four'), site.counted('six')]).toEqual([0, 0]);
  });

  it('isolated: nothing is lost, although the devices know each other by MAC', async () => {
    await bridge.isolate(LAYOUT);
    expect(await site.udp(3, fourOf(1), 20)).toBe(20);
    expect(await site.tcp(1, fourOf(2))).toBe(3);
    expect(site.counted('four')).toBeGreaterThan(0);
  });

  it.each(DEVICES.flatMap((from) => DEVICES.filter((to) => to !== from).map((to) => [from, to] as const)))(
    'from %i to %i: TCP, UDP and ping, IPv4 and IPv6, through the forward hook and connection tracking',
    async (from, to) => {
      for (const address of [fourOf(to), sixOf(to)]) {
        const name = address.includes(':') ? 'six' : 'four';
        const [all, fresh] = [site.counted(name), site.counted('fresh')];
        expect(site.pings(from, address)).toBe(true);
        expect(await site.tcp(from, address)).toBe(3);
        expect(await site.udp(from, address)).toBe(3);
        expect(site.counted(name) - all).toBeGreaterThanOrEqual(6 + 8 + 6);
        expect(site.counted('fresh') - fresh).toBeGreaterThanOrEqual(3);
      }
    },
  );

  it('what the forward hook denies does not pass', async () => {
    site.load('add element inet seen denied { 7000 }');
    for (const to of [fourOf(2), sixOf(2)]) {
      expect(await site.udp(1, to, 1)).toBe('timed out');
      expect(await site.tcp(1, to, 1)).toBe('timed out');
      expect(site.pings(1, to)).toBe(true);
    }
    site.load('delete element inet seen denied { 7000 }');
    expect(await site.udp(1, fourOf(2), 1)).toBe(1);
  });

  it('a device that takes its address anew is not told that it is taken', async () => {
    site.inDevice(2, 'ip', 'address', 'del', `${sixOf(2)}/64`, 'dev', 'e0');
    site.inDevice(2, 'ip', 'address', 'add', `${sixOf(2)}/64`, 'dev', 'e0');
    let shown = '';
    for (let tried = 0; tried < 100 && (shown === '' || shown.includes('tentative')); tried++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      shown = site.inDevice(2, 'ip', '-6', 'address', 'show', 'dev', 'e0', 'to', sixOf(2));
    }
    expect(shown).toContain(sixOf(2));
    expect(shown).not.toContain('dadfailed');
    expect(site.pings(1, sixOf(2))).toBe(true);
  });

  it('no legitimate frame counted as a violation, and nothing to repair', async () => {
    expect(await bridge.violations()).toEqual([]);
    expect(await bridge.verify()).toEqual([]);
  });

  it('the note was saved before anything changed, and names all of it', () => {
    const [note] = saved;
    expect(note?.links.filter(({ property }) => property === 'isolated').map(({ link }) => link)).toEqual(
      DEVICES.map(portOf),
    );
    expect(note?.proxies).toEqual(DEVICES.map(sixOf));
  });

  it('released: links, settings and ruleset are what they were, byte for byte', async () => {
    await bridge.release();
    expect(stateOf(site)).toBe(before);
    expect(saved.at(-1)).toBe(null);
  });
});
