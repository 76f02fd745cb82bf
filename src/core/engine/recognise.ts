// Which element an end is. Not a cache: asked once per distinct end.

import {
  type AddressBytes,
  type AddressTable,
  type Element,
  isGroupAddress,
  isInternet,
  type Mac,
  NO_MAC,
  prefixHas,
} from '#model';
import { PrefixTable } from './prefixes.ts';

const EXACT = 128;
/** Ranks of what fitted, best first: both kinds, an exact address, a MAC, a longer prefix. */
const BOTH = 1_000;
const EXACT_ALONE = 500;
const MAC_ALONE = 400;

/** Finds the element of an end by MAC, by exact address, or among those that declare ranges. */
export class Recogniser {
  readonly #elements: readonly Element[];
  readonly #byMac = new Map<Mac, number[]>();
  readonly #byAddress = new Map<number, number[]>();
  readonly #byRange = new PrefixTable<number[]>();

  constructor(elements: readonly Element[], addresses: AddressTable) {
    this.#elements = elements;
    for (const [at, element] of elements.entries()) {
      if (element.addresses.length === 0) for (const mac of element.macs) append(this.#byMac, mac, at);
      for (const prefix of element.addresses) {
        if (prefix.length === EXACT) append(this.#byAddress, addresses.intern6(prefix.bytes, 0), at);
        else this.#byRange.at(prefix, () => []).push(at);
      }
    }
  }

  /** Index of the element that recognises the end best, or -1. */
  find(end: { address: number; bytes: AddressBytes; mac: Mac }): number {
    const lists = [this.#byMac.get(end.mac), this.#byAddress.get(end.address), ...this.#byRange.holding(end.bytes)];
    let best = -1;
    let bestRank = 0;
    for (const list of lists) {
      for (const at of list ?? []) {
        const element = this.#elements[at];
        const rank = element === undefined ? 0 : rankOf(element, end.bytes, end.mac);
        if (rank > bestRank || (rank === bestRank && rank > 0 && at < best)) {
          best = at;
          bestRank = rank;
        }
      }
    }
    return best;
  }
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** 0 where the element does not recognise the end. */
function rankOf(element: Element, bytes: AddressBytes, mac: Mac): number {
  const hasMac = mac !== NO_MAC && element.macs.includes(mac);
  if (element.addresses.length === 0) return hasMac && !isInternet(bytes) && !isGroupAddress(bytes) ? MAC_ALONE : 0;
  let longest = -1;
  for (const prefix of element.addresses)
    if (prefix.length > longest && prefixHas(prefix, bytes)) longest = prefix.length;
  if (longest < 0) return 0;
  if (element.macs.length > 0 && mac !== NO_MAC) return hasMac ? BOTH + longest : 0;
  return longest === EXACT ? EXACT_ALONE : 1 + longest;
}
