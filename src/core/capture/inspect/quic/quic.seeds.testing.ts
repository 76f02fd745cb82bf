// For the fuzzer: QUIC datagrams made by hand. A mutation of sealed bytes is refused by its tag, so frames are given bare as well.
// Not part of the product.

import { bytes } from '../inspect.testing.ts';
import {
  cryptoFrame,
  googleHello,
  initial,
  SAMPLE_FRAME,
  SAMPLE_HELLO,
  SAMPLE_ID,
  VERSION_TWO,
} from './quic.testing.ts';

export const SEEDS: readonly Uint8Array[] = [
  initial({ frames: SAMPLE_FRAME }),
  initial({ frames: SAMPLE_FRAME, version: VERSION_TWO, token: bytes('token') }),
  bytes(
    initial({ frames: cryptoFrame(100, SAMPLE_HELLO.subarray(100)) }),
    initial({ frames: cryptoFrame(0, SAMPLE_HELLO.subarray(0, 100)), number: 1 }),
  ),
  bytes(0x09, SAMPLE_ID, 'Q043', 1, new Uint8Array(12), [0xa0, 1], googleHello('www.example.com')),
  bytes(0xc3, 'Q046', 0x50, SAMPLE_ID, [0, 0, 0, 1], new Uint8Array(12), googleHello('www.example.com')),
];

/** Frames as they stand in an opened packet, for `addFrames`. */
export const FRAME_SEEDS: readonly Uint8Array[] = [
  SAMPLE_FRAME,
  bytes([2, 5, 0, 1, 0, 0, 0, 1, 0, 0], cryptoFrame(40, SAMPLE_HELLO.subarray(40, 90)), cryptoFrame(0, SAMPLE_HELLO)),
];
