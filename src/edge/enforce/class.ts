// One class, and what classes are made from. Not the making.

import type { Mode, Policy } from '#model';
import type { End } from './ends.ts';
import type { Known } from './neighbours.ts';
import type { NumberSources } from './numbers.ts';
import type { Span } from './spans.ts';

export interface Class {
  readonly index: number;
  /** What all of its ends have in common is read from this one. */
  readonly end: End;
  readonly ends: readonly End[];
  readonly mode: { readonly mode: Mode; readonly protect: readonly string[] | null };
  readonly isQuarantined: boolean;
  /** Address ranges, joined. */
  readonly spans: readonly Span[];
  /** The number in the kernel, with its bits. */
  readonly number: number;
  /** The number of the class without the names, for a class of ends that names lead to; else null. */
  readonly unnamed: number | null;
}

export interface ClassOptions {
  readonly policy: Policy;
  readonly quarantined: ReadonlySet<string>;
  readonly book: NumberSources;
  readonly known: Known;
  /** Sets of patterns that names led to addresses by. */
  readonly nameSets: readonly (readonly string[])[];
}
