// S7 units made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes, two } from './inspect.testing.ts';

/** A TPKT around a COTP data unit. */
export function cotpData(content: Uint8Array, isLast = true): Uint8Array {
  return bytes([3, 0], two(content.length + 7), [2, 0xf0, isLast ? 0x80 : 0], content);
}

/** An S7 message of a kind with these parameters. */
export function s7Message(kind: number, parameters: readonly number[]): Uint8Array {
  const answer = kind === 2 || kind === 3 ? [0, 0] : [];
  return cotpData(bytes([0x32, kind, 0, 0, 0, 1], two(parameters.length), [0, 0], answer, parameters));
}

/** A question of the user to a function group. */
export function s7UserData(group: number, subfunction: number): Uint8Array {
  return s7Message(7, [0, 1, 0x12, 4, 0x11, 0x40 | group, subfunction, 0]);
}

export const COTP_CONNECT = bytes([3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2]);

export const SEEDS: readonly Uint8Array[] = [COTP_CONNECT, s7Message(1, [4, 1]), s7Message(3, [5]), s7UserData(7, 2)];
