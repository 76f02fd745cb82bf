// Classes of internet addresses that a client was given for a name: the same address may be in another class for another client.
// Not the bindings: those are content of their own, from name-book.ts.

import type { Policy, Selector } from '#model';
import type { Class, ClassOptions } from './class.ts';
import type { End, Recognition } from './ends.ts';
import { NAMED_BIT, NAMER_BIT } from './numbers.ts';

/** Classes by name. When there are more, the last sets of names have none, and open nothing by name. */
export const NAMED_CLASSES_MAX = 8_192;

export interface NamesAsked {
  /** Whether any rule names a name. */
  readonly isAny: boolean;
  /** Whether a rule that names one is this end's. */
  isBy(end: End): boolean;
}

export function namesAskedBy(policy: Policy, recognition: Recognition): NamesAsked {
  const naming = namingOf(policy);
  return {
    isAny: naming.length > 0,
    isBy: (end) => naming.some(({ from }) => recognition.holds(from, end, 'from') !== 'no'),
  };
}

export type Naming = Pick<Policy['rules'][number] | Policy['never'][number], 'from' | 'to'>;

/** Whatever of a policy names names: few, so the rest is passed over as fast as can be. */
export function namingOf({ rules, never, require }: Policy): readonly Naming[] {
  const found: Naming[] = [];
  for (const owners of [rules, never, require])
    for (const one of owners) for (const { on } of one.to) if (hasName(on) && found.at(-1) !== one) found.push(one);
  return found;
}

export function patternsOf(naming: readonly Naming[]): ReadonlySet<string> {
  return new Set(naming.flatMap(({ to }) => to.flatMap(({ on }) => patternsIn(on))));
}

export function hasName(selector: Selector): boolean {
  if (selector.kind === 'not') return hasName(selector.of);
  return selector.kind === 'all' || selector.kind === 'either' ? selector.of.some(hasName) : selector.kind === 'name';
}

function patternsIn(selector: Selector): readonly string[] {
  if (selector.kind === 'name') return [selector.pattern];
  if (selector.kind === 'not') return patternsIn(selector.of);
  return selector.kind === 'all' || selector.kind === 'either' ? selector.of.flatMap(patternsIn) : [];
}

/** One class for each set of names and each class of addresses that names may lead to. They hold no address of their own. */
export function namedClasses(plain: readonly Class[], { nameSets, book, places }: ClassOptions): readonly Class[] {
  if (nameSets.length === 0) return [];
  const bases = plain.filter(({ end }) => end.isInternet && end.element < 0);
  return bases
    .flatMap((base) => nameSets.map((names) => ({ base, names })))
    .slice(0, NAMED_CLASSES_MAX)
    .map(({ base, names }) => {
      const bits = base.number - (base.number % NAMED_BIT) - (hasBit(base.number, NAMED_BIT) ? NAMED_BIT : 0);
      const number = bits - (hasBit(bits, NAMER_BIT) ? NAMER_BIT : 0) + book.classes.of(namedKey(base.number, names));
      const end = { ...base.end, names: new Set(names) };
      const index = places.of(JSON.stringify([base.index, names]));
      return { ...base, index, end, ends: [], spans: [], number, unnamed: base.number };
    });
}

function hasBit(number: number, bit: number): boolean {
  return (number & bit) !== 0;
}

/** Tells a class by its addresses' class and its names, which are in order. */
export function namedKey(base: number, names: readonly string[]): string {
  return `named|${base}|${JSON.stringify(names)}`;
}
