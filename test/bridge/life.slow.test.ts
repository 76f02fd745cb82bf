// What can happen to an isolated bridge: a tool fails or the process dies in the middle, somebody changes what is held, a port goes and comes back,
// a device appears that nobody named. Skipped without root, nft or python3.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge, type BridgeLayout, type BridgeNote, type BridgeOptions, type BridgeTrouble, readNote } from '#bridge';
import { parseAddress, parseMac } from '#model';
import { missingKernel } from '../gateway/site.testing.ts';
import { ipFrame } from './frames.testing.ts';
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
/** More commands than isolation takes. */
const STEPS_MAX = 40;

describe.skipIf(MISSING !== '')(`the life of a bridge${MISSING === '' ? '' : ` (skipped: ${MISSING})`}`, () => {
  const site = new BridgeSite();
  const folder = mkdtempSync(join(tmpdir(), 'picket-bridge-'));
  let disk = 'null';
  let before = '';
  const opened: Bridge[] = [];
  const made = (options: Partial<BridgeOptions> = {}): Bridge => {
    const bridge = new Bridge({
      nft: site.command('nft'),
      ip: site.command('ip'),
      sysctl: site.command('sysctl'),
      save: async (note) => {
        disk = JSON.stringify(note);
      },
      ...options,
    });
    opened.push(bridge);
    return bridge;
  };
  const saved = (): BridgeNote | null => readNote(JSON.parse(disk));
  const troubleOf = (work: Promise<unknown>): Promise<BridgeTrouble | string> =>
    work.then(
      () => 'none',
      (error) => error.trouble,
    );

  beforeAll(async () => {
    await site.open();
    site.load(SEEN);
    before = stateOf(site);
  }, OPENED_MS_MAX);
  afterAll(() => {
    for (const bridge of opened) bridge.close();
    site.close();
    rmSync(folder, { recursive: true });
  });

  it.each<readonly [string, BridgeTrouble, BridgeLayout]>([
    ['a layout with problems', 'bad-layout', { ...LAYOUT, subnets: [] }],
    ['no such bridge', 'no-bridge', { ...LAYOUT, bridge: 'br7' }],
    ['a port as the bridge', 'no-bridge', { ...LAYOUT, bridge: portOf(1), ports: LAYOUT.ports.slice(1) }],
    ['no such port', 'no-port', { ...LAYOUT, ports: [...LAYOUT.ports, { name: 'pk8' }] }],
    ['a port that nobody named', 'open-port', { ...LAYOUT, ports: LAYOUT.ports.slice(1) }],
  ])('refused: %s; nothing is changed', async (_, trouble, layout) => {
    expect(await troubleOf(made().isolate(layout))).toBe(trouble);
    expect(stateOf(site)).toBe(before);
    expect(disk).toBe('null');
  });

  it('refuses to verify, learn and answer before anything is isolated', async () => {
    expect(await troubleOf(made().verify())).toBe('not-isolated');
    expect(await troubleOf(made().learn({ port: portOf(1), mac: 1, address: null }))).toBe('not-isolated');
    expect(await made().violations()).toEqual([]);
    await made().release();
    expect(stateOf(site)).toBe(before);
  });

  it('ends at any step: its note puts everything back, and another process can take over', {
    timeout: 300_000,
  }, async () => {
    const steps = join(folder, 'steps');
    // Lets a number of commands through and fails each one behind them, as if the process had ended there.
    const script = `n=$(cat ${steps}); echo $((n - 1)) > ${steps}; [ "$n" -gt 0 ] || exit 1; exec "$@"`;
    const failing = (tool: string): readonly string[] => ['sh', '-c', script, 'sh', ...site.command(tool)];
    let step = 0;
    for (let ended = false; !ended && step < STEPS_MAX; step++) {
      writeFileSync(steps, String(step));
      const dying = made({ nft: failing('nft'), ip: failing('ip'), sysctl: failing('sysctl') });
      ended = (await troubleOf(dying.isolate(LAYOUT))) === 'none';
      dying.close();
      if (step % 2 === 0) await made().release(saved());
      else {
        const heir = made();
        await heir.isolate(LAYOUT, saved());
        if (step % 4 === 1) expect(await site.udp(1, fourOf(2), 1)).toBe(1);
        await heir.release();
      }
      expect(stateOf(site)).toBe(before);
      expect(disk).toBe('null');
    }
    expect(step).toBeGreaterThan(8);
    expect(step).toBeLessThan(STEPS_MAX);
  });

  it('finds what others changed, and puts it right', { timeout: 120_000 }, async () => {
    const bridge = made();
    await bridge.isolate(LAYOUT);
    const changes: readonly (readonly [RegExp, () => void])[] = [
      [/proxy_arp_pvlan was 0/, () => site.inGateway('sysctl', '-qw', 'net.ipv4.conf.br0.proxy_arp_pvlan=0')],
      [
        /isolated of pk2 was off/,
        () => site.inGateway('ip', 'link', 'set', 'dev', 'pk2', 'type', 'bridge_slave', 'isolated', 'off'),
      ],
      [
        /did not answer for fd07::11/,
        () => site.inGateway('ip', '-6', 'neigh', 'del', 'proxy', sixOf(1), 'dev', 'br0'),
      ],
      [/tables were changed/, () => site.inGateway('nft', 'flush', 'chain', 'netdev', 'picket_ports', 'port1')],
      [/tables were changed/, () => site.inGateway('nft', 'delete', 'table', 'netdev', 'picket_ports')],
      [/tables were changed/, () => site.inGateway('nft', 'flush', 'ruleset')],
      [/br0 has other addresses/, () => site.inGateway('ip', 'address', 'add', '10.7.0.2/24', 'dev', 'br0')],
    ];
    for (const [found, change] of changes) {
      change();
      expect(await bridge.verify()).toEqual([expect.stringMatching(found)]);
      expect(await bridge.verify()).toEqual([]);
      expect(await site.udp(1, fourOf(2), 1)).toBe(1);
      expect(await site.udp(1, sixOf(2), 1)).toBe(1);
    }
    site.inGateway('ip', 'address', 'del', '10.7.0.2/24', 'dev', 'br0');
    site.load(SEEN);
    site.inGateway('sysctl', '-qw', 'net.ipv4.neigh.br0.proxy_delay=8');
    await bridge.release();
    // What somebody else set since is theirs.
    expect(site.inGateway('sysctl', '-n', 'net.ipv4.neigh.br0.proxy_delay').trim()).toBe('8');
    site.inGateway('sysctl', '-qw', 'net.ipv4.neigh.br0.proxy_delay=80');
    expect(stateOf(site)).toBe(before);
  });

  it('a port that goes and comes back is closed until it is seen, then held again', { timeout: 120_000 }, async () => {
    const bridge = made();
    await bridge.isolate(LAYOUT);
    site.inGateway('ip', 'link', 'del', portOf(2));
    expect(await bridge.verify()).toContain('pk2 is no longer a port');
    expect(await bridge.verify()).toEqual([]);
    expect(await site.udp(1, fourOf(3), 1)).toBe(1);
    site.plug(2);
    const marked = (payload: string): string =>
      ipFrame(
        { from: macOf(2), to: macOf(1) },
        {
          from: fourOf(3),
          to: fourOf(1),
          protocol: 17,
          sourcePort: 9,
          destinationPort: 7_000,
          payload: new TextEncoder().encode(payload),
        },
      );
    await site.frames(2, [marked('unseen')]);
    expect(await bridge.verify()).toContain('pk2 came back');
    await site.frames(2, [marked('seen')]);
    expect(await site.udp(1, fourOf(2), 1)).toBe(1);
    expect(await site.udp(2, sixOf(1), 1)).toBe(1);
    expect(await site.heard(1)).not.toContain('unseen');
    expect(await site.heard(1)).not.toContain('seen');
    expect(await bridge.violations()).toContainEqual(
      expect.objectContaining({ port: portOf(2), mac: macOf(2), reason: 'address' }),
    );
    await bridge.release();
    expect(stateOf(site)).toBe(before);
  });

  it('binds a device that appears at a port that learns, and changes bindings in place', {
    timeout: 60_000,
  }, async () => {
    const bridge = made();
    const learning: BridgeLayout = {
      ...LAYOUT,
      ports: [...LAYOUT.ports.slice(0, 2), { name: portOf(3), unknown: 'learn' }],
    };
    await bridge.isolate(learning);
    expect(await site.udp(3, fourOf(1), 1)).not.toBe(1);
    const mac = parseMac(macOf(3)) ?? -1;
    const fact = (address: string) => ({ port: portOf(3), mac, address: parseAddress(address) });
    expect((await bridge.learn(fact(fourOf(3)))).kind).toBe('learned');
    expect((await bridge.learn(fact(sixOf(3)))).kind).toBe('learned');
    expect((await bridge.learn(fact(sixOf(3)))).kind).toBe('known');
    expect(await bridge.learn(fact(fourOf(1)))).toEqual({ kind: 'refused', reason: 'taken' });
    expect(await site.udp(3, fourOf(1), 3)).toBe(3);
    expect(await site.udp(1, sixOf(3), 3)).toBe(3);
    expect(bridge.layout?.ports[2]?.elements).toEqual([{ mac: macOf(3), addresses: [fourOf(3), sixOf(3)] }]);
    await bridge.isolate(learning);
    expect(await site.udp(3, fourOf(1), 1)).not.toBe(1);
    expect(await site.udp(2, fourOf(1), 1)).toBe(1);
    await bridge.release();
    expect(stateOf(site)).toBe(before);
  });
});
