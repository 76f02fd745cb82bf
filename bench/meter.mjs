// The flow table against tcpdump and, where installed, argus: CPU time on a mixed capture and on a million conversations, and memory a flow.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowTable, PayloadInspector, TrafficReader } from '#capture';
import { AddressTable } from '#model';
import { manyFlows, mixedCapture } from './captures.mjs';
import { interleaved } from './measure.mjs';

const PACKETS = 1_000_000;
const FLOWS = 1_000_000;
const CHUNK = 1 << 20;
const PEERS = {
  tcpdump: (file) => ['tcpdump', '-n', '-r', file, '-w', '/dev/null'],
  argus: (file) => ['argus', '-r', file, '-w', '/dev/null'],
};

export async function bench() {
  const rows = [
    ...(await onCapture('mixed', mixedCapture(PACKETS))),
    ...(await onCapture('a million flows', manyFlows(FLOWS))),
    memoryRow(),
  ];
  return {
    what: `CPU time for a mixed capture of ${PACKETS} packets and for ${FLOWS} flows of two packets, median of interleaved rounds`,
    rows,
  };
}

async function onCapture(name, bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'));
  const file = join(folder, 'meter.pcap');
  writeFileSync(file, bytes);
  const peers = Object.entries(PEERS).filter(([peer]) => spawnSync(peer, ['--version']).error === undefined);
  const seconds = await interleaved({
    'flow table': () => void read(bytes, false),
    'flow table, names and operations': () => void read(bytes, true),
    ...Object.fromEntries(peers.map(([peer, command]) => [peer, () => cpuOf(command(file))])),
  });
  rmSync(folder, { recursive: true });
  return Object.entries(seconds).map(([contender, spent]) => ({
    capture: name,
    contender,
    'CPU seconds': spent.toFixed(2),
    'ratio to flow table': (spent / seconds['flow table']).toFixed(2),
  }));
}

/** Memory of the table alone: what it holds after a million flows, beyond what there was before. */
function memoryRow() {
  const bytes = manyFlows(FLOWS);
  globalThis.gc?.();
  const before = held();
  const table = read(bytes, false);
  globalThis.gc?.();
  const used = held() - before;
  return { capture: 'a million flows', contender: 'memory', 'bytes a flow': (used / table.size).toFixed(0) };
}

function held() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function read(bytes, isInspecting) {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const facts = { name() {}, operation() {} };
  const inspector = isInspecting ? new PayloadInspector({ addresses, facts }) : null;
  const reader = new TrafficReader({ addresses, inspector, sink: { frame: (frame) => table.add(frame) } });
  for (let at = 0; at < bytes.length; at += CHUNK) reader.push(bytes.subarray(at, at + CHUNK));
  const end = reader.end();
  if (end.kind !== 'whole') throw new Error(end.message);
  return table;
}

/** CPU seconds of another program, by the shell's own accounting. */
function cpuOf([command, ...args]) {
  const result = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1', 'bench', command, ...args], {
    encoding: 'utf8',
  });
  const [user, system] = result.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}
