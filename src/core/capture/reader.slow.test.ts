// Mutates captures of every kind and demands an end of one of the five kinds, in bounded time, without an exception.

import { describe, expect, it } from 'vitest';
import { AddressTable } from '#model';
import {
  enhancedBlock,
  ethernet,
  interfaceBlock,
  ip4,
  ip6,
  joined,
  obsoleteBlock,
  pcapBytes,
  section,
  simpleBlock,
  tcp,
  udp,
} from './capture.testing.ts';
import { flowCsvLine } from './flow-row.ts';
import { FlowTable } from './flow-table.ts';
import { TrafficReader } from './reader.ts';

const MUTATIONS = 100_000;
const KINDS = ['whole', 'cut', 'damaged', 'unknown-format', 'empty'];
const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 2 ** 32);

/** Small generator of repeatable numbers (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PACKETS = [
  ethernet(0x0800, ip4(udp(new Uint8Array(9))), [[0x8100, 7]]),
  ethernet(
    0x86dd,
    ip6(0, joined(Uint8Array.of(44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 9), tcp(new Uint8Array(5)))),
  ),
  ethernet(0x8847, joined(Uint8Array.of(0, 1, 1, 64), ip4(tcp(new Uint8Array(3)), { protocol: 6, fragment: 2 }))),
  ethernet(0x8864, joined(Uint8Array.of(17, 0, 0, 1, 0, 60, 0, 0x57), ip6(17, udp(new Uint8Array(2))))),
];
const LINK_TYPES = [0, 1, 9, 10, 12, 101, 108, 113, 192, 228, 229, 239, 276];
const SEEDS = [
  ...LINK_TYPES.map((linkType) =>
    pcapBytes(
      PACKETS.map((data) => ({ data })),
      { linkType, isBig: linkType % 2 === 1 },
    ),
  ),
  ...[false, true].map((isBig) =>
    joined(
      section(isBig),
      interfaceBlock(isBig, { resolution: 9, offset: [0, 1] }),
      ...PACKETS.flatMap((data) => [
        enhancedBlock(isBig, data, { high: 1, low: 2 }),
        obsoleteBlock(isBig, data, { high: 1, low: 2 }),
        simpleBlock(isBig, data),
      ]),
    ),
  ),
];

function mutated(seed: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = seed.slice(0, random(8) === 0 ? random(seed.length + 1) : seed.length);
  const edits = 1 + random(6);
  for (let edit = 0; edit < edits && bytes.length > 0; edit++) {
    const at = random(bytes.length);
    bytes[at] = random(3) === 0 ? ([0, 0xff, 0x7f, 0x80][random(4)] ?? 0) : random(256);
  }
  return bytes;
}

describe('TrafficReader on damaged captures', () => {
  it(`ends in a known way on ${MUTATIONS} mutations, seed ${SEED}`, { timeout: 120_000 }, () => {
    const random = randomOf(SEED);
    for (let round = 0; round < MUTATIONS; round++) {
      const bytes = mutated(SEEDS[random(SEEDS.length)] ?? new Uint8Array(0), random);
      const addresses = new AddressTable();
      const table = new FlowTable(addresses);
      let frames = 0;
      const sink = {
        frame: (frame: { index: number } & Parameters<FlowTable['add']>[0]): void => {
          frames++;
          table.add(frame);
          const isInside =
            frame.payloadCaptured === 0 || frame.payloadOffset + frame.payloadCaptured <= frame.data.length;
          if (!isInside || frame.payloadCaptured < 0 || frame.payloadLength < 0)
            throw new Error(`payload outside its frame in round ${round}, seed ${SEED}`);
        },
      };
      const reader = new TrafficReader({ addresses, inspector: null, sink });
      const middle = random(bytes.length + 1);
      reader.push(bytes.subarray(0, middle));
      reader.push(bytes.subarray(middle));
      const end = reader.end();
      if (!KINDS.includes(end.kind) || end.packets !== frames) expect({ round, end }).toBe('a known end');
      for (const row of table.rows()) flowCsvLine(row);
    }
  });
});
