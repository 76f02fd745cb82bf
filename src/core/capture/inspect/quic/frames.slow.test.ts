// Fuzz behind the seal: frames and hellos are mutated before they are sealed, since afterwards the tag would refuse them all.

import { expect, test } from 'vitest';
import { newFound } from '../decoder.ts';
import { span } from '../inspect.testing.ts';
import { addFrames, CRYPTO_BYTES_MAX, CryptoStream } from './crypto-stream.ts';
import { FRAME_SEEDS, SEEDS } from './quic.seeds.testing.ts';
import { initial } from './quic.testing.ts';
import { QuicReader } from './reader.ts';

const ROUNDS = 200_000;
/** Sealing costs more than all reading, so fewer are sealed. */
const SEALED_ROUNDS = 4_000;
const SEED = Number(process.env.PICKET_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Mulberry32 (public domain): small, and the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

function mutate(seeds: readonly Uint8Array[], random: (below: number) => number): Uint8Array {
  const seed = seeds[random(seeds.length)] ?? new Uint8Array(0);
  const data = seed.slice(0, random(8) === 0 ? random(seed.length + 1) : seed.length);
  for (let change = random(6); change > 0 && data.length > 0; change--) {
    const at = random(random(2) === 0 ? Math.min(60, data.length) : data.length);
    data[at] = [random(256), 0, 255, 0x40, (data[at] ?? 0) ^ (1 << random(8))][random(5)] ?? 0;
  }
  return data;
}

test(`frames and datagrams survive mutation (PICKET_SEED=${SEED})`, { timeout: 120_000 }, () => {
  const random = randomOf(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const stream = new CryptoStream();
    addFrames(stream, mutate(FRAME_SEEDS, random), 6);
    expect(stream.ready.length).toBeLessThanOrEqual(CRYPTO_BYTES_MAX);
  }
  const reader = new QuicReader();
  let names = 0;
  for (let round = 0; round < SEALED_ROUNDS; round++) {
    const isSealed = random(3) > 0;
    const data = isSealed ? initial({ frames: mutate(FRAME_SEEDS, random), number: round }) : mutate(SEEDS, random);
    const found = newFound();
    const shown = span(data, { source: round >> 2, destination: 2, sourcePort: 1, destinationPort: 443 });
    if (reader.claims(shown)) reader.decode(shown, found);
    for (const { name, value } of found.names) expect(`${name}${value}`).toMatch(/^[\x20-\x7e]+$/);
    names += found.names.length;
  }
  expect(names).toBeGreaterThan(100);
});
