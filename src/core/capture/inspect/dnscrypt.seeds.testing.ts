// For the fuzzer: the beginning of an encrypted DNSCrypt answer. Not part of the product.

import { bytes } from './inspect.testing.ts';

export const SEEDS: readonly Uint8Array[] = [bytes('r6fnvWj8', new Uint8Array(64))];
