// Semantics 4 and 5: whether a selector holds for an end. Names are asked of the caller, who knows the other end.

import { isInternet, type Policy, prefixHas, type Selector } from '#model';
import type { End } from './ends.ts';

/** Whether a live binding fits the pattern; in a from selector always false. */
export type NameTest = (pattern: string) => boolean;

export const NO_NAME: NameTest = () => false;

export function holds(selector: Selector, end: End, context: { policy: Policy; hasName: NameTest }): boolean {
  const element = context.policy.elements[end.element];
  switch (selector.kind) {
    case 'any':
      return true;
    case 'internet':
      return isInternet(end.bytes);
    case 'element':
      return element !== undefined && element.id === selector.id;
    case 'element-kind':
      return element !== undefined && element.kind === selector.value;
    case 'label':
      return element?.labels.some(([key, value]) => key === selector.key && value === selector.value) ?? false;
    case 'prefix':
      return prefixHas(selector.prefix, end.bytes);
    case 'mac':
      return end.mac === selector.mac;
    case 'name':
      return context.hasName(selector.pattern);
    case 'not':
      return !holds(selector.of, end, context);
    case 'all':
      return selector.of.every((part) => holds(part, end, context));
    case 'either':
      return selector.of.some((part) => holds(part, end, context));
  }
}

/** Names compare without case; `*.x.y` holds for every name that ends in `.x.y` (5). */
export function nameFits(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const asked = name.toLowerCase();
  return wanted.startsWith('*.') ? asked.endsWith(wanted.slice(1)) : asked === wanted;
}

/** Every name pattern that a selector mentions. */
export function namePatterns(selector: Selector): readonly string[] {
  switch (selector.kind) {
    case 'name':
      return [selector.pattern];
    case 'not':
      return namePatterns(selector.of);
    case 'all':
    case 'either':
      return selector.of.flatMap(namePatterns);
    case 'any':
    case 'internet':
    case 'element':
    case 'element-kind':
    case 'label':
    case 'prefix':
    case 'mac':
      return [];
  }
}
