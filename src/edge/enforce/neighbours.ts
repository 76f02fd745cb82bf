// Which address which MAC was seen to have, as far as it tells elements that declare no address. Not the seeing: that is #observe's.

import {
  type Element,
  isGroupAddress,
  isInternet,
  type Mac,
  type Policy,
  type Prefix,
  parseAddress,
  prefixText,
  type Selector,
} from '#model';
import { selectorsOf } from './spans.ts';

/** Addresses by the MAC that has them. */
export type Neighbours = ReadonlyMap<Mac, readonly string[]>;

/** Addresses that are taken in. Further ones stay untold: what an element without address might be behind them is not permitted. */
export const NEIGHBOURS_MAX = 16_384;

export interface Known {
  /** MAC by address, where exactly one MAC has it. Keys are texts of whole prefixes. */
  readonly macs: ReadonlyMap<string, Mac>;
  readonly prefixes: readonly Prefix[];
  /** Addresses of an element that declares only MACs. */
  addressesOf(element: Element | undefined): readonly string[];
}

const NOBODY: readonly string[] = [];
export const NOTHING_KNOWN: Known = { macs: new Map(), prefixes: [], addressesOf: () => NOBODY };

/**
 * What the neighbours tell for a policy. INVARIANT: no internet or group address, and none that an element declares as its own; an address that
 * two MACs have belongs to neither.
 */
export function knownFrom(policy: Policy, neighbours: Neighbours): Known {
  if (neighbours.size === 0 || !asksForMacs(policy)) return NOTHING_KNOWN;
  const declared = new Set(
    policy.elements.flatMap(({ addresses }) => addresses.filter(({ length }) => length === WHOLE).map(prefixText)),
  );
  const macs = new Map<string, Mac>();
  const prefixes = new Map<string, Prefix>();
  const disputed = new Set<string>();
  for (const [mac, addresses] of neighbours)
    for (const text of addresses) {
      const prefix = localPrefix(text);
      if (prefix === null) continue;
      const key = prefixText(prefix);
      const other = macs.get(key);
      if (declared.has(key) || (other === undefined && macs.size >= NEIGHBOURS_MAX)) continue;
      if (other !== undefined && other !== mac) disputed.add(key);
      macs.set(key, mac);
      prefixes.set(key, prefix);
    }
  for (const key of disputed) {
    macs.delete(key);
    prefixes.delete(key);
  }
  const byMac = new Map<Mac, string[]>();
  for (const [key, mac] of macs) {
    const list = byMac.get(mac);
    if (list === undefined) byMac.set(mac, [key]);
    else list.push(key);
  }
  return {
    macs,
    prefixes: [...prefixes.values()],
    addressesOf: (element) =>
      element === undefined || element.addresses.length > 0
        ? NOBODY
        : element.macs.flatMap((mac) => byMac.get(mac) ?? NOBODY),
  };
}

const WHOLE = 128;

function localPrefix(text: string): Prefix | null {
  const bytes = parseAddress(text);
  if (bytes === null || isInternet(bytes) || isGroupAddress(bytes)) return null;
  return { version: text.includes(':') ? 6 : 4, bytes, length: WHOLE };
}

/** Whether anything of a policy looks at MACs alone: else no address needs to be told apart for them. */
function asksForMacs(policy: Policy): boolean {
  return (
    policy.elements.some(({ macs, addresses }) => macs.length > 0 && addresses.length === 0) ||
    selectorsOf(policy).some(hasMac)
  );
}

function hasMac(selector: Selector): boolean {
  if (selector.kind === 'not') return hasMac(selector.of);
  return selector.kind === 'all' || selector.kind === 'either' ? selector.of.some(hasMac) : selector.kind === 'mac';
}
