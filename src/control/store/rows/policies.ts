// Rows of the topic policies.

export interface PolicyTables {
  readonly policies: PolicyHead;
  readonly policy_revisions: PolicyRevisionRow;
}

/** One row a domain. INVARIANT: `revision` only grows, and is what agents are sent; `pending` is it or null. */
export interface PolicyHead {
  readonly domain: string;
  readonly revision: number;
  /** The last one that was confirmed. */
  readonly confirmed: number;
  readonly pending: number | null;
  /** When what waits goes back, in epoch milliseconds. */
  readonly deadline: number | null;
}

export type RevisionState = 'pending' | 'confirmed' | 'reverted' | 'superseded';

export interface PolicyRevisionRow {
  readonly domain: string;
  readonly revision: number;
  readonly text: string;
  readonly author_id: string;
  readonly author_name: string;
  readonly why: string;
  readonly at: number;
  readonly state: RevisionState;
  /** The revision whose text it has again, or null. */
  readonly restores: number | null;
  /** Session in which it was applied, and when that one was opened: it is confirmed from another, later one. */
  readonly session: string | null;
  readonly session_at: number | null;
  /** 1 where somebody else than its author has to confirm it, else 0. */
  readonly needs_second: number;
  /** Who confirmed or took it back, and when; null while it waits. */
  readonly ended_by: string | null;
  readonly ended_at: number | null;
}
