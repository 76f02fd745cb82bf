// One class, and what classes are made from. Not the making.

import type { Mode, Policy } from '#model';
import type { ClassPlaces } from './class-places.ts';
import type { End } from './ends.ts';
import type { Known } from './neighbours.ts';
import type { NumberSources } from './numbers.ts';
import type { Span } from './spans.ts';

export interface Class {
  /** The same for a class that says the same in the next table, and never given again. */
  readonly index: number;
  /** What all of its ends have in common is read from this one. */
  readonly end: End;
  readonly ends: readonly End[];
  /** Id of the element that `end` is of, '' for none. INVARIANT: of all ends, wherever a rule counts or logs on elements apart. */
  readonly who: string;
  readonly mode: { readonly mode: Mode; readonly protect: readonly string[] | null };
  readonly isQuarantined: boolean;
  /** Address ranges, joined. */
  readonly spans: readonly Span[];
  /** The number in the kernel, with its bits. */
  readonly number: number;
  /** The number of the class without the names, for a class of ends that names lead to; else null. */
  readonly unnamed: number | null;
}

/** What differs between two tables of classes. */
export interface ClassChange {
  readonly gone: readonly Class[];
  readonly come: readonly Class[];
}

export interface ClassOptions {
  readonly policy: Policy;
  readonly quarantined: ReadonlySet<string>;
  readonly book: NumberSources;
  readonly known: Known;
  readonly places: ClassPlaces;
  /** Sets of patterns that names led to addresses by. */
  readonly nameSets: readonly (readonly string[])[];
}
