// What is used of a budget stays used: over another process, over another boot, over a table that somebody took away.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway, type Usage } from '#enforce';
import { DAY } from '#model';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;

const POLICY = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: 10.0.1.2 }
  nvr: { kind: server, address: 10.0.2.2 }
rules:
  volume: { from: cam, to: { on: nvr, protocol: udp, port: 5000 }, limits: { volume: <= 1000 B per day } }
  count: { from: cam, to: { on: nvr, protocol: udp, port: 6000 }, limits: { connections: 3 per day } }
`;

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

describe.skipIf(missing !== '')(`used budgets${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  let now = NOON;
  let gateway: Gateway;
  let ports = 20_000;
  beforeAll(() => site.open(), 60_000);
  afterAll(() => site.close());
  beforeEach(async () => {
    now = NOON;
    gateway = open();
    await gateway.up(policyOf(POLICY));
  }, 60_000);
  afterEach(async () => {
    await gateway.down();
    gateway.close();
  }, 60_000);

  function open(): Gateway {
    const inside = ['ip', 'netns', 'exec', site.gateway];
    return new Gateway({
      nft: [...inside, 'nft'],
      ip: [...inside, 'ip'],
      connections: [...inside, 'cat', '/proc/net/nf_conntrack'],
      now: () => now,
    });
  }

  const udp = (destinationPort: number, bytes: number): PacketSketch => ({
    from: '10.0.1.2',
    to: '10.0.2.2',
    protocol: 17,
    sourcePort: ports++,
    destinationPort,
    payload: new Uint8Array(bytes - 28),
  });
  const passes = async (...sketches: readonly PacketSketch[]): Promise<readonly boolean[]> =>
    (await site.send(sketches.map((sketch) => ({ side: 'a', packet: packetOf(sketch) })))).map(({ passed }) => passed);
  const kept = async (): Promise<Usage> => JSON.parse(JSON.stringify(await gateway.usage()));

  it('is told by names that any process gives alike, with its window', async () => {
    await passes(udp(5_000, 400), udp(6_000, 100), udp(6_000, 100));
    const window = { windowStart: NOON - DAY / 2, windowEnd: NOON + DAY / 2 };
    const usage = await kept();
    expect(usage.at).toBe(NOON);
    expect(usage.budgets).toEqual(
      expect.arrayContaining([
        {
          name: expect.stringMatching(/^q[0-9a-f]{24}$/),
          rule: 'volume',
          kind: 'volume',
          used: 400,
          max: 1_000,
          ...window,
        },
        { name: expect.stringMatching(/^c[0-9a-f]{24}$/), rule: 'count', kind: 'openings', used: 2, max: 3, ...window },
      ]),
    );
    expect(usage.budgets).toHaveLength(2);
  });

  it('goes on in another process that finds the table', async () => {
    await passes(udp(5_000, 600), udp(6_000, 100), udp(6_000, 100));
    gateway.close();
    gateway = open();
    await gateway.up(policyOf(POLICY));
    expect(await passes(udp(6_000, 100), udp(6_000, 100), udp(5_000, 400), udp(5_000, 28))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('goes on after another boot, from what was kept', async () => {
    await passes(udp(5_000, 600), udp(6_000, 100), udp(6_000, 100), udp(6_000, 100));
    const usage = await kept();
    await gateway.down();
    await gateway.up(policyOf(POLICY), { usage });
    expect(await passes(udp(6_000, 100), udp(5_000, 401))).toEqual([false, false]);
  });

  it('stays shut', async () => {
    expect(await passes(udp(5_000, 600), udp(5_000, 500), udp(5_000, 28))).toEqual([true, false, false]);
    const usage = await kept();
    await gateway.down();
    await gateway.up(policyOf(POLICY), { usage });
    expect(await passes(udp(5_000, 28))).toEqual([false]);
    expect((await gateway.usage()).budgets.find(({ rule }) => rule === 'volume')?.used).toBe(1_000);
  });

  it('begins anew with another window, and with other limits', async () => {
    await passes(udp(5_000, 900));
    const usage = await kept();
    await gateway.down();
    now = NOON + DAY;
    await gateway.up(policyOf(POLICY), { usage });
    expect(await passes(udp(5_000, 900))).toEqual([true]);
    await gateway.apply(policyOf(POLICY.replace('1000 B', '1001 B')));
    expect(await passes(udp(5_000, 900))).toEqual([true]);
  });

  it('is not forgotten while its rule is away', async () => {
    await passes(udp(5_000, 900));
    await gateway.apply(
      policyOf(
        POLICY.replace(
          'from: cam, to: { on: nvr, protocol: udp, port: 5000 }',
          'from: nvr, to: { on: cam, protocol: udp, port: 5000 }',
        ).replace('volume: {', 'other: {'),
      ),
    );
    await gateway.apply(policyOf(POLICY));
    expect(await passes(udp(5_000, 101))).toEqual([false]);
  });

  it('goes on when the table is put right after somebody else changed it', async () => {
    await passes(udp(5_000, 900), udp(6_000, 100), udp(6_000, 100));
    site.inGateway('nft', 'flush', 'chain', 'inet', 'picket', 'forward');
    await expect
      .poll(() => site.inGateway('nft', 'list', 'chain', 'inet', 'picket', 'forward'), { timeout: 10_000 })
      .toContain('odd');
    expect(await passes(udp(5_000, 101), udp(6_000, 100), udp(6_000, 100))).toEqual([false, true, false]);
  });

  it('takes nothing from a file that is no amount', async () => {
    const usage = await kept();
    await gateway.down();
    const wrong = [Number.NaN, -5, 1e300, 0.5].flatMap((used) => usage.budgets.map((budget) => ({ ...budget, used })));
    await gateway.up(policyOf(POLICY), { usage: { at: 0, budgets: wrong } });
    expect(await passes(udp(5_000, 1_000), udp(6_000, 100))).toEqual([true, true]);
  });
});
