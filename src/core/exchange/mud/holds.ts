// Whether a selector holds for one element, told from the policy alone. Not an evaluator of traffic: what depends on a packet is null.

import { type Element, isInternet, prefixHas, type Selector } from '#model';

/** Null where only the traffic can tell. */
export function holds(selector: Selector, element: Element): boolean | null {
  switch (selector.kind) {
    case 'any':
      return true;
    case 'internet':
      return ofAddresses(element, ({ bytes }) => isInternet(bytes)) ?? false;
    case 'element':
      return selector.id === element.id;
    case 'element-kind':
      return selector.value === element.kind;
    case 'label':
      return element.labels.some(([key, value]) => key === selector.key && value === selector.value);
    case 'prefix': {
      const { prefix } = selector;
      return ofAddresses(element, (own) => own.length >= prefix.length && prefixHas(prefix, own.bytes));
    }
    case 'mac':
      return element.macs.length === 0 ? null : element.macs.includes(selector.mac);
    case 'name':
      return null;
    case 'not': {
      const inner = holds(selector.of, element);
      return inner === null ? null : !inner;
    }
    case 'all':
      return joint(selector.of, element, false);
    case 'either':
      return joint(selector.of, element, true);
  }
}

/** All addresses agree, or null. */
function ofAddresses({ addresses }: Element, test: (address: Element['addresses'][number]) => boolean): boolean | null {
  const answers = new Set(addresses.map(test));
  if (answers.size !== 1) return null;
  return answers.has(true);
}

/** `either` is settled by one that holds, `all` by one that does not. */
function joint(parts: readonly Selector[], element: Element, settling: boolean): boolean | null {
  const answers = parts.map((part) => holds(part, element));
  if (answers.includes(settling)) return settling;
  return answers.includes(null) ? null : !settling;
}
