// What the rules of a policy ask of ends, counted: a rule that asks nothing new and nothing alone leaves all classes of ends as they are.
// Not the classes.

import type { Rule, Selector } from '#model';
import { Counted } from './counted.ts';
import { countsByPair, lifetimeSeconds, logonOf } from './holdable.ts';
import { hasName } from './named-classes.ts';
import type { Placed } from './placed.ts';

type Side = 'from' | 'to';

/** Rules with the same selector on the same side. */
interface Asking {
  readonly selector: Selector;
  readonly rules: Set<Placed>;
}

export class RulesAsked {
  readonly #asked = new Counted();
  readonly #asking = { from: new Map<string, Asking>(), to: new Map<string, Asking>() };

  add(placed: Placed): void {
    for (const key of keysOf(placed.rule)) this.#asked.add(key);
    for (const [side, selector] of sidesOf(placed.rule)) {
      const key = selectorKey(selector);
      const asking = this.#asking[side].get(key);
      if (asking === undefined) this.#asking[side].set(key, { selector, rules: new Set([placed]) });
      else asking.rules.add(placed);
    }
  }

  remove(placed: Placed): void {
    for (const key of keysOf(placed.rule)) this.#asked.remove(key);
    for (const [side, selector] of sidesOf(placed.rule)) {
      const key = selectorKey(selector);
      const rules = this.#asking[side].get(key)?.rules;
      rules?.delete(placed);
      if (rules?.size === 0) this.#asking[side].delete(key);
    }
  }

  /** Rules with a selector that the test says yes to. */
  rulesWhere(isAsked: (selector: Selector, side: Side) => boolean): ReadonlySet<Placed> {
    const found = new Set<Placed>();
    for (const side of SIDES)
      for (const { selector, rules } of this.#asking[side].values())
        if (isAsked(selector, side)) for (const placed of rules) found.add(placed);
    return found;
  }

  /** Whether anything is asked now that was not asked at the last call, or the other way round. */
  takeChanged(): boolean {
    return this.#asked.takeChanged();
  }
}

const SIDES = ['from', 'to'] as const;

function sidesOf({ from, to }: Rule): readonly (readonly [Side, Selector])[] {
  return [['from', from], ...to.map(({ on }) => ['to', on] as const)];
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
