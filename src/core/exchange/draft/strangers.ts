// Whether a selector surely holds for some address that is no element: a guardrail that guards nothing is an error in a policy.

import { type AddressBytes, isInternet, type Prefix, parseAddress, prefixHas, type Selector } from '#model';
import { edgesOf } from './prefixes.ts';

/** One public address of each family and one private one. */
const STRANGERS = ['198.51.100.77', '2a00::77', '10.255.254.253'];
/** Addresses tried for one selector. */
const TRIED_MAX = 2_000;

/** `own`: addresses that belong to elements, which no stranger has. */
export function hasStranger(selector: Selector, own: readonly Prefix[]): boolean {
  if (selector.kind === 'element') return true;
  const edges = prefixesOf(selector)
    .slice(0, TRIED_MAX)
    .flatMap((prefix) => Object.values(edgesOf(prefix)));
  return [...STRANGERS, ...edges].some((text) => {
    const address = parseAddress(text);
    return address !== null && !own.some((prefix) => prefixHas(prefix, address)) && holdsFor(selector, address);
  });
}

/** Recursion is as deep as the selector, which importers build a few levels deep. */
function prefixesOf(selector: Selector): readonly Prefix[] {
  if (selector.kind === 'prefix') return [selector.prefix];
  if (selector.kind === 'not') return prefixesOf(selector.of);
  return selector.kind === 'all' || selector.kind === 'either' ? selector.of.flatMap(prefixesOf) : [];
}

function holdsFor(selector: Selector, address: AddressBytes): boolean {
  switch (selector.kind) {
    case 'any':
      return true;
    case 'internet':
      return isInternet(address);
    case 'prefix':
      return prefixHas(selector.prefix, address);
    case 'not':
      return !holdsFor(selector.of, address);
    case 'all':
      return selector.of.every((part) => holdsFor(part, address));
    case 'either':
      return selector.of.some((part) => holdsFor(part, address));
    default:
      return false;
  }
}
