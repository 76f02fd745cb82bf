// The bridge under the policy's table: devices of one subnet are judged like any others, and violations are told to whoever listens to NFLOG.
// Skipped without root, nft or python3.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge, PORT_REASONS, SPOOFING_MARK } from '#bridge';
import { Gateway } from '#enforce';
import { parsePolicy } from '#policy';
import { missingKernel } from '../gateway/site.testing.ts';
import { ipFrame } from './frames.testing.ts';
import { BRIDGE_MAC, BridgeSite, DEVICES, fourOf, macOf, OPENED_MS_MAX, portOf, sixOf } from './site.testing.ts';

const MISSING = missingKernel();
const POLICY = `picket: 1
elements:
  sensor:   { kind: device, address: [${fourOf(1)}, "${sixOf(1)}"], mode: enforce }
  recorder: { kind: device, address: [${fourOf(2)}, "${sixOf(2)}"], mode: enforce }
  printer:  { kind: device, address: [${fourOf(3)}, "${sixOf(3)}"], mode: enforce }
services:
  echo: { on: recorder, protocol: udp, port: 7000 }
rules:
  sensor-records: { from: sensor, to: echo }
`;

describe.skipIf(MISSING !== '')(`one subnet under a policy${MISSING === '' ? '' : ` (skipped: ${MISSING})`}`, () => {
  const site = new BridgeSite();
  const bridge = new Bridge({
    nft: site.command('nft'),
    ip: site.command('ip'),
    sysctl: site.command('sysctl'),
    save: async () => {},
  });
  const gateway = new Gateway({
    nft: site.command('nft'),
    ip: site.command('ip'),
    now: () => Date.now() * 1_000,
  });

  beforeAll(async () => {
    await site.open();
    await bridge.isolate({
      bridge: 'br0',
      subnets: ['10.7.0.0/24', 'fd07::/64'],
      ports: DEVICES.map((device) => ({
        name: portOf(device),
        elements: [{ mac: macOf(device), addresses: [fourOf(device), sixOf(device)] }],
      })),
    });
    const { policy, problems } = parsePolicy(POLICY, 'policy.yaml');
    if (policy === null) throw new Error(JSON.stringify(problems));
    await gateway.up(policy);
  }, OPENED_MS_MAX);
  afterAll(() => {
    gateway.close();
    bridge.close();
    site.close();
  });

  it.each([
    ['what a rule permits', 1, 2, 3],
    ['not the way back', 2, 1, null],
    ['an element that no rule names', 3, 2, null],
  ] as const)('%s: from %i to %i', async (_, from, to, expected) => {
    for (const address of [fourOf(to), sixOf(to)]) {
      const came = await site.udp(from, address, 3);
      if (expected === null) expect(came).not.toBe(3);
      else expect(came).toBe(expected);
      expect(await site.tcp(from, address, 1)).not.toBe(1);
    }
  });

  it('the table of the policy goes away without that of the bridge', async () => {
    await gateway.down();
    expect(await site.udp(3, fourOf(2), 1)).toBe(1);
    expect(await bridge.verify()).toEqual([]);
  });

  it.skipIf(spawnSync('tcpdump', ['--version']).status !== 0)(
    'a spoofed frame is told to NFLOG with its port, sender and reason',
    async () => {
      const [program = 'ip', ...words] = site.command('tcpdump', '-i', 'nflog:7', '-U', '-c', '1', '-w', '-');
      const child = spawn(program, words);
      const { begun, record } = heardBy(child);
      await begun;
      await site.frames(1, [
        ipFrame({ from: macOf(1), to: BRIDGE_MAC }, { from: fourOf(2), to: '10.7.0.1', protocol: 17 }),
      ]);
      const told = await record;
      const mark = Buffer.alloc(4);
      mark.writeUInt32BE(SPOOFING_MARK + PORT_REASONS.address);
      for (const part of [Buffer.from('picket-port'), mark, Buffer.from(macOf(1).replaceAll(':', ''), 'hex')])
        expect(told.includes(part)).toBe(true);
    },
  );
});

/** When a capture has begun, and the bytes that it wrote when it ended. */
function heardBy(child: ChildProcessWithoutNullStreams): { begun: Promise<void>; record: Promise<Buffer> } {
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const begun = new Promise<void>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      if (text.includes('listening')) resolve();
    });
  });
  const record = new Promise<Buffer>((resolve) => {
    child.on('close', () => resolve(Buffer.concat(chunks)));
  });
  return { begun, record };
}
