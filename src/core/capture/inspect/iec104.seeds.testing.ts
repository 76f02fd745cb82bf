// Units of IEC 60870-5-104 made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes } from './inspect.testing.ts';

/** Numbered data of a type with a cause. */
export function iec104Unit(type: number, cause: number): Uint8Array {
  return bytes([0x68, 14, 2, 0, 0, 0, type, 1, cause, 0, 1, 0, 1, 0, 0, 1]);
}

export const START_DATA: Uint8Array = bytes([0x68, 4, 7, 0, 0, 0]);
export const SUPERVISE: Uint8Array = bytes([0x68, 4, 1, 0, 2, 0]);

export const SEEDS: readonly Uint8Array[] = [START_DATA, bytes(iec104Unit(45, 6), iec104Unit(13, 3)), SUPERVISE];
