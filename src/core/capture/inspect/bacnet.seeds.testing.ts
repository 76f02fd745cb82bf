// BACnet/IP messages made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes, two } from './inspect.testing.ts';

export function bvlcMessage(code: number, content: Uint8Array): Uint8Array {
  return bytes([0x81, code], two(content.length + 4), content);
}

/** An application message to one station. */
export function bacnetMessage(...apdu: readonly number[]): Uint8Array {
  return bvlcMessage(0x0a, bytes([1, 4], apdu));
}

export const WHO_IS_ROUTED: Uint8Array = bvlcMessage(
  4,
  bytes([10, 0, 0, 1, 0xba, 0xc0], [1, 0x28, 0xff, 0xff, 0, 0, 5, 1, 9, 255], [0x10, 8]),
);

export const SEEDS: readonly Uint8Array[] = [
  bacnetMessage(0, 5, 1, 12, 0x0c, 0, 0, 0, 1),
  WHO_IS_ROUTED,
  bvlcMessage(5, bytes([0, 60])),
];
