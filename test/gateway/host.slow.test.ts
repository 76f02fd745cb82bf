// The machine itself as an element: what reaches it and what it sends, in the real kernel. Loopback, neighbours and DHCP go on whatever is denied.

import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTable, numberBook, tableFile } from '#enforce';
import { parsePolicy } from '#policy';
import { Host } from './host.testing.ts';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();
const NOW = Date.parse('2026-11-24T12:00:00Z') * 1_000;
const book = numberBook();

const POLICY = `
picket: 1
timezone: UTC
mode: enforce
elements:
  gateway: { kind: server, address: [10.0.9.1, "fd00:9::1", 10.255.1.1] }
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"] }
  time: { kind: server, address: [10.0.2.2, "fd00:2::2"] }
rules:
  names: { from: cam, to: { on: gateway, protocol: udp, port: 53 } }
  clock: { from: gateway, to: { on: time, protocol: udp, port: 123 }, limits: { size: "<= 100 B" } }
  shell: { from: cam, to: { on: gateway, protocol: tcp, port: 22 } }
`;

describe.skipIf(missing !== '')(`the machine as an element${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  const host = new Host(site);
  beforeAll(() => {
    site.open();
    host.open();
    const { policy, problems } = parsePolicy(POLICY, 'test');
    if (policy === null) throw new Error(problems[0]?.message);
    const made = compileTable(policy, { book, now: NOW });
    if (made.kind === 'refused') throw new Error(made.problem.message);
    site.load(tableFile(made.content, NOW));
  }, 60_000);
  afterAll(() => {
    host.close();
    site.close();
  });

  let ports = 20_000;
  const udp = (from: string, to: string, more: Partial<PacketSketch> = {}): Uint8Array =>
    packetOf({ from, to, protocol: 17, sourcePort: ports++, payload: new Uint8Array(20), ...more });

  it.each([
    ['10.0.1.2', '10.0.9.1', 53, true],
    ['10.0.1.2', '10.0.9.1', 54, false],
    ['10.0.1.3', '10.0.9.1', 53, false],
    ['10.0.1.2', '10.0.9.2', 53, false],
    ['fd00:1::2', 'fd00:9::1', 53, true],
    ['fd00:1::2', 'fd00:9::1', 54, false],
    ['fd00:1::3', 'fd00:9::1', 53, false],
  ])('in: %s to %s port %i passes: %s', async (from, to, destinationPort, expected) => {
    expect(await host.into('a', udp(from, to, { destinationPort }))).toBe(expected);
  });

  it.each([
    ['10.0.9.1', '10.0.2.2', 123, 20, true],
    ['10.0.9.1', '10.0.2.2', 123, 72, true],
    ['10.0.9.1', '10.0.2.2', 123, 73, false],
    ['10.0.9.1', '10.0.2.2', 124, 20, false],
    ['10.0.9.1', '10.0.2.3', 123, 20, false],
    ['fd00:9::1', 'fd00:2::2', 123, 52, true],
    ['fd00:9::1', 'fd00:2::2', 123, 53, false],
    ['fd00:9::1', 'fd00:2::2', 53, 20, false],
  ])('out: %s to %s port %i with %i bytes passes: %s', async (from, to, destinationPort, bytes, expected) => {
    expect(await host.outOf('b', udp(from, to, { destinationPort, payload: new Uint8Array(bytes) }))).toBe(expected);
  });

  it('lets answers back both ways, and only those', async () => {
    const asked = { sourcePort: ports++, destinationPort: 53 };
    const answer = { sourcePort: 53, destinationPort: asked.sourcePort };
    expect(await host.outOf('a', udp('10.0.9.1', '10.0.1.2', answer))).toBe(false);
    expect(await host.into('a', udp('10.0.1.2', '10.0.9.1', asked))).toBe(true);
    expect(await host.outOf('a', udp('10.0.9.1', '10.0.1.2', answer))).toBe(true);
    const clock = { sourcePort: ports++, destinationPort: 123 };
    expect(await host.outOf('b', udp('10.0.9.1', '10.0.2.2', clock))).toBe(true);
    const time = { sourcePort: 123, destinationPort: clock.sourcePort };
    expect(await host.into('b', udp('10.0.2.2', '10.0.9.1', time))).toBe(true);
    expect(await host.into('b', udp('10.0.2.3', '10.0.9.1', time))).toBe(false);
  });

  it('never judges loopback', () => {
    site.inGateway('python3', '-c', LOOPBACK);
  });

  it('keeps neighbours and DHCP going, and nothing that only looks like them', async () => {
    const solicit = (hops: number): Uint8Array =>
      packetOf({ from: 'fd00:1::9', to: 'fd00:9::1', protocol: 58, icmpKind: 135, hops, payload: new Uint8Array(16) });
    expect(await host.into('a', solicit(255))).toBe(true);
    expect(await host.into('a', solicit(254))).toBe(false);
    const dhcp = { sourcePort: 68, destinationPort: 67 };
    expect(await host.into('a', udp('10.0.1.9', '10.0.9.1', dhcp))).toBe(true);
    expect(await host.into('a', udp('10.0.1.9', '10.0.9.1', { ...dhcp, sourcePort: 69 }))).toBe(false);
    expect(await host.outOf('a', udp('10.0.9.1', '10.0.1.9', { sourcePort: 67, destinationPort: 68 }))).toBe(true);
    expect(await host.outOf('a', udp('10.0.9.1', '10.0.1.9', { sourcePort: 68, destinationPort: 69 }))).toBe(false);
    const six = { sourcePort: 546, destinationPort: 547 };
    expect(await host.into('a', udp('fd00:1::9', 'fd00:9::1', six))).toBe(false);
  });

  it('resets local TCP that is denied at both ends', async () => {
    site.load('delete table inet quiet');
    site.inGateway('ip', 'address', 'add', '10.255.1.9/32', 'dev', 'a0');
    const child = spawn('ip', ['netns', 'exec', site.gateway, 'python3', '-c', CONNECT]);
    const text = await new Promise<string>((resolve) => {
      let all = '';
      child.stdout.on('data', (data: Buffer) => {
        all += data.toString();
      });
      child.on('close', () => resolve(all.trim()));
    });
    expect(text).toBe('refused');
  });
});

/** A TCP server and its client on loopback, with addresses that the policy names. */
const LOOPBACK = `
import socket
s = socket.create_server(("10.0.9.1", 7777))
c = socket.create_connection(("10.0.9.1", 7777), timeout=10)
a, _ = s.accept()
a.sendall(b"x")
assert c.recv(1) == b"x"
`;

/** A connection that the policy does not permit is answered at once: the local end waits for nothing. */
const CONNECT = `
import socket
s = socket.socket()
s.settimeout(20)
s.bind(("10.0.9.1", 0))
try:
    s.connect(("10.0.2.2", 80))
    print("connected")
except ConnectionRefusedError:
    print("refused")
except OSError as error:
    print(error)
`;
