// Modbus/TCP units made by hand, for the fuzzer. Not part of the product.

import { bytes, modbusUnit } from './inspect.testing.ts';

export const SEEDS: readonly Uint8Array[] = [
  modbusUnit(1, 3),
  bytes(modbusUnit(1, 3), modbusUnit(2, 16, [0, 0, 0, 1, 2, 0, 0])),
];
