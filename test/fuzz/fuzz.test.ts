// The fuzzer itself: it finds what is there to be found, tells the input, and does the same again from the same number.

import { expect, test } from 'vitest';
import { type Campaign, fuzz, randomOf } from './fuzz.testing.ts';

const campaign = (run: (bytes: Uint8Array) => string): Campaign<number> => ({
  inputs: 20_000,
  seeds: [new Uint8Array(16)],
  setting: () => 0,
  run,
});

const WANTED = [0x7f, 0x80, 0xff, 0x40];

/** Throws behind four bytes that must be right one after the other: blind mutation does not get there. */
function nested(bytes: Uint8Array): string {
  let depth = 0;
  while (depth < 4 && bytes[depth] === WANTED[depth]) depth++;
  if (depth === 4) throw new Error('reached');
  return String(depth);
}

test('fuzz() reaches what lies behind several conditions, and tells the input in hex', () => {
  const { faults } = fuzz({ ...campaign(nested), inputs: 60_000 }, randomOf(1));
  expect(faults[0]).toMatch(/^threw Error: reached .*: 7f80ff40/);
});

test('fuzz() gives the same inputs for the same number', () => {
  const seen = (seed: number): string => {
    const inputs: string[] = [];
    fuzz(
      { ...campaign((bytes) => String(inputs.push(Buffer.from(bytes).toString('hex')))), inputs: 200 },
      randomOf(seed),
    );
    return inputs.join();
  };
  expect(seen(7)).toBe(seen(7));
  expect(seen(7)).not.toBe(seen(8));
});

test('fuzz() finds nothing where nothing is wrong', () => {
  expect(
    fuzz(
      campaign(({ length }) => String(length % 2)),
      randomOf(1),
    ),
  ).toMatchObject({ inputs: 20_000, faults: [] });
});
