// DNP3 frames made by hand, for tests and for the fuzzer. Not part of the product.

import { dnp3Checksum } from './dnp3.ts';
import { bytes } from './inspect.testing.ts';

/** A link frame around user data, with its checksums. */
export function dnp3Frame(user: Uint8Array): Uint8Array {
  const header = checked(bytes([0x05, 0x64, user.length + 5, 0xc4, 1, 0, 2, 0]));
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < user.length; at += 16) blocks.push(checked(user.subarray(at, at + 16)));
  return bytes(header, ...blocks);
}

function checked(data: Uint8Array): Uint8Array {
  const sum = dnp3Checksum(data, 0, data.length);
  return bytes(data, sum & 0xff, sum >> 8);
}

/** One fragment of one segment that asks for `code`. */
export function dnp3Request(code: number, objects: readonly number[] = [60, 2, 6]): Uint8Array {
  return dnp3Frame(bytes([0xc0, 0xc1, code], objects));
}

export const SEEDS: readonly Uint8Array[] = [
  dnp3Request(1),
  dnp3Request(
    5,
    Array.from({ length: 40 }, () => 7),
  ),
];
