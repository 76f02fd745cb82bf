// For the fuzzer: a DTLS hello and a request to verify, made by hand. Not part of the product.

import { bytes, clientHello, two } from './inspect.testing.ts';

/** The body of a TLS hello with the cookie's length put in. */
const TLS = clientHello('seed.example.com').subarray(9);
const BODY = bytes([0xfe, 0xfd], TLS.subarray(2, 35), 0, TLS.subarray(35));

function record(kind: number, body: Uint8Array): Uint8Array {
  const message = bytes([kind, 0], two(body.length), [0, 0, 0, 0, 0, 0], two(body.length), body);
  return bytes([22, 0xfe, 0xfd], new Uint8Array(8), two(message.length), message);
}

export const SEEDS: readonly Uint8Array[] = [record(1, BODY), record(3, bytes([0xfe, 0xff, 4, 1, 2, 3, 4]))];
