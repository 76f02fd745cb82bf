// Fuzz: application messages through every decoder alone, and as datagrams and segments of conversations through the inspector, QUIC included.

import { expect, test } from 'vitest';
import { FOUND_MAX, NOT_MINE } from '../../src/core/capture/inspect/decoder.ts';
import { DECODERS } from '../../src/core/capture/inspect/decoders.ts';
import { Bench, decodeOnce, modbusUnit, span } from '../../src/core/capture/inspect/inspect.testing.ts';
import { fuzz, HEAP_BYTES_MAX, reportOf, SEED, seedsBeside } from './fuzz.testing.ts';

const INPUTS = 110_000;
/** Packets that one inspector is shown. */
const PACKETS_OF_BENCH = 10_000;
const PORTS = [
  53, 67, 80, 102, 137, 443, 502, 853, 1_883, 1_900, 2_404, 4_840, 5_353, 5_355, 5_683, 20_000, 44_818, 47_808, 40_000,
];
const UDP = 17;
const TCP = 6;

const OWN = [
  modbusUnit(1, 3),
  modbusUnit(2, 16),
  new TextEncoder().encode('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'),
];

interface Setting {
  readonly port: number;
  readonly client: number;
  readonly isTcp: boolean;
  readonly isFinal: boolean;
  readonly isAnswer: boolean;
  readonly sequence: number;
  /** How much of the payload was captured, in quarters. */
  readonly quarters: number;
}

let bench = new Bench(256);
let shown = 0;

/** Every decoder on its own; what it answers must be a length and its findings printable. */
function decode(bytes: Uint8Array, setting: Setting): string {
  let answer = '';
  const ports = { sourcePort: setting.client, destinationPort: setting.port };
  const more = { ...ports, isTcp: setting.isTcp, isFinal: setting.isFinal };
  for (const decoder of DECODERS) {
    const isClaimed = decoder.claims(span(bytes, more));
    const { length, found } = decodeOnce(decoder, bytes, more);
    if (!Number.isSafeInteger(length) || length < NOT_MINE) throw new Error(`${decoder.protocol} answered ${length}`);
    const count = found.names.length + found.operations.length;
    if (count > 2 * FOUND_MAX) throw new Error(`${decoder.protocol} found ${count}`);
    for (const { name } of found.names)
      if (!/^[\x20-\x7e]*$/.test(name)) throw new Error(`${decoder.protocol} gave ${name}`);
    if (isClaimed || count > 0) answer += ` ${decoder.protocol} ${Math.sign(length)} ${Math.min(count, 9)}`;
  }
  return answer;
}

function converse(bytes: Uint8Array, setting: Setting): string {
  if (++shown % PACKETS_OF_BENCH === 0) bench = new Bench(256);
  const sent = {
    data: bytes,
    sourcePort: setting.client,
    destinationPort: setting.port,
    protocol: setting.isTcp ? TCP : UDP,
    sequence: setting.sequence,
    captured: Math.ceil((bytes.length * setting.quarters) / 4),
    at: shown * 1_000,
  };
  const back = { ...sent, sourcePort: setting.port, destinationPort: setting.client };
  const { application, operations } = setting.isAnswer ? bench.answer(back) : bench.send(sent);
  const names = bench.names.splice(0).map(({ kind }) => kind);
  bench.operations.length = 0;
  return `${application} ${Math.min(operations.length, 4)} ${[...new Set(names)].join()}`;
}

test(`messages are read whatever their bytes (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
  const seeds = [...OWN, ...(await seedsBeside('capture/inspect'))];
  const outcome = fuzz<Setting>({
    inputs: INPUTS,
    seeds,
    setting: (random) => ({
      port: PORTS[random(PORTS.length)] ?? 0,
      client: 40_000 + random(4),
      isTcp: random(2) === 0,
      isFinal: random(2) === 0,
      isAnswer: random(4) === 0,
      sequence: random(3) === 0 ? random(2_000) : 0,
      quarters: random(3) === 0 ? random(5) : 4,
    }),
    run: (bytes, setting) => decode(bytes, setting) + converse(bytes, setting),
  });
  console.log(reportOf('messages', outcome));
  expect(outcome.faults).toEqual([]);
  expect(process.memoryUsage().heapUsed).toBeLessThan(HEAP_BYTES_MAX);
});
