// What is left of a cut session: told in the answer to the change, removed from conntrack soon after. What is still admitted keeps its entry.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();

const HEAD = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"] }
  cam2: { kind: device, address: [10.0.1.3, "fd00:1::3"] }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"] }
rules:
  keep: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }
`;
const WIDE = `${HEAD}  wide: { from: cam | cam2, to: { on: nvr, protocol: udp, port: 6000-6003 } }\n`;
const NARROW = `${HEAD}  wide: { from: cam | cam2, to: { on: nvr, protocol: udp, port: 6000 } }\n`;

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

describe.skipIf(missing !== '')(`what is left of cut sessions${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  let gateway: Gateway;
  let ports = 20_000;
  beforeAll(() => site.open(), 60_000);
  afterAll(() => site.close());
  beforeEach(async () => {
    const inside = ['ip', 'netns', 'exec', site.gateway];
    gateway = new Gateway({
      nft: [...inside, 'nft'],
      ip: [...inside, 'ip'],
      connections: [...inside, 'cat', '/proc/net/nf_conntrack'],
      conntrack: [...inside, 'conntrack'],
      now: () => Date.now() * 1_000,
    });
    await gateway.up(policyOf(WIDE));
  }, 60_000);
  afterEach(async () => {
    await gateway.down();
    gateway.close();
  }, 60_000);

  const udp = (from: string, destinationPort: number): PacketSketch => ({
    from,
    to: from.includes(':') ? 'fd00:2::2' : '10.0.2.2',
    protocol: 17,
    sourcePort: ports++,
    destinationPort,
    payload: new Uint8Array(10),
  });
  const send = async (sketches: readonly PacketSketch[]): Promise<readonly boolean[]> =>
    (await site.send(sketches.map((sketch) => ({ side: 'a', packet: packetOf(sketch) })))).map(({ passed }) => passed);
  const tracked = (): string => site.inGateway('conntrack', '-L') + site.inGateway('conntrack', '-L', '-f', 'ipv6');
  const isTracked = ({ sourcePort }: PacketSketch): boolean => tracked().includes(`sport=${sourcePort} `);

  it.each([
    ['a rule that goes', HEAD, new Set<string>(), 4],
    ['ports that a rule loses', NARROW, new Set<string>(), 2],
    ['an element in quarantine', WIDE, new Set(['cam2']), 1],
  ])(
    'by %s',
    async (_what, text, quarantined, cut) => {
      const kept = udp('10.0.1.2', 5_000);
      const flows = [udp('10.0.1.2', 6_000), udp('fd00:1::2', 6_001), udp('10.0.1.3', 6_000), udp('10.0.1.2', 6_003)];
      expect(await send([kept, ...flows])).toEqual([true, true, true, true, true]);
      expect((await gateway.apply(policyOf(text), quarantined)).cut).toBe(cut);
      // One of them sends once more, so that it carries the mark of what was refused.
      const passed = await send(flows);
      expect(passed.filter((each) => !each)).toHaveLength(cut);
      await expect.poll(() => flows.map(isTracked), { timeout: 20_000, interval: 500 }).toEqual(passed);
      expect(isTracked(kept)).toBe(true);
      expect(await send([kept])).toEqual([true]);
    },
    60_000,
  );

  it('counts nothing where a change admits everything as before', async () => {
    expect(await send([udp('10.0.1.2', 6_000), udp('10.0.1.2', 5_000)])).toEqual([true, true]);
    expect(
      (await gateway.apply(policyOf(`${WIDE}  more: { from: nvr, to: { on: cam, protocol: udp, port: 7 } }\n`))).cut,
    ).toBe(0);
  });

  it('judges the next packet of a refused session as an opening', async () => {
    const flow = udp('10.0.1.3', 6_000);
    expect(await send([flow])).toEqual([true]);
    await gateway.apply(policyOf(HEAD));
    expect(await send([flow])).toEqual([false]);
    const once = `${HEAD}  wide: { from: cam | cam2, to: { on: nvr, protocol: udp, port: 6000 }, limits: { connections: 1 per day } }\n`;
    await gateway.apply(policyOf(once));
    expect(await send([udp('10.0.1.3', 6_000), flow])).toEqual([true, false]);
  });
});
