// What the rules of a policy ask of ends, counted: a rule that asks nothing new and nothing alone leaves all classes of ends as they are.
// Not the classes.

import type { Rule, Selector } from '#model';
import { Counted } from './counted.ts';
import { countsByPair, lifetimeSeconds, logonOf } from './holdable.ts';
import { hasName } from './named-classes.ts';

export class RulesAsked {
  readonly #asked = new Counted();

  add(rule: Rule): void {
    for (const key of keysOf(rule)) this.#asked.add(key);
  }

  remove(rule: Rule): void {
    for (const key of keysOf(rule)) this.#asked.remove(key);
  }

  /** Whether anything is asked now that was not asked at the last call, or the other way round. */
  takeChanged(): boolean {
    return this.#asked.takeChanged();
  }
}

function keysOf(rule: Rule): readonly string[] {
  const { from, to, limits } = rule;
  const selectors = [from, ...to.map(({ on }) => on)];
  const keys = selectors.map(selectorKey);
  // Elements that are counted or logged on apart have classes of their own; one that is named by its id has one anyway.
  if (to.some((service) => logonOf(rule, service) !== null)) keys.push(...apart([from]));
  if (countsByPair(limits)) keys.push(...apart(selectors));
  // Whose rules name names is told by the bits of a class.
  if (selectors.some(hasName)) keys.push(`names by ${selectorKey(from)}`);
  if (limits.lifetime !== null) keys.push(`lifetime ${lifetimeSeconds(limits.lifetime, limits.drain)}`);
  return keys;
}

function apart(selectors: readonly Selector[]): readonly string[] {
  return selectors.flatMap((selector) => (selector.kind === 'element' ? [] : [`apart ${selectorKey(selector)}`]));
}

/** Selectors of the same key hold for the same ends. */
export function selectorKey(selector: Selector): string {
  return selector.kind === 'element' ? `element ${selector.id}` : JSON.stringify(selector, bytesAsNumbers);
}

function bytesAsNumbers(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
