// For the fuzzer: a DHCP request made by hand, for ports 67 and 68. Not part of the product.

import { bytes } from './inspect.testing.ts';

const HEAD = bytes(1, new Uint8Array(235), [0x63, 0x82, 0x53, 0x63]);

export const SEEDS: readonly Uint8Array[] = [
  bytes(HEAD, [53, 1, 3, 12, 3], 'cam', [60, 4], 'udhc', [0, 0, 255]),
  bytes(HEAD, [55, 3, 1, 3, 6, 81, 7, 0, 0, 0], 'cam.', 255),
];
