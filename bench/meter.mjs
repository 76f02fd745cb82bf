// The flow table against tcpdump and, where installed, argus: CPU time for the same capture, made by repeating our lab's recording.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowTable, PayloadInspector, TrafficReader } from '#capture';
import { AddressTable } from '#model';

/** Packets in the capture that is measured. */
const PACKETS = 1_000_000;
const CHUNK = 1 << 20;
const PEERS = {
  tcpdump: (file) => ['tcpdump', '-n', '-r', file, '-w', '/dev/null'],
  argus: (file) => ['argus', '-r', file, '-w', '/dev/null'],
};

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'));
  const file = join(folder, 'meter.pcap');
  const bytes = repeated(readFileSync(new URL('../lab/captures/site-normal.pcap', import.meta.url)));
  writeFileSync(file, bytes);
  const peers = Object.entries(PEERS).filter(([name]) => spawnSync(name, ['--version']).error === undefined);
  const contenders = {
    'flow table': () => read(bytes, false),
    'flow table, names and operations': () => read(bytes, true),
    ...Object.fromEntries(peers.map(([name, command]) => [name, () => cpuOf(command(file))])),
  };
  const { interleaved } = await import('./measure.mjs');
  const seconds = await interleaved(contenders);
  rmSync(folder, { recursive: true });
  const base = seconds['flow table'];
  const rows = Object.entries(seconds).map(([contender, spent]) => ({
    contender,
    'CPU seconds': spent.toFixed(2),
    'ratio to flow table': (spent / base).toFixed(2),
  }));
  return {
    what: `CPU time for a capture of ${PACKETS} packets (${(bytes.length / 1e6).toFixed(0)} MB), median of interleaved rounds`,
    rows,
  };
}

/** The recording's packets over and over behind one file header, with every repetition's client ports left as they are. */
function repeated(capture) {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const isLittle = view.getUint32(0, true) === 0xa1b2c3d4;
  const records = [];
  for (let at = 24; at + 16 <= capture.length; ) {
    const length = 16 + view.getUint32(at + 8, isLittle);
    records.push(capture.subarray(at, at + length));
    at += length;
  }
  const parts = [capture.subarray(0, 24)];
  for (let packet = 0; packet < PACKETS; packet++) parts.push(records[packet % records.length]);
  return Buffer.concat(parts);
}

function read(bytes, isInspecting) {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const facts = { name() {}, operation() {} };
  const inspector = isInspecting ? new PayloadInspector({ addresses, facts }) : null;
  const reader = new TrafficReader({ addresses, inspector, sink: { frame: (frame) => table.add(frame) } });
  for (let at = 0; at < bytes.length; at += CHUNK) reader.push(bytes.subarray(at, at + CHUNK));
  const end = reader.end();
  if (end.packets !== PACKETS) throw new Error(`read ${end.packets} of ${PACKETS} packets`);
}

/** CPU seconds of another program, by the shell's own accounting. */
function cpuOf([command, ...args]) {
  const result = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1', 'bench', command, ...args], {
    encoding: 'utf8',
  });
  const [user, system] = result.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}
