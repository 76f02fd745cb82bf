// The kernel is asked about one conversation, in the real kernel: what it says is what its table does, and nothing leaves the machine.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTable, numberBook, probeKernel, tableFile } from '#enforce';
import { parsePolicy } from '#policy';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();
const NOON = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const POLICY = `
picket: 1
mode: enforce
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"] }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"] }
rules:
  stream: { from: cam, to: { on: nvr, protocol: tcp, port: 554 } }
  closed: { from: cam, to: { on: nvr, protocol: tcp, port: 80 }, limits: { hours: Mon 00:00-00:01 } }
  small: { from: cam, to: { on: nvr, protocol: udp, port: 123 }, limits: { size: <= 200 B } }
  ping: { from: cam, to: { on: nvr, protocol: icmp } }
`;

describe.skipIf(missing !== '')(`asking the kernel${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  beforeAll(() => {
    site.open();
    const { policy } = parsePolicy(POLICY, 'test');
    if (policy === null) throw new Error('the policy of this test is wrong');
    const made = compileTable(policy, { book: numberBook(), now: NOON });
    if (made.kind === 'refused') throw new Error(made.problem.message);
    site.load(tableFile(made.content, NOON));
  });
  afterAll(() => site.close());

  const ask = (to: string, protocol: number, more: { from?: string; port?: number; packetSize?: number } = {}) =>
    probeKernel(
      { from: more.from ?? '10.0.1.2', to, protocol, port: more.port ?? -1, packetSize: more.packetSize ?? null },
      { prefix: ['ip', 'netns', 'exec', site.gateway] },
    );

  it.each([
    ['a rule', '10.0.2.2', 6, { port: 554 }, 'permit'],
    ['no rule', '10.0.2.2', 6, { port: 555 }, 'deny'],
    ['hours that are over', '10.0.2.2', 6, { port: 80 }, 'deny'],
    ['a size just on the limit', '10.0.2.2', 17, { port: 123, packetSize: 200 }, 'permit'],
    ['a size just above it', '10.0.2.2', 17, { port: 123, packetSize: 201 }, 'deny'],
    ['IPv6', 'fd00:2::2', 6, { port: 554, from: 'fd00:1::2' }, 'permit'],
    ['IPv6 without a rule', 'fd00:2::2', 6, { port: 22, from: 'fd00:1::2' }, 'deny'],
    ['ping', '10.0.2.2', 1, {}, 'permit'],
    ['no way there', '192.0.2.1', 6, { port: 554 }, 'unseen'],
  ] as const)('%s', async (_, to, protocol, more, verdict) => {
    expect((await ask(to, protocol, more)).verdict).toBe(verdict);
  });

  it('leaves no session, no table and no device', async () => {
    await ask('10.0.2.2', 6, { port: 554 });
    expect(site.inGateway('nft', 'list', 'tables')).toBe('table inet picket\n');
    expect(site.inGateway('ip', '-o', 'link', 'show')).not.toContain('pkprobe');
    expect(site.inGateway('cat', '/proc/net/nf_conntrack')).not.toContain('dport=554');
  });

  it('says what it cannot ask', async () => {
    await expect(ask('10.0.2.2', 47)).rejects.toThrow(/only TCP, UDP and ping/);
    expect(site.inGateway('nft', 'list', 'tables')).toBe('table inet picket\n');
  });
});
