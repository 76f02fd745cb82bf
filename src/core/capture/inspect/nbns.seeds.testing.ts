// For the fuzzer: NetBIOS name messages made by hand, for port 137. Not part of the product.

import { bytes } from './inspect.testing.ts';

const NAME = bytes(32, 'EDEBEN'.padEnd(30, 'CA'), 'AA', 0);
const RECORD = [0, 32, 0, 1, 0, 0, 0, 60, 0, 6, 0, 0, 10, 0, 0, 7];

export const SEEDS: readonly Uint8Array[] = [
  bytes([0, 1, 0x29, 0x10, 0, 1, 0, 0, 0, 0, 0, 1], NAME, [0, 32, 0, 1, 0xc0, 12], RECORD),
  bytes([0, 1, 0x85, 0, 0, 0, 0, 1, 0, 0, 0, 0], NAME, RECORD),
  bytes([0, 1, 1, 0x10, 0, 1, 0, 0, 0, 0, 0, 0], NAME, [0, 32, 0, 1]),
];
