// Which atoms hold for an end, found by what the end is and not by going through all atoms. Not the atoms of names, which hold between two ends.

import { type Element, type Mac, NO_MAC } from '#model';
import { NO_CLASS } from './memo.ts';
import { PrefixTable } from './prefixes.ts';
import type { Atom, Atoms } from './selectors.ts';

/** Distinct lists of atoms that ends share. When full, a further end keeps its own: the same answer in more memory. */
export const CLASSES_MAX = 262_144;

/** What an end is: its element in the policy in force, its address, its MAC. */
export interface Traits {
  readonly element: Element | null;
  readonly bytes: Uint8Array;
  readonly mac: Mac;
  readonly isInternet: boolean;
}

export class AtomIndex {
  readonly #atoms: Atoms;
  readonly #byText = new Map<string, number>();
  readonly #byMac = new Map<Mac, number>();
  readonly #byPrefix = new PrefixTable<number>();
  /** Name atoms, by number. */
  readonly names: number[] = [];
  #seen = 0;

  constructor(atoms: Atoms) {
    this.#atoms = atoms;
    this.refresh();
  }

  /** Takes up atoms that were added since; how many. */
  refresh(): number {
    const { list } = this.#atoms;
    const before = this.#seen;
    for (; this.#seen < list.length; this.#seen++) {
      const atom = list[this.#seen];
      if (atom !== undefined) this.#take(atom, this.#seen);
    }
    return this.#seen - before;
  }

  /** Numbers of the atoms that hold for an end, in rising order. */
  atomsOf({ element, bytes, mac, isInternet }: Traits): number[] {
    const found: number[] = [];
    this.#push(found, 'any');
    if (isInternet) this.#push(found, 'internet');
    if (element !== null) {
      this.#push(found, `element ${element.id}`);
      this.#push(found, `kind ${element.kind}`);
      for (const [key, value] of element.labels) this.#push(found, labelText(key, value));
    }
    const ofMac = mac === NO_MAC ? undefined : this.#byMac.get(mac);
    if (ofMac !== undefined) found.push(ofMac);
    found.push(...this.#byPrefix.holding(bytes));
    return [...new Set(found)].sort((one, other) => one - other);
  }

  #push(found: number[], text: string): void {
    const number = this.#byText.get(text);
    if (number !== undefined) found.push(number);
  }

  #take(atom: Atom, number: number): void {
    switch (atom.kind) {
      case 'any':
      case 'internet':
        this.#byText.set(atom.kind, number);
        return;
      case 'element':
        this.#byText.set(`element ${atom.id}`, number);
        return;
      case 'element-kind':
        this.#byText.set(`kind ${atom.value}`, number);
        return;
      case 'label':
        this.#byText.set(labelText(atom.key, atom.value), number);
        return;
      case 'prefix':
        this.#byPrefix.at(atom.prefix, () => number);
        return;
      case 'mac':
        this.#byMac.set(atom.mac, number);
        return;
      case 'name':
        this.names.push(number);
        return;
    }
  }
}

/** Atoms that hold for an end, in one list for all ends alike. */
export interface AtomClass {
  readonly atoms: readonly number[];
  /** `NO_CLASS` of those that came when there was no room. */
  readonly number: number;
}

/** The distinct lists of atoms, numbered as they come. */
export class AtomClasses {
  readonly #byText = new Map<string, AtomClass>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  of(atoms: readonly number[]): AtomClass {
    const key = atoms.join(' ');
    const known = this.#byText.get(key);
    if (known !== undefined) return known;
    const isKept = this.#byText.size < this.#max;
    const made = { atoms, number: isKept ? this.#byText.size : NO_CLASS };
    if (isKept) this.#byText.set(key, made);
    return made;
  }
}

function labelText(key: string, value: string): string {
  return `label ${key.length} ${key}${value}`;
}
