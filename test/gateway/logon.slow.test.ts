// Logon at the gateway: who logged on opens, what was opened ends with it, and a ticket opens one connection and no other.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import { HOUR, MINUTE, SECOND } from '#model';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();

const POLICY = `
picket: 1
timezone: UTC
mode: enforce
elements:
  alice: { kind: human, login: alice, address: [10.0.1.2, "fd00:1::2"], labels: { team: ops } }
  bob: { kind: human, login: bob, address: 10.0.1.3, labels: { team: ops } }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"] }
services:
  desk: { on: nvr, protocol: udp, port: 3389, logon: required }
rules:
  fresh: { from: team=ops, to: { on: nvr, protocol: udp, port: 22 }, limits: { logon: person and device within 15 min } }
  desk: { from: team=ops, to: desk }
  soft: { from: team=ops, to: { on: nvr, protocol: udp, port: 23 }, limits: { logon: person, drain: 3 s } }
`;

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

describe.skipIf(missing !== '')(`logon at the gateway${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  let gateway: Gateway;
  let ports = 20_000;
  const now = (): number => Date.now() * 1_000;
  beforeAll(() => site.open(), 60_000);
  afterAll(() => site.close());
  beforeEach(async () => {
    const inside = ['ip', 'netns', 'exec', site.gateway];
    gateway = new Gateway({
      nft: [...inside, 'nft'],
      ip: [...inside, 'ip'],
      connections: [...inside, 'cat', '/proc/net/nf_conntrack'],
      conntrack: [...inside, 'conntrack'],
      now,
    });
    await gateway.up(policyOf(POLICY));
  }, 60_000);
  afterEach(async () => {
    await gateway.down();
    gateway.close();
  }, 60_000);

  const udp = (destinationPort: number, from = '10.0.1.2'): PacketSketch => ({
    from,
    to: from.includes(':') ? 'fd00:2::2' : '10.0.2.2',
    protocol: 17,
    sourcePort: ports++,
    destinationPort,
    payload: new Uint8Array(10),
  });
  const back = (one: PacketSketch): PacketSketch => ({
    ...one,
    from: one.to,
    to: one.from,
    sourcePort: one.destinationPort ?? 0,
    destinationPort: one.sourcePort ?? 0,
  });
  const passes = async (...sketches: readonly PacketSketch[]): Promise<readonly boolean[]> =>
    (
      await site.send(
        sketches.map((sketch) => ({
          side: /^10\.0\.1\.|^fd00:1:/.test(sketch.from) ? 'a' : 'b',
          packet: packetOf(sketch),
        })),
      )
    ).map(({ passed }) => passed);

  it('opens for who logged on with every factor, and cuts both ways when one is taken back', async () => {
    expect(await passes(udp(22), udp(3_389))).toEqual([false, false]);
    await gateway.grant({ element: 'alice', factors: ['person'], at: now() });
    const desk = udp(3_389);
    const six = udp(3_389, 'fd00:1::2');
    expect(await passes(udp(22), desk, back(desk), six, udp(3_389, '10.0.1.3'))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    await gateway.grant({ element: 'alice', factors: ['device'], at: now() });
    const shell = udp(22);
    expect(await passes(shell, back(shell))).toEqual([true, true]);
    expect((await gateway.revoke('alice', ['device']))?.cut).toBe(1);
    expect(await passes(shell, back(shell), udp(22), desk, back(desk))).toEqual([false, false, false, true, true]);
    await gateway.revoke('alice');
    expect(await passes(desk, back(desk), six)).toEqual([false, false, false]);
  });

  it.each([
    [14 * MINUTE, true],
    [15 * MINUTE - 30 * SECOND, true],
    [15 * MINUTE + SECOND, false],
    [2 * HOUR, false],
  ])('opens by a logon of %i µs ago: %s', async (age, isOpen) => {
    await gateway.grant({ element: 'alice', factors: ['person', 'device'], at: now() - age });
    expect(await passes(udp(22))).toEqual([isOpen]);
  });

  it('lets open sessions live on when the logon is too old for another', async () => {
    await gateway.grant({ element: 'alice', factors: ['person', 'device'], at: now() - 14 * MINUTE });
    const open = udp(22);
    expect(await passes(open)).toEqual([true]);
    await gateway.grant({ element: 'alice', factors: ['person', 'device'], at: now() - 16 * MINUTE });
    expect(await passes(open, back(open), udp(22))).toEqual([true, true, false]);
  });

  it('ends with its grant, by the kernel alone', async () => {
    await gateway.grant({ element: 'alice', factors: ['person'], at: now(), until: now() + 8 * SECOND });
    const desk = udp(3_389);
    expect(await passes(desk, back(desk))).toEqual([true, true]);
    await expect
      .poll(async () => passes(desk, back(desk), udp(3_389)), { timeout: 30_000 })
      .toEqual([false, false, false]);
  }, 60_000);

  it('drains, and opens nothing while it does', async () => {
    await gateway.grant({ element: 'alice', factors: ['person'], at: now() });
    const soft = udp(23);
    expect(await passes(soft)).toEqual([true]);
    await gateway.revoke('alice');
    expect((await passes(udp(23)))[0]).toBe(false);
    await expect.poll(async () => (await passes(soft))[0], { timeout: 30_000 }).toBe(false);
  }, 60_000);

  it('gives a ticket for one connection of one element and one service', async () => {
    await gateway.ticket({ from: 'alice', service: 'desk', until: now() + HOUR });
    const first = udp(3_389);
    expect(await passes(udp(3_389, '10.0.1.3'), udp(22), first, udp(3_389), back(first), first)).toEqual([
      false,
      false,
      true,
      false,
      true,
      true,
    ]);
    await gateway.refresh();
    await gateway.setNeighbours(new Map());
    expect(await passes(first, udp(3_389))).toEqual([true, false]);
    await gateway.ticket({ from: 'alice', service: 'desk', until: now() + HOUR });
    expect(await passes(udp(3_389), udp(3_389), first)).toEqual([true, false, true]);
  });

  it('ends a ticket, and its connection, in time', async () => {
    await gateway.ticket({ from: 'alice', service: 'desk', until: now() + 5 * SECOND, endsAt: now() + 12 * SECOND });
    const open = udp(3_389);
    expect(await passes(open)).toEqual([true]);
    await gateway.ticket({ from: 'bob', service: 'desk', until: now() + SECOND });
    await expect.poll(async () => (await passes(open))[0], { timeout: 40_000, interval: 500 }).toBe(false);
    expect(await passes(udp(3_389, '10.0.1.3'))).toEqual([false]);
  }, 60_000);

  it('gives no ticket twice when the table is made anew, and none that no rule takes', async () => {
    await gateway.ticket({ from: 'alice', service: 'desk', until: now() + HOUR });
    site.inGateway('nft', 'flush', 'chain', 'inet', 'picket', 'forward');
    await expect
      .poll(() => site.inGateway('nft', 'list', 'chain', 'inet', 'picket', 'forward'), { timeout: 20_000 })
      .toContain('odd');
    expect(await passes(udp(3_389))).toEqual([false]);
    for (const asked of [
      { from: 'alice', service: 'other' },
      { from: 'nobody', service: 'desk' },
    ])
      await expect(gateway.ticket({ ...asked, until: now() + HOUR })).rejects.toMatchObject({ trouble: 'no-ticket' });
  }, 60_000);
});
