// Selectors over numbered atoms: every distinct condition of a policy is one bit of an end. Not the finding of an end's bits.

import { macText, prefixText, type Selector, type Service } from '#model';

/** A selector whose leaves are atom numbers. */
export type Condition =
  | { readonly kind: 'atom'; readonly atom: number }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'either'; readonly of: readonly Condition[] };

export interface CompiledService {
  readonly id: string;
  readonly on: Condition;
  /** -1 for any. */
  readonly protocol: number;
  /** Pairs from, to; empty means any port. */
  readonly ports: readonly number[];
  /** '' for any. */
  readonly application: string;
  readonly isLogonRequired: boolean;
}

export type Atom = Exclude<Selector, { kind: 'not' | 'all' | 'either' }>;

/** Numbers the distinct atoms of one policy in the order in which they are met. */
export class Atoms {
  readonly list: Atom[] = [];
  /** Named services that were compiled over these atoms. */
  readonly services = new Map<Service, CompiledService>();
  /** Of each atom the condition that is nothing but it. */
  readonly #conditions: Condition[] = [];
  readonly #numbers = new Map<string, number>();

  condition(selector: Selector): Condition {
    switch (selector.kind) {
      case 'not':
        return { kind: 'not', of: this.condition(selector.of) };
      case 'all':
      case 'either':
        return { kind: selector.kind, of: selector.of.map((part) => this.condition(part)) };
      default:
        return this.#conditionOf(this.#number(selector));
    }
  }

  #conditionOf(atom: number): Condition {
    const known = this.#conditions[atom];
    if (known !== undefined) return known;
    const made = { kind: 'atom', atom } as const;
    this.#conditions[atom] = made;
    return made;
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
      return `element ${atom.id}`;
    case 'element-kind':
      return `kind ${atom.value}`;
    case 'label':
      return `label ${atom.key.length} ${atom.key}${atom.value}`;
    case 'prefix':
      return `prefix ${atom.prefix.version} ${prefixText(atom.prefix)}`;
    case 'mac':
      return `mac ${macText(atom.mac)}`;
    case 'name':
      return `name ${atom.pattern.toLowerCase()}`;
  }
}

/** Whether a condition holds for an end of which `atoms` hold, a few each. */
export function holds(condition: Condition, atoms: readonly number[]): boolean {
  switch (condition.kind) {
    case 'atom':
      return atoms.includes(condition.atom);
    case 'not':
      return !holds(condition.of, atoms);
    case 'all':
      return condition.of.every((part) => holds(part, atoms));
    case 'either':
      return condition.of.some((part) => holds(part, atoms));
  }
}

/** Most handles of one condition; a condition of more branches is looked at for every end. */
const HANDLES_MAX = 8;
/** How many ends a kind of atom holds for, as a guess: of several that must hold the rarest is the handle. */
const COMMONNESS: Readonly<Record<Atom['kind'], number>> = {
  element: 1,
  mac: 1,
  name: 2,
  label: 3,
  prefix: 4,
  'element-kind': 6,
  internet: 7,
  any: 1_000,
};

/** Atoms one of which holds whenever the condition does; null where there is no such list, as of a negation. */
export function handlesOf(condition: Condition, atoms: readonly Atom[]): readonly number[] | null {
  switch (condition.kind) {
    case 'atom':
      return atoms[condition.atom]?.kind === 'any' ? null : [condition.atom];
    case 'not':
      return null;
    case 'all':
      return rarest(
        condition.of.flatMap((part) => {
          const handles = handlesOf(part, atoms);
          return handles === null ? [] : [handles];
        }),
        atoms,
      );
    case 'either': {
      const parts = condition.of.map((part) => handlesOf(part, atoms));
      const all = parts.flatMap((handles) => handles ?? []);
      return parts.includes(null) || all.length > HANDLES_MAX ? null : [...new Set(all)];
    }
  }
}

function rarest(lists: readonly (readonly number[])[], atoms: readonly Atom[]): readonly number[] | null {
  const weight = (handles: readonly number[]): number =>
    handles.reduce((sum, atom) => sum + COMMONNESS[atoms[atom]?.kind ?? 'any'], 0);
  return lists.reduce<readonly number[] | null>(
    (best, next) => (best === null || weight(next) < weight(best) ? next : best),
    null,
  );
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
