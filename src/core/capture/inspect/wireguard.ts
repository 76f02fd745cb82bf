// WireGuard: whether a datagram is one of its handshake. Source: the WireGuard paper, section 5.4.
// Its data packets carry too little to be told apart by themselves, and nothing inside can be read.

import { u8, u32 } from './bytes.ts';
import type { Span } from './decoder.ts';

/** Exact length of each message by its type: initiation, response, cookie reply. */
const LENGTHS: readonly number[] = [0, 148, 92, 64];

export function isWireguard({ data, from, to, isTcp }: Span): boolean {
  const length = LENGTHS[u8(data, from)] ?? 0;
  return !isTcp && length > 0 && to - from === length && u32(data, from) === u8(data, from) * 0x100_0000;
}
