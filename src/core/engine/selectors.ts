// Selectors over numbered atoms: every distinct condition of a policy is one bit of an end. Not the finding of an end's bits.

import { macText, type Policy, prefixText, type Selector } from '#model';

/** A selector whose leaves are atom numbers. */
export type Condition =
  | { readonly kind: 'atom'; readonly atom: number }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'either'; readonly of: readonly Condition[] };

export type Atom = Exclude<Selector, { kind: 'not' | 'all' | 'either' }>;

/** Numbers the distinct atoms of one policy in the order in which they are met. */
export class Atoms {
  readonly list: Atom[] = [];
  readonly #numbers = new Map<string, number>();

  condition(selector: Selector): Condition {
    switch (selector.kind) {
      case 'not':
        return { kind: 'not', of: this.condition(selector.of) };
      case 'all':
      case 'either':
        return { kind: selector.kind, of: selector.of.map((part) => this.condition(part)) };
      default:
        return { kind: 'atom', atom: this.#number(selector) };
    }
  }

  #number(atom: Atom): number {
    const key = atomKey(atom);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.list.push(atom) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}

function atomKey(atom: Atom): string {
  switch (atom.kind) {
    case 'any':
    case 'internet':
      return atom.kind;
    case 'element':
      return JSON.stringify(['element', atom.id]);
    case 'element-kind':
      return JSON.stringify(['kind', atom.value]);
    case 'label':
      return JSON.stringify(['label', atom.key, atom.value]);
    case 'prefix':
      return JSON.stringify(['prefix', prefixText(atom.prefix), atom.prefix.version]);
    case 'mac':
      return JSON.stringify(['mac', macText(atom.mac)]);
    case 'name':
      return JSON.stringify(['name', atom.pattern.toLowerCase()]);
  }
}

/** Whether a condition holds for an end that satisfies `atoms`. */
export function holds(condition: Condition, atoms: Uint8Array): boolean {
  switch (condition.kind) {
    case 'atom':
      return atoms[condition.atom] === 1;
    case 'not':
      return !holds(condition.of, atoms);
    case 'all':
      return condition.of.every((part) => holds(part, atoms));
    case 'either':
      return condition.of.some((part) => holds(part, atoms));
  }
}

/** The name atoms of a condition that are asked for, not excluded. */
export function wantedAtoms(condition: Condition): readonly number[] {
  if (condition.kind === 'atom') return [condition.atom];
  return condition.kind === 'not' ? [] : condition.of.flatMap(wantedAtoms);
}

/** Whether `name` (lower case) is what `pattern` means: itself, or with `*.` every name below. */
export function nameFits(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1 : name === wanted;
}

/** Index of every element by its id. */
export function elementIndex(policy: Policy): ReadonlyMap<string, number> {
  return new Map(policy.elements.map(({ id }, at) => [id, at]));
}
