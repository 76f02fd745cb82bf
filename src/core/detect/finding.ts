// What a detector tells: a statistical oddity with its numbers. Never a denial, and never more than one finding a case.

import type { Instant } from '#model';

/** What may be found. None of these names is a reason of a verdict, so that a finding is never taken for a denial. */
export const FINDING_KINDS = ['scan', 'new-edge', 'silence', 'spoofing', 'beacon'] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** One oddity. The same case is told again, with larger counts, when they have doubled. */
export interface Finding {
  /** Names the case: a later finding with the same text replaces the earlier one. */
  readonly case: string;
  readonly kind: FindingKind;
  /** When the case began, and what it was last told of. */
  readonly began: Instant;
  readonly at: Instant;
  /** The address it is about; `internet` where many strangers are. */
  readonly address: string;
  /** The element of that address as far as known. */
  readonly element: string | null;
  /** Who did it, and to whom or what: the element's name or the address. */
  readonly subject: string;
  /** One sentence with numbers. Made of addresses, names of elements and numbers alone, never of text from the wire. */
  readonly evidence: string;
  /** How often it was seen in this case. */
  readonly count: number;
  /** `alarm` wants a person soon; `note` is for the list. */
  readonly severity: 'note' | 'alarm';
  /**
   * Whether the evidence is good enough to isolate `element` for a while. Only of scans and spoofing by an element of the house,
   * and never where somebody else could have sent it in its name. Whoever acts on it leaves safety-critical elements alone.
   */
  readonly isWorthQuarantine: boolean;
}
