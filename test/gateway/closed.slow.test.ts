// What holds before the table is up, in the real kernel: nothing of whoever enforces, everything else.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closedTable, OPEN_LINE } from '#enforce';
import { parsePolicy } from '#policy';
import { type PacketSketch, packetOf } from './packets.testing.ts';
import { missingKernel, Site } from './site.testing.ts';

const missing = missingKernel();

const POLICY = `
picket: 1
mode: observe
elements:
  cam: { kind: device, address: [10.0.1.2, "fd00:1::2"], mode: enforce }
  row: { kind: device, address: [10.0.1.64/26, 10.0.1.70], mode: enforce }
  nvr: { kind: server, address: [10.0.2.2, "fd00:2::2"], mode: protect, protect: [web] }
  logs: { kind: server, address: 10.0.2.3, mode: protect }
  free: { kind: device, address: 10.0.1.9 }
services:
  web: { on: nvr, protocol: tcp, port: [80, 8000-8010] }
  log: { on: logs, protocol: udp, port: 514 }
rules:
  anyone: { from: any, to: web }
`;

function closed(text = POLICY): string {
  const { policy, problems } = parsePolicy(text, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return closedTable(policy);
}

describe.skipIf(missing !== '')(`the closed table${missing === '' ? '' : ` (${missing})`}`, () => {
  const site = new Site();
  beforeAll(() => site.open());
  afterAll(() => site.close());

  const packet = (more: Partial<PacketSketch>): PacketSketch => ({
    from: '10.0.1.9',
    to: '10.0.2.9',
    protocol: 17,
    sourcePort: 40_000,
    destinationPort: 5_000,
    ...more,
  });
  const passes = async (sketch: PacketSketch): Promise<boolean> => {
    const side = /^(10\.0\.1|fd00:1)/.test(sketch.from) ? 'a' : 'b';
    const [fate] = await site.send([{ side, packet: packetOf(sketch) }]);
    return fate?.passed ?? false;
  };

  it.each([
    ['what nobody enforces', packet({}), true],
    ['from an element that enforces', packet({ from: '10.0.1.2' }), false],
    ['to an element that enforces', packet({ from: '10.0.2.9', to: '10.0.1.2' }), false],
    ['IPv6 of an element that enforces', packet({ from: 'fd00:1::2', to: 'fd00:2::9' }), false],
    ['IPv6 of nobody', packet({ from: 'fd00:1::9', to: 'fd00:2::9' }), true],
    ['just before its range', packet({ from: '10.0.1.63' }), true],
    ['the first of its range', packet({ from: '10.0.1.64' }), false],
    ['the last of its range', packet({ from: '10.0.1.127' }), false],
    ['just behind its range', packet({ from: '10.0.1.128' }), true],
    ['a protected service', packet({ to: '10.0.2.2', protocol: 6, destinationPort: 80 }), false],
    ['the last port of a protected service', packet({ to: '10.0.2.2', protocol: 6, destinationPort: 8_010 }), false],
    ['the port behind it', packet({ to: '10.0.2.2', protocol: 6, destinationPort: 8_011 }), true],
    ['the same port of another protocol', packet({ to: '10.0.2.2', destinationPort: 80 }), true],
    ['any named service where none is chosen', packet({ to: '10.0.2.3', destinationPort: 514 }), false],
  ] as const)('%s: %s', async (_, sketch, isPassing) => {
    site.load(closed());
    expect(await passes(sketch)).toBe(isPassing);
  });

  it('drops everybody else as well where the policy enforces, and goes without a trace', async () => {
    site.load(closed(POLICY.replace('mode: observe', 'mode: enforce')));
    expect(await passes(packet({}))).toBe(false);
    site.inGateway('nft', OPEN_LINE);
    expect(site.inGateway('nft', 'list', 'ruleset')).toBe('');
    expect(await passes(packet({ from: '10.0.1.2' }))).toBe(true);
  });
});
