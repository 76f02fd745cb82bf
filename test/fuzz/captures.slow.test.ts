// Fuzz: whole capture files, mutated. Every one must end in a known way, and the same however it is cut into chunks.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CaptureEnd, FlowTable, type Frame, flowCsvLine, TrafficReader } from '#capture';
import { AddressTable } from '#model';
import {
  Bytes,
  enhancedBlock,
  interfaceBlock,
  joined,
  obsoleteBlock,
  pcapBytes,
  section,
  simpleBlock,
} from '../../src/core/capture/capture.testing.ts';
import { WITH_IP } from '../../src/core/capture/link/links.seeds.testing.ts';
import { fuzz, HEAP_BYTES_MAX, ROOT, reportOf, SEED } from './fuzz.testing.ts';

const INPUTS = 30_000;
/** Of the laboratory's captures, the beginning: later packets are as those. */
const BEGINNING_BYTES = 1_500;
const KINDS = ['whole', 'cut', 'damaged', 'unknown-format', 'empty'];

const LAB = join(ROOT, 'lab/captures/formats');
const PACKETS = WITH_IP.slice(0, 3).map(({ data }) => data);

const snoop = (data: Uint8Array): Uint8Array =>
  new Bytes(true)
    .raw([0x73, 0x6e, 0x6f, 0x6f, 0x70, 0, 0, 0])
    .u32(2, 4, data.length, data.length, 24 + Math.ceil(data.length / 4) * 4, 0, 9, 5)
    .raw(data)
    .pad().bytes;

const SEEDS = [
  ...readdirSync(LAB)
    .filter((name) => !name.endsWith('.gz'))
    .map((name) => new Uint8Array(readFileSync(join(LAB, name)).subarray(0, BEGINNING_BYTES))),
  ...[false, true].map((isBig) =>
    joined(
      section(isBig),
      interfaceBlock(isBig, { resolution: 9, offset: [0, 1], linkType: 6 }),
      ...PACKETS.flatMap((data) => [
        enhancedBlock(isBig, data, { high: 1, low: 2 }),
        obsoleteBlock(isBig, data, { high: 1, low: 2 }),
        simpleBlock(isBig, data),
      ]),
    ),
  ),
  ...WITH_IP.filter((_, at) => at % 4 === 0).map(({ data, linkType }) => pcapBytes([{ data }, { data }], { linkType })),
  ...PACKETS.map((data) => snoop(data)),
];

interface Read {
  readonly end: CaptureEnd;
  readonly flows: readonly string[];
  readonly tunnels: readonly string[];
}

function read(chunks: readonly Uint8Array[]): Read {
  const addresses = new AddressTable();
  const table = new FlowTable(addresses);
  const tunnels = new Set<string>();
  const frame = (seen: Frame): void => {
    table.add(seen);
    if (seen.tunnel !== '') tunnels.add(seen.tunnel);
  };
  const reader = new TrafficReader({ addresses, inspector: null, sink: { frame } });
  for (const chunk of chunks) reader.push(chunk);
  return { end: reader.end(), flows: [...table.rows()].map(flowCsvLine), tunnels: [...tunnels] };
}

test(`captures end in a known way, however they are cut (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, () => {
  const outcome = fuzz({
    inputs: INPUTS,
    seeds: SEEDS,
    setting: (random) => random(10_000),
    run: (bytes, part) => {
      const middle = part % (bytes.length + 1);
      const whole = read([bytes]);
      const halves = read([bytes.slice(0, middle), bytes.slice(middle)]);
      if (JSON.stringify(whole) !== JSON.stringify(halves)) throw new Error(`other in two chunks, cut at ${middle}`);
      const { kind, format, nonIp, malformed, packets } = whole.end;
      if (!KINDS.includes(kind)) throw new Error(`ended ${kind}`);
      return `${kind} ${format} ${Math.min(packets, 8)} ${Math.min(nonIp, 8)} ${Math.min(malformed, 8)} ${whole.tunnels}`;
    },
  });
  console.log(reportOf('captures', outcome));
  expect(outcome.faults).toEqual([]);
  expect(process.memoryUsage().heapUsed).toBeLessThan(HEAP_BYTES_MAX);
});
