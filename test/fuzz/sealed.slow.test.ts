// Fuzz behind the seal of QUIC: frames and hellos are mutated before they are sealed, since afterwards the tag would refuse them all.

import { expect, test } from 'vitest';
import { newFound } from '../../src/core/capture/inspect/decoder.ts';
import { span } from '../../src/core/capture/inspect/inspect.testing.ts';
import { addFrames, CRYPTO_BYTES_MAX, CryptoStream } from '../../src/core/capture/inspect/quic/crypto-stream.ts';
import { FRAME_SEEDS } from '../../src/core/capture/inspect/quic/quic.seeds.testing.ts';
import { initial } from '../../src/core/capture/inspect/quic/quic.testing.ts';
import { QuicReader } from '../../src/core/capture/inspect/quic/reader.ts';
import { fuzz, reportOf, SEED } from './fuzz.testing.ts';

const FRAMES = 200_000;
/** Sealing costs more than all reading, so fewer are sealed. */
const SEALED = 4_000;
/** Type of the frame that carries the handshake (RFC 9000, 19.6). */
const CRYPTO_FRAME = 6;

test(`frames survive mutation (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, () => {
  const outcome = fuzz({
    inputs: FRAMES,
    seeds: FRAME_SEEDS,
    setting: () => 0,
    run: (bytes) => {
      const stream = new CryptoStream();
      addFrames(stream, bytes, CRYPTO_FRAME);
      if (stream.ready.length > CRYPTO_BYTES_MAX) throw new Error(`${stream.ready.length} bytes are ready`);
      return `${Math.ceil(Math.log2(stream.ready.length + 1))}`;
    },
  });
  console.log(reportOf('frames', outcome));
  expect(outcome.faults).toEqual([]);
});

test(`sealed frames survive mutation (PICKET_SEED=${SEED})`, { timeout: 1_200_000 }, () => {
  const reader = new QuicReader();
  let number = 0;
  let names = 0;
  const outcome = fuzz({
    inputs: SEALED,
    seeds: FRAME_SEEDS,
    setting: () => 0,
    run: (bytes) => {
      const found = newFound();
      const data = initial({ frames: bytes, number: ++number });
      const shown = span(data, { source: number >> 2, destination: 2, sourcePort: 1, destinationPort: 443 });
      if (reader.claims(shown)) reader.decode(shown, found);
      for (const { name, value } of found.names)
        if (!/^[\x20-\x7e]+$/.test(`${name}${value}`)) throw new Error(`gave ${name} ${value}`);
      names += found.names.length;
      return found.names.map(({ kind }) => kind).join();
    },
  });
  console.log(reportOf('sealed', outcome));
  expect(outcome.faults).toEqual([]);
  expect(names).toBeGreaterThan(100);
});
