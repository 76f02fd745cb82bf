// What is no longer admitted is cut in an instant, with real sockets at both ends: the last packet arrives before the call returns, and
// both ends of TCP see a reset. Everything still admitted loses nothing.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '#enforce';
import type { Policy } from '#model';
import { parsePolicy } from '#policy';
import { HostSite } from './hosts.testing.ts';
import { missingKernel } from './site.testing.ts';

const missing = missingKernel();
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;

const HEAD = `
picket: 1
timezone: UTC
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"] }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"] }
rules:
  keep: { from: cam, to: { on: nvr, protocol: udp, port: 5000 } }
`;
const GIVEN = `${HEAD}  given: { from: cam, to: [{ on: nvr, protocol: udp, port: 6000 }, { on: nvr, protocol: tcp, port: 7000 }] }\n`;

function policyOf(text: string): Policy {
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

interface Counted {
  readonly sent: number;
  readonly got: number;
  readonly last: number;
  readonly error: string | null;
}

function counted(said: unknown): Counted {
  const found = { sent: 0, got: 0, last: 0, error: null, ...(typeof said === 'object' ? said : {}) };
  return { sent: Number(found.sent), got: Number(found.got), last: Number(found.last), error: found.error };
}

describe.skipIf(missing !== '')(`revocation${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new HostSite([
    { name: 'cam', number: 1 },
    { name: 'nvr', number: 2 },
  ]);
  let gateway: Gateway;
  let now = NOON;
  beforeAll(() => site.open());
  afterAll(() => site.close());
  beforeEach(() => {
    now = NOON;
    gateway = new Gateway({
      nft: [...site.inside, 'nft'],
      ip: [...site.inside, 'ip'],
      connections: [...site.inside, 'cat', '/proc/net/nf_conntrack'],
      now: () => now,
    });
  });
  afterEach(async () => {
    await gateway.down();
    gateway.close();
  });

  const PORTS = { udp: '6000', tcp: '7000', kept: '5000' };

  /** Both directions of UDP at 2,000 a second, TCP, and a stream that stays admitted; cuts; says what each end saw. */
  async function cutUnderTraffic(to: string, cut: () => Promise<unknown>) {
    const answers = [site.talk('nvr', 'udp-answer', PORTS.udp), site.talk('nvr', 'udp-answer', PORTS.kept)];
    const server = site.talk('nvr', 'tcp-answer', PORTS.tcp);
    for (const talker of [...answers, server]) await talker.hear();
    const asking = site.talk('cam', 'udp-ask', to, PORTS.udp, '2000');
    const kept = site.talk('cam', 'udp-ask', to, PORTS.kept, '200');
    const client = site.talk('cam', 'tcp-ask', to, PORTS.tcp);
    for (const talker of [asking, kept, client]) expect(await talker.hear()).toEqual({ ready: true });
    await cut();
    const returned = Date.now();
    const [clientSaw, serverSaw] = [counted(await client.hear()), counted(await server.hear())];
    const asked = counted(await asking.finish());
    const keptSaw = counted(await kept.finish());
    const [answered, keptAnswered] = [counted(await answers[0]?.finish()), counted(await answers[1]?.finish())];
    return { returned, clientSaw, serverSaw, asked, answered, keptSaw, keptAnswered };
  }

  const CUTS = [
    ['its rule is removed', GIVEN, async () => gateway.apply(policyOf(HEAD))],
    ['its element is put in quarantine', GIVEN, async () => gateway.apply(policyOf(GIVEN), new Set(['nvr']))],
  ] as const;

  describe.each(['10.0.2.2', 'fd00:2::2'])('to %s', (to) => {
    it.each(CUTS)(
      'cuts both ways before the call returns when %s',
      async (what, text, cut) => {
        await gateway.up(policyOf(text));
        const saw = await cutUnderTraffic(to, cut);
        expect(saw.answered.got).toBeGreaterThan(0);
        // A millisecond is the clock's grain here.
        expect(saw.answered.last / 1e6).toBeLessThanOrEqual(saw.returned + 1);
        expect(saw.asked.last / 1e6).toBeLessThanOrEqual(saw.returned + 1);
        expect(saw.clientSaw.error).toBe('ConnectionResetError');
        expect(saw.serverSaw.error).toBe('ConnectionResetError');
        if (what.includes('rule')) expect(saw.keptSaw.sent - saw.keptSaw.got).toBeLessThanOrEqual(1);
      },
      120_000,
    );
  });

  it('cuts when hours are over, by the kernel alone and without a call', async () => {
    now = NOON + 45_000_000;
    const limited = GIVEN.replace('port: 7000 }] }', 'port: 7000 }], limits: { hours: "Tue 00:00-12:01" } }');
    await gateway.up(policyOf(limited));
    const end = Date.now() + 15_000;
    const saw = await cutUnderTraffic(
      '10.0.2.2',
      () => new Promise((resolve) => setTimeout(resolve, end - Date.now())),
    );
    expect(saw.answered.last / 1e6).toBeLessThanOrEqual(end + 10);
    expect(saw.answered.last / 1e6).toBeGreaterThan(end - 1_000);
    expect(saw.clientSaw.error).toBe('ConnectionResetError');
    expect(saw.serverSaw.error).toBe('ConnectionResetError');
  }, 120_000);
});
