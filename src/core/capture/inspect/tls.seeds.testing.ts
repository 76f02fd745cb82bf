// For the fuzzer: TLS hellos made by hand. Not part of the product.

import { bytes, clientHello, two } from './inspect.testing.ts';

const HELLO = clientHello('seed.example.com', 12);
const BODY = HELLO.subarray(5);

export const SEEDS: readonly Uint8Array[] = [
  HELLO,
  clientHello(''),
  bytes([20, 3, 3, 0, 1, 1], HELLO),
  bytes(
    ...[BODY.subarray(0, 9), BODY.subarray(9, 60), BODY.subarray(60)].map((part) =>
      bytes([22, 3, 1], two(part.length), part),
    ),
  ),
];
