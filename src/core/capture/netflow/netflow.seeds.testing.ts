// Seeds for the fuzzer: one message of each version and kind of set. Not tests.

import { be, FIELDS, five, flowRecord, ipfix, nine, set, template } from './netflow.testing.ts';

export const SEEDS: readonly Uint8Array[] = [
  five([['10.0.0.2', '10.0.0.1', 40_000, 443, 3, 180, 1_000, 2_000, 0x1b, 6]]),
  ipfix([set(2, ...template(256, FIELDS)), set(256, ...flowRecord())]),
  ipfix([set(256, ...flowRecord()), set(2, ...template(256, FIELDS))]),
  ipfix([
    set(
      2,
      ...template(300, [
        [8, 4],
        [12, 4],
        [4, 1],
        [82, 65_535],
        [1, 4],
        [1, 4, 29_305],
      ]),
    ),
    set(300, ...be(0, 40)),
  ]),
  nine([
    set(0, ...template(256, FIELDS)),
    set(1, ...be(257, 2), ...be(4, 2), ...be(4, 2), ...be(1, 2), ...be(4, 2), ...be(34, 2), ...be(4, 2)),
    set(257, ...be(0, 4), ...be(100, 4)),
    set(256, ...flowRecord()),
  ]),
].map((bytes) => Uint8Array.from(bytes));
