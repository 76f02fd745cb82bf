// Semantics 1 to 3: the two ends of a packet and which element each one is. No selectors here.

import {
  type AddressId,
  type AddressTable,
  type Element,
  isGroupAddress,
  isInternet,
  type Mac,
  NO_MAC,
  type Policy,
  prefixHas,
} from '#model';

export interface End {
  readonly address: AddressId;
  readonly mac: Mac;
  readonly port: number;
  readonly bytes: Uint8Array;
  /** Index in `policy.elements`, or -1. */
  readonly element: number;
  /** Its id, which outlives the policy that gave the index; null for no element. */
  readonly id: string | null;
}

export interface Ends {
  readonly initiator: End;
  readonly responder: End;
}

/** How well an element fits an end; compared field by field, the greater first. */
interface Fit {
  readonly kinds: number;
  readonly precision: number;
}

/** A MAC is more precise than any real prefix and less than a whole address: lengths count to 128. */
const WHOLE_ADDRESS = 129;
const MAC_ONLY = 128;

export function endOf(
  address: AddressId,
  more: {
    readonly mac: Mac;
    readonly port: number;
    readonly policy: Policy;
    readonly addresses: AddressTable;
  },
): End {
  const bytes = more.addresses.bytes(address);
  const element = recognise(more.policy, bytes, more.mac);
  const id = more.policy.elements[element]?.id ?? null;
  return { address, mac: more.mac, port: more.port, bytes, element, id };
}

/** The element of an end (3): the best fit, the earlier in the document among equals. */
export function recognise(policy: Policy, bytes: Uint8Array, mac: Mac): number {
  let best: Fit | null = null;
  let found = -1;
  for (const [index, element] of policy.elements.entries()) {
    const fit = fitOf(element, bytes, mac);
    if (fit === null || (best !== null && !isBetter(fit, best))) continue;
    best = fit;
    found = index;
  }
  return found;
}

function isBetter(one: Fit, other: Fit): boolean {
  return one.kinds === other.kinds ? one.precision > other.precision : one.kinds > other.kinds;
}

/** Null where the element does not recognise the end (2). */
function fitOf(element: Element, bytes: Uint8Array, mac: Mac): Fit | null {
  const hasMacs = element.macs.length > 0;
  const hasAddresses = element.addresses.length > 0;
  if (!hasMacs && !hasAddresses) return null;
  const isMacFit = mac !== NO_MAC && element.macs.includes(mac);
  if (!hasAddresses) {
    const canBeTold = !isInternet(bytes) && !isGroupAddress(bytes);
    return isMacFit && canBeTold ? { kinds: 1, precision: MAC_ONLY } : null;
  }
  const lengths = element.addresses.filter((prefix) => prefixHas(prefix, bytes)).map((prefix) => prefix.length);
  if (lengths.length === 0) return null;
  if (hasMacs && mac !== NO_MAC && !isMacFit) return null;
  const longest = Math.max(...lengths);
  return { kinds: isMacFit ? 2 : 1, precision: longest === 128 ? WHOLE_ADDRESS : longest };
}

/** An end that is no element, no part of the internet and no group (14). */
export function isUnknown(end: End): boolean {
  return end.element === -1 && !isInternet(end.bytes) && !isGroupAddress(end.bytes);
}
