// What argus makes of a capture, printed by ra and read as a log, adds up to the capture's own packets per conversation.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { detectLog, TrafficReader } from '#capture';
import { AddressTable, type Observation } from '#model';
import { bytesOf, CAPTURES } from './learn-support.ts';

const CAPTURE = 'app/mixed.pcap';
const hasArgus = ['argus', 'ra'].every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0);
const isPossible = hasArgus && existsSync(join(CAPTURES, CAPTURE));
const missing = isPossible ? '' : ' (argus, ra or the shared traffic is not there)';
const folder = mkdtempSync(join(tmpdir(), 'picket-argus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const COLUMNS = 'stime ltime flgs proto saddr sport dir daddr dport spkts dpkts sbytes dbytes state'.split(' ');

/** Packets by conversation, both directions apart. */
class Packets {
  readonly addresses = new AddressTable();
  readonly counts: Record<string, number> = {};

  add({ protocol, source, sourcePort, destination, destinationPort, packets }: Observation): void {
    const ends = `${this.addresses.text(source)} ${sourcePort} ${this.addresses.text(destination)} ${destinationPort}`;
    const key = `${protocol} ${ends}`;
    this.counts[key] = (this.counts[key] ?? 0) + packets;
  }
}

test.skipIf(!isPossible)(`argus text of a capture has the capture's packets${missing}`, { timeout: 60_000 }, () => {
  const binary = join(folder, 'flows.argus');
  spawnSync('argus', ['-r', join(CAPTURES, CAPTURE), '-w', binary]);
  const { stdout } = spawnSync('ra', ['-n', '-u', '-c', ',', '-r', binary, '-s', ...COLUMNS]);
  const log = new Packets();
  const reader = detectLog(stdout)?.open({
    addresses: log.addresses,
    sink: { observe: (observation) => log.add(observation), name: () => {} },
  });
  reader?.push(stdout);
  expect(reader?.end()).toMatchObject({ kind: 'whole', format: 'argus-text' });
  const capture = new Packets();
  const frames = new TrafficReader({
    addresses: capture.addresses,
    inspector: null,
    sink: { frame: (frame) => (frame.ipVersion === 0 ? undefined : capture.add(frame)) },
  });
  frames.push(bytesOf(CAPTURE));
  frames.end();
  for (const [key, packets] of Object.entries(log.counts)) if (packets === 0) delete log.counts[key];
  expect(log.counts).toEqual(capture.counts);
});
