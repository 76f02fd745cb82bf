// CoAP messages made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes } from './inspect.testing.ts';

export const COAP_GET: Uint8Array = bytes([0x42, 1, 0, 1, 9, 9, 0xb4], 'temp', [0x03], 'abc');
export const COAP_PUT: Uint8Array = bytes([0x40, 3, 0, 2, 0xbd, 1], 'abcdefghijklmn', [0xff], 'on');

export const SEEDS: readonly Uint8Array[] = [COAP_GET, COAP_PUT, bytes([0x60, 0, 0, 1])];
