// Names of DNS answers in the real kernel: what a client was told opens for this client and this address alone, and only for its time.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { type Fate, missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;

const POLICY = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"], labels: { role: camera } }
  cam2: { kind: device, address: 10.0.1.3, labels: { role: camera } }
  plain: { kind: device, address: 10.0.1.4 }
  tag: { kind: device, mac: "02:42:ac:11:00:05" }
  nvr: { kind: server, address: 10.0.2.2 }
rules:
  vendor: { from: role=camera, to: { on: api.example.com, protocol: udp, port: 443 } }
  below: { from: role=camera, to: { on: "*.example.org", protocol: udp, port: 444 } }
  tagged: { from: tag, to: { on: nvr, protocol: udp, port: 7 } }
`;

describe.skipIf(missing !== '')(`names in the kernel${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  let gateway: Gateway;
  let now = NOON;
  let ports = 20_000;
  beforeAll(() => site.open(), 60_000);
  afterAll(() => site.close());
  beforeEach(async () => {
    now = NOON;
    const inside = ['ip', 'netns', 'exec', site.gateway];
    gateway = new Gateway({
      nft: [...inside, 'nft'],
      ip: [...inside, 'ip'],
      connections: [...inside, 'cat', '/proc/net/nf_conntrack'],
      now: () => now,
    });
    await gateway.up(policyOf(POLICY));
  }, 60_000);
  afterEach(async () => {
    await gateway.down();
    gateway.close();
  }, 60_000);

  function policyOf(text: string) {
    const { policy, problems } = parsePolicy(text, 'test');
    if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
    return policy;
  }

  const udp = (more: Partial<PacketSketch> = {}): PacketSketch => ({
    from: '10.0.1.2',
    to: '8.8.8.8',
    protocol: 17,
    sourcePort: ports++,
    destinationPort: 443,
    payload: new Uint8Array(10),
    ...more,
  });
  const fates = (...sketches: readonly PacketSketch[]): Promise<readonly Fate[]> =>
    site.send(
      sketches.map((sketch) => ({
        side: /^10\.0\.1\.|^fd00:1:/.test(sketch.from) ? 'a' : 'b',
        packet: packetOf(sketch),
      })),
    );
  const passes = async (...sketches: readonly PacketSketch[]): Promise<readonly boolean[]> =>
    (await fates(...sketches)).map(({ passed }) => passed);
  const answer = { client: '10.0.1.2', server: '8.8.8.8', name: 'api.example.com', ttlSeconds: 60 };

  it('open for the client that was told, at the address that it was told, on the port of the rule', async () => {
    expect(await passes(udp())).toEqual([false]);
    await gateway.bindName({ ...answer, name: 'API.Example.com' });
    const one = udp();
    const back = udp({ from: '8.8.8.8', to: '10.0.1.2', sourcePort: 443, destinationPort: one.sourcePort ?? 0 });
    expect(await passes(one, back)).toEqual([true, true]);
    const denied = [
      udp({ destinationPort: 444 }),
      udp({ from: '10.0.1.3' }),
      udp({ from: '10.0.1.4' }),
      udp({ to: '8.8.8.9' }),
    ];
    expect(await passes(...denied)).toEqual(denied.map(() => false));
    await gateway.bindName({ ...answer, client: '10.0.1.4' });
    expect(await passes(udp({ from: '10.0.1.4' }))).toEqual([false]);
    await gateway.bindName({ ...answer, client: '10.0.1.3', name: 'a.b.example.org' });
    expect(await passes(udp({ from: '10.0.1.3' }), udp({ from: '10.0.1.3', destinationPort: 444 }))).toEqual([
      false,
      true,
    ]);
  });

  it('open IPv6 alike', async () => {
    const six = (): PacketSketch => udp({ from: 'fd00:1::2', to: '2600::1' });
    expect(await passes(six())).toEqual([false]);
    await gateway.bindName({ ...answer, client: 'fd00:1::2', server: '2600::1' });
    expect(await passes(six())).toEqual([true]);
  });

  it('never open what is inside, whoever answers for it', async () => {
    await gateway.bindName({ ...answer, server: '10.0.2.2' });
    await gateway.bindName({ ...answer, server: '10.0.2.77' });
    expect(await passes(udp({ to: '10.0.2.2' }), udp({ to: '10.0.2.77' }))).toEqual([false, false]);
  });

  it('end an hour after the last answer, and a session open by then lives on', async () => {
    // The kernel's clock is not ours: an element that is made with five seconds left runs out in five seconds.
    await gateway.down();
    now = NOON - 3_595_000_000;
    await gateway.bindName(answer);
    now = NOON;
    await gateway.up(policyOf(POLICY));
    const open = udp();
    expect(await passes(open)).toEqual([true]);
    await expect.poll(async () => (await passes(udp()))[0], { timeout: 20_000 }).toBe(false);
    expect(await passes(open)).toEqual([true]);
  });

  it('go when no rule names them any more, and the session with them', async () => {
    await gateway.bindName(answer);
    const open = udp();
    expect(await passes(open)).toEqual([true]);
    await gateway.apply(policyOf(POLICY.replace('api.example.com', 'other.example.com')));
    expect(await passes(open, udp())).toEqual([false, false]);
    await gateway.apply(policyOf(POLICY));
    expect(await passes(open, udp())).toEqual([true, true]);
  });

  it('drop what may be faster than its answer without a word, and refuse the rest', async () => {
    const syn = (more: Partial<PacketSketch>): PacketSketch => udp({ protocol: 6, flags: 2, ...more });
    const [waiting, refused, inside] = await fates(syn({}), syn({ from: '10.0.1.4' }), syn({ to: '10.0.2.2' }));
    expect([waiting?.back.length, refused?.back.length, inside?.back.length]).toEqual([0, 1, 1]);
  });

  it('and elements by the addresses that their MACs have', async () => {
    const tagged = (): PacketSketch => udp({ from: '10.0.1.77', to: '10.0.2.2', destinationPort: 7 });
    const mac = 0x02_42_ac_11_00_05;
    expect(await passes(tagged())).toEqual([false]);
    await gateway.setNeighbours(new Map([[mac, ['10.0.1.77', '10.0.1.4']]]));
    const open = tagged();
    expect(await passes(open, udp({ from: '10.0.1.4', to: '10.0.2.2', destinationPort: 7 }))).toEqual([true, false]);
    await gateway.setNeighbours(
      new Map([
        [mac, ['10.0.1.78']],
        [mac + 1, ['10.0.1.77']],
      ]),
    );
    expect(await passes(open, tagged(), { ...tagged(), from: '10.0.1.78' })).toEqual([false, false, true]);
  });
});
