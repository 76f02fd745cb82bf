// What a compile takes and answers. Not the compiling.

import type { Instant, Problem } from '#model';
import type { Content, KernelObject } from './content.ts';
import type { ContentChange } from './content-store.ts';
import type { Logons } from './logons.ts';
import type { Neighbours } from './neighbours.ts';
import type { NotHeld } from './not-held.ts';
import type { NumberBook } from './numbers.ts';
import type { Ticket } from './ticket.ts';

export interface Facts {
  /** The same book for the life of a table: it keeps numbers from meaning two things. */
  readonly book: NumberBook;
  readonly now: Instant;
  /** Ids of elements in quarantine. */
  readonly quarantined?: ReadonlySet<string>;
  /** Addresses that MACs were seen to have. */
  readonly neighbours?: Neighbours;
  readonly names?: NamesKnown;
  readonly logons?: Logons;
  readonly tickets?: readonly Ticket[];
  /** Objects of the content before: budgets among them that no rule has any more go on until their window ends. */
  readonly running?: ReadonlyMap<string, KernelObject>;
}

/** Sets of patterns that DNS answers led by, and a number that is another one whenever the policy is: see `specOf`. */
export interface NamesKnown {
  readonly sets: readonly (readonly string[])[];
  readonly epoch: number;
}

export type Compiled =
  | {
      readonly kind: 'compiled';
      /** With a memory: changed in place by the next compile with it. */
      readonly content: Content;
      /** What differs from the last compile with the same memory; null where the content was made anew. */
      readonly change: ContentChange | null;
      readonly notHeld: readonly NotHeld[];
      /** Rule of each mark, for whoever reads the kernel's words. Changed as the content is. */
      readonly ruleOfMark: ReadonlyMap<number, string>;
      /** Numbers of classes that names lead to, by `namedKey`. */
      readonly named: ReadonlyMap<string, number>;
      /** Ids of the tickets that some rule takes. */
      readonly redeemable: ReadonlySet<number>;
    }
  | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly problem: Problem & { readonly code: RefusalCode };
}

export type RefusalCode = 'PICKET-G001' | 'PICKET-G002' | 'PICKET-G003';

export function refused(code: RefusalCode, message: string, help: string): Refused {
  const problem = {
    code,
    severity: 'error' as const,
    message: `cannot compile the policy for the kernel: ${message}`,
    place: null,
    help,
  };
  return { kind: 'refused', problem };
}
