// What softflowd exports of a capture, received by the real socket of `picket collect`, equals the capture's own flows: ends, packets, bytes, times.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FlowTable, type Frame, TrafficReader, ZeekReader } from '#capture';
import { type Io, runPicket } from '#cli';
import { AddressTable, type Observation } from '#model';
import { listen } from '../../src/bin/sockets.ts';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';

const ROOT = join(import.meta.dirname, '../..');
const HAS_SOFTFLOWD = spawnSync('softflowd', ['-h']).error === undefined;

/** Two directions of one conversation, in the order of their texts, so that who began does not matter here. */
interface Totals {
  readonly packets: [number, number];
  readonly bytes: [number, number];
  first: number;
  last: number;
}
type Flows = Map<string, Totals>;

/** What softflowd 1.1 leaves out or changes, each by its own nature and not by ours. */
const CASES: readonly (readonly [what: string, args: readonly string[], hasSix: boolean, roundingMicros: number])[] = [
  // Uptime in milliseconds, and an export instant cut to seconds by version 9. The exporter reads its clocks one after the other.
  ['NetFlow 5', ['-v', '5'], false, 10_000],
  ['NetFlow 9', ['-v', '9'], true, 1_010_000],
  ['IPFIX', ['-v', '10', '-A', 'milli'], true, 10_000],
  ['IPFIX with both directions in one record', ['-v', '10', '-b', '-A', 'micro'], true, 10_000],
];

const SHARED = process.env.PICKET_SHARED ?? join(ROOT, '../shared');
/** NetFlow 5 and 9 count 32 bits of milliseconds back from their export, so of recordings years old they tell no true times: IPFIX only. */
const OLD = ['app/http_ipv6.pcap', 'app/mixed.pcap', 'app/bstats.pcap', 'ics/4SICS-GeekLounge-151022-min.pcap'];
const CAN_OLD = HAS_SOFTFLOWD && existsSync(join(SHARED, 'traffic/captures'));
const LAB = ['lab/captures/site-normal.pcap', 'lab/captures/site-attack.pcap'];

function add(flows: Flows, observation: Observation, ends: number, addresses: AddressTable): void {
  const { protocol, sourcePort, destinationPort, at, packets, bytes } = observation;
  const a = `${addresses.text(observation.source)} ${sourcePort}`;
  const b = `${addresses.text(observation.destination)} ${destinationPort}`;
  const key = `${protocol} ${[a, b].sort().join(' ')}`;
  const known = flows.get(key) ?? { packets: [0, 0], bytes: [0, 0], first: at, last: ends };
  flows.set(key, known);
  const way = a <= b ? 0 : 1;
  known.packets[way] += packets;
  known.bytes[way] += bytes;
  known.first = Math.min(known.first, at);
  known.last = Math.max(known.last, ends);
}

/** The capture's own flows. Fragments that softflowd tells apart by their lack of ports are left out on both sides. */
function captured(path: string): Flows {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const flows: Flows = new Map();
  const take = (frame: Frame): void => {
    table.add(frame);
    if (frame.ipVersion !== 0) add(flows, frame, frame.at, addresses);
  };
  const reader = new TrafficReader({ addresses, inspector: null, sink: { frame: take } });
  reader.push(bytesOf(path));
  reader.end();
  return flows;
}

function bytesOf(path: string): Uint8Array {
  const raw = readFileSync(path);
  return raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
}

interface Collected {
  readonly exit: number;
  readonly lines: string;
  readonly err: string;
}

/** Runs `picket collect` on a free port of loopback and, once it listens, softflowd over the capture. */
async function collect(path: string, args: readonly string[]): Promise<Collected> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-exports-'));
  let lines = '';
  let err = '';
  const now = (): number => Date.now() * 1_000;
  const refuse = async (): Promise<never> => {
    throw new Error('collect touches no file here');
  };
  const io: Io = {
    stdout: {
      columns: null,
      write: (text) => {
        lines += text;
      },
    },
    stderr: {
      columns: null,
      write: (text) => {
        err += text;
      },
    },
    machine: BARE_MACHINE,
    version: 'test',
    now,
    stat: refuse,
    // biome-ignore lint/correctness/useYield: nothing is read here.
    async *read() {
      await refuse();
    },
    list: refuse,
    checkWritable: refuse,
    writeWhole: refuse,
    append: refuse,
    listen: async (options) => {
      const listening = await listen(options, now);
      // A control socket with a long path hangs softflowd 1.1, so both files have short names.
      const files = ['-p', 'p', '-c', 'c'];
      const target = ['-n', `127.0.0.1:${listening.port}`];
      const exporter = spawn('softflowd', ['-r', path, '-D', ...target, ...files, ...args], { cwd: folder });
      exporter.stdout.resume();
      exporter.stderr.resume();
      const deadline = setTimeout(() => exporter.kill('SIGKILL'), 20_000);
      // Loopback hands a datagram over before the sender goes on: a moment after its end, everything is there.
      exporter.on('exit', () => {
        clearTimeout(deadline);
        setTimeout(() => listening.close(), 200);
      });
      return listening;
    },
  };
  const exit = await runPicket(['collect', '--listen', '127.0.0.1:0', '--for', '60s'], io);
  rmSync(folder, { recursive: true });
  return { exit, lines, err };
}

/** The flows that picket reads back from the lines that it wrote. */
function readBack(lines: string): Flows {
  const addresses = new AddressTable();
  const flows: Flows = new Map();
  let ends = 0;
  const reader = new ZeekReader({
    addresses,
    sink: {
      record: (record) => {
        ends = record.ends;
      },
      observe: (observation) => add(flows, observation, ends, addresses),
      name: () => {},
    },
  });
  reader.push(Buffer.from(lines));
  expect(reader.end()).toMatchObject({ kind: 'whole', message: '' });
  return flows;
}

function withoutSix(flows: Flows): Flows {
  return new Map([...flows].filter(([key]) => !key.includes(':')));
}

function differences(wanted: Flows, found: Flows, roundingMicros: number): string[] {
  const out: string[] = [];
  for (const [key, want] of wanted) {
    const got = found.get(key);
    if (got === undefined) out.push(`${key}: missing`);
    else if (`${got.packets} ${got.bytes}` !== `${want.packets} ${want.bytes}`)
      out.push(`${key}: ${got.packets} packets ${got.bytes} bytes for ${want.packets}, ${want.bytes}`);
    else if (Math.abs(got.first - want.first) > roundingMicros || Math.abs(got.last - want.last) > roundingMicros)
      out.push(`${key}: ${got.first - want.first} and ${got.last - want.last} µs off`);
  }
  for (const key of found.keys()) if (!wanted.has(key)) out.push(`${key}: was not in the capture`);
  return out;
}

const title = HAS_SOFTFLOWD ? '' : ' (softflowd is not installed)';

describe.each(CASES)('picket collect receives %s from softflowd', (_what, args, hasSix, rounding) => {
  test.skipIf(!HAS_SOFTFLOWD).each(LAB)(`and gives the flows of %s${title}`, { timeout: 60_000 }, async (name) => {
    const path = join(ROOT, name);
    const { exit, lines, err } = await collect(path, args);
    expect(err).not.toContain('warning');
    expect(exit).toBe(0);
    const wanted = hasSix ? captured(path) : withoutSix(captured(path));
    expect(wanted.size).toBeGreaterThan(200);
    expect(differences(wanted, readBack(lines), rounding)).toEqual([]);
  });
});

const oldTitle = CAN_OLD ? '' : ' (softflowd or the shared traffic is not there)';

describe.each(CASES.filter(([what]) => what.startsWith('IPFIX')))(
  'picket collect receives %s from softflowd',
  (...one) => {
    const [, args, , rounding] = one;
    test.skipIf(!CAN_OLD).each(OLD)(`and gives the flows of %s${oldTitle}`, { timeout: 60_000 }, async (name) => {
      const path = join(SHARED, 'traffic/captures', name);
      const { exit, lines } = await collect(path, args);
      expect(exit).toBe(0);
      const wanted = captured(path);
      expect(wanted.size).toBeGreaterThan(0);
      expect(differences(wanted, readBack(lines), rounding)).toEqual([]);
    });
  },
);
