// Remembers the numbers of IPv6 addresses seen lately: the address table makes a text of each to find it, which is slow per packet.
// Not a second table: what is forgotten here is asked of the address table again.

import type { AddressId, AddressTable } from '#model';
import { u16 } from './inspect/bytes.ts';

/** Addresses remembered, 20 bytes each. A new one takes the place of another whose hash is the same. */
export const SIXES_MAX = 1_024;

export class Sixes {
  readonly #addresses: AddressTable;
  readonly #words = new Int32Array(SIXES_MAX * 4);
  readonly #ids = new Int32Array(SIXES_MAX).fill(-1);

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  /** The number of the IPv6 address at `at`; all its 16 bytes must be there. */
  intern(data: Uint8Array, at: number): AddressId {
    const first = word(data, at);
    const second = word(data, at + 4);
    const third = word(data, at + 8);
    const fourth = word(data, at + 12);
    const slot = slotOf(first ^ Math.imul(second, 0x85ebca6b), third ^ Math.imul(fourth, 0xc2b2ae35));
    const words = this.#words;
    const place = slot * 4;
    const known = this.#ids[slot] ?? -1;
    const isSame =
      words[place] === first &&
      words[place + 1] === second &&
      words[place + 2] === third &&
      words[place + 3] === fourth;
    if (isSame && known >= 0) return known;
    words[place] = first;
    words[place + 1] = second;
    words[place + 2] = third;
    words[place + 3] = fourth;
    const id = this.#addresses.intern6(data, at);
    this.#ids[slot] = id;
    return id;
  }
}

function word(data: Uint8Array, at: number): number {
  return (u16(data, at) << 16) | u16(data, at + 2);
}

function slotOf(network: number, host: number): number {
  const hash = Math.imul(network ^ Math.imul(host, 0x9e3779b1), 0x85ebca6b);
  return (hash >>> 16) & (SIXES_MAX - 1);
}
