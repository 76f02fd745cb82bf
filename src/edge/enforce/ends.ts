// Ends as the kernel can tell them, by address and by the names that a client was given for it, and whether a selector holds for one:
// no, yes, or maybe where only a MAC would tell. Not the classes; docs/semantics.md 2 to 5 for traffic that shows no MAC.

import {
  type AddressBytes,
  type Element,
  isGroupAddress,
  isInternet,
  type Mac,
  NO_MAC,
  type Policy,
  prefixHas,
  prefixText,
  type Selector,
} from '#model';
import type { Known } from './neighbours.ts';
import type { Span } from './spans.ts';

export interface End {
  readonly span: Span;
  readonly bytes: AddressBytes;
  /** Index in the policy, or -1. */
  readonly element: number;
  readonly isInternet: boolean;
  /** Whether an element that declares only MACs may stand behind it. */
  readonly mayBeMac: boolean;
  /** The MAC that was seen to have this address, or `NO_MAC`. */
  readonly mac: Mac;
  /** Patterns whose names the client was given for this address; empty for the address as such. */
  readonly names: ReadonlySet<string>;
}

const NO_NAMES: ReadonlySet<string> = new Set();

export type Certainty = 'no' | 'maybe' | 'yes';

const EXACT = 128;

/** Finds elements by address, as the engine does for traffic that shows no MAC. */
export class Recognition {
  readonly #policy: Policy;
  readonly #exact = new Map<string, number>();
  readonly #ranged: readonly number[];
  readonly #byId: ReadonlyMap<string, Element>;
  readonly #macOnly: readonly Element[];
  readonly #known: Known;

  constructor(policy: Policy, known: Known) {
    this.#policy = policy;
    this.#known = known;
    this.#byId = new Map(policy.elements.map((element) => [element.id, element]));
    this.#macOnly = policy.elements.filter(({ macs, addresses }) => addresses.length === 0 && macs.length > 0);
    const ranged: number[] = [];
    for (const [at, { addresses }] of policy.elements.entries()) {
      for (const prefix of addresses) {
        const key = prefixText(prefix);
        if (prefix.length === EXACT && !this.#exact.has(key)) this.#exact.set(key, at);
      }
      for (const key of known.addressesOf(policy.elements[at])) if (!this.#exact.has(key)) this.#exact.set(key, at);
      if (addresses.some(({ length }) => length < EXACT)) ranged.push(at);
    }
    this.#ranged = ranged;
  }

  end(span: Span): End {
    const bytes = span.from;
    const version = span.version;
    const isSingle = span.from === span.to;
    const key = isSingle ? prefixText({ version, bytes, length: EXACT }) : '';
    const exact = this.#exact.get(key) ?? -1;
    const element = exact >= 0 ? exact : this.#longest(bytes);
    const internet = isInternet(bytes);
    const mac = this.#known.macs.get(key) ?? NO_MAC;
    const isUntold = exact < 0 && !internet && !isGroupAddress(bytes) && mac === NO_MAC;
    return {
      span,
      bytes,
      element,
      isInternet: internet,
      mayBeMac: isUntold && this.#macOnly.length > 0,
      mac,
      names: NO_NAMES,
    };
  }

  elementOf(end: End): Element | null {
    return this.#policy.elements[end.element] ?? null;
  }

  /** Whether a selector holds for an end; a name may hold only in a `to`. */
  holds(selector: Selector, end: End, side: 'from' | 'to'): Certainty {
    switch (selector.kind) {
      case 'any':
        return 'yes';
      case 'internet':
        return end.isInternet ? 'yes' : 'no';
      case 'prefix':
        return prefixHas(selector.prefix, end.bytes) ? 'yes' : 'no';
      case 'mac':
        if (end.mac === NO_MAC) return 'maybe';
        return end.mac === selector.mac ? 'yes' : 'no';
      case 'name':
        return side === 'to' && end.names.has(selector.pattern) ? 'yes' : 'no';
      case 'not':
        return opposite(this.holds(selector.of, end, side));
      case 'all':
        return least(selector.of.map((part) => this.holds(part, end, side)));
      case 'either':
        return most(selector.of.map((part) => this.holds(part, end, side)));
      default:
        return this.#holdsElement((element) => elementFits(selector, element), end, selector);
    }
  }

  #holdsElement(fits: (element: Element) => boolean, end: End, selector: Selector): Certainty {
    const element = this.elementOf(end);
    const byAddress = element !== null && fits(element);
    if (!end.mayBeMac) return byAddress ? 'yes' : 'no';
    if (selector.kind === 'element') {
      const named = this.#byId.get(selector.id);
      const isMacOnly = named !== undefined && named.addresses.length === 0 && named.macs.length > 0;
      return byAddress || isMacOnly ? 'maybe' : 'no';
    }
    const others = this.#macOnly.filter(fits).length;
    if (byAddress) return others === this.#macOnly.length ? 'yes' : 'maybe';
    return others > 0 ? 'maybe' : 'no';
  }

  /** The element with the longest range that holds the address, the first of equals. */
  #longest(bytes: AddressBytes): number {
    let best = -1;
    let length = -1;
    for (const at of this.#ranged)
      for (const prefix of this.#policy.elements[at]?.addresses ?? [])
        if (prefix.length < EXACT && prefix.length > length && prefixHas(prefix, bytes)) {
          best = at;
          length = prefix.length;
        }
    return best;
  }
}

function elementFits(selector: Selector, element: Element): boolean {
  if (selector.kind === 'element') return element.id === selector.id;
  if (selector.kind === 'element-kind') return element.kind === selector.value;
  if (selector.kind !== 'label') return false;
  return element.labels.some(([key, value]) => key === selector.key && value === selector.value);
}

function opposite(certainty: Certainty): Certainty {
  if (certainty === 'maybe') return 'maybe';
  return certainty === 'yes' ? 'no' : 'yes';
}

function least(parts: readonly Certainty[]): Certainty {
  if (parts.includes('no')) return 'no';
  return parts.includes('maybe') ? 'maybe' : 'yes';
}

function most(parts: readonly Certainty[]): Certainty {
  if (parts.includes('yes')) return 'yes';
  return parts.includes('maybe') ? 'maybe' : 'no';
}
