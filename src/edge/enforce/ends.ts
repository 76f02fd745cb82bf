// Ends as the kernel can tell them, by address alone, and whether a selector holds for one: no, yes, or maybe where only a MAC or a
// DNS answer would tell. Not the classes; docs/semantics.md 2 to 5 for traffic that shows no MAC.

import {
  type AddressBytes,
  type Element,
  isGroupAddress,
  isInternet,
  type Policy,
  prefixHas,
  prefixText,
  type Selector,
} from '#model';
import type { Span } from './spans.ts';

export interface End {
  readonly span: Span;
  readonly bytes: AddressBytes;
  /** Index in the policy, or -1. */
  readonly element: number;
  readonly isInternet: boolean;
  /** Whether an element that declares only MACs may stand behind it. */
  readonly mayBeMac: boolean;
}

export type Certainty = 'no' | 'maybe' | 'yes';

const EXACT = 128;

/** Finds elements by address, as the engine does for traffic that shows no MAC. */
export class Recognition {
  readonly #policy: Policy;
  readonly #exact = new Map<string, number>();
  readonly #ranged: readonly number[];
  readonly #byId: ReadonlyMap<string, Element>;
  readonly #macOnly: readonly Element[];

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#byId = new Map(policy.elements.map((element) => [element.id, element]));
    this.#macOnly = policy.elements.filter(({ macs, addresses }) => addresses.length === 0 && macs.length > 0);
    const ranged: number[] = [];
    for (const [at, { addresses }] of policy.elements.entries()) {
      for (const prefix of addresses) {
        const key = prefixText(prefix);
        if (prefix.length === EXACT && !this.#exact.has(key)) this.#exact.set(key, at);
      }
      if (addresses.some(({ length }) => length < EXACT)) ranged.push(at);
    }
    this.#ranged = ranged;
  }

  end(span: Span): End {
    const bytes = span.from;
    const version = span.version;
    const isSingle = span.from === span.to;
    const exact = isSingle ? (this.#exact.get(prefixText({ version, bytes, length: EXACT })) ?? -1) : -1;
    const element = exact >= 0 ? exact : this.#longest(bytes);
    const internet = isInternet(bytes);
    const mayBeMac = exact < 0 && !internet && !isGroupAddress(bytes) && this.#macOnly.length > 0;
    return { span, bytes, element, isInternet: internet, mayBeMac };
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
        return 'maybe';
      case 'name':
        return side === 'to' && end.element < 0 && end.isInternet ? 'maybe' : 'no';
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
