// MQTT packets made by hand, for the fuzzer. Not part of the product.

import { bytes } from './inspect.testing.ts';

export const SEEDS: readonly Uint8Array[] = [
  bytes([0x10, 15, 0, 4], 'MQTT', [4, 2, 0, 60, 0, 3], 'abc'),
  bytes([0x82, 8, 0, 1, 0, 3], 'a/b', 0, [0x30, 5, 0, 3], 'a/b'),
];
