// Rows of the topic findings.

export interface FindingTables {
  readonly findings: FindingSeenRow;
  readonly mutes: MuteRow;
  readonly quarantines: QuarantineRow;
  readonly quarantine_lists: QuarantineListRow;
}

export type FindingState = 'open' | 'acknowledged';

/** Tellings of the same thing are one row. */
export interface FindingSeenRow {
  readonly domain: string;
  /** Of kind, address and subject. */
  readonly id: string;
  readonly agent: string;
  readonly kind: string;
  readonly address: string;
  readonly element: string | null;
  readonly subject: string;
  /** As it was told last. */
  readonly evidence: string;
  readonly severity: 'note' | 'alarm';
  readonly action: string | null;
  readonly count: number;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly state: FindingState;
  readonly acked_by: string | null;
  readonly acked_at: number | null;
}

/** The exact kind, address and subject, until a date, for a reason. */
export interface MuteRow {
  readonly domain: string;
  /** Id of the finding. */
  readonly id: string;
  readonly kind: string;
  readonly address: string;
  readonly subject: string;
  readonly until: number;
  readonly why: string;
  readonly by: string;
  readonly at: number;
}

export interface QuarantineRow {
  readonly domain: string;
  readonly element: string;
  readonly since: number;
  /** Null: until released. */
  readonly until: number | null;
  readonly reason: string;
  readonly by: string;
}

/** INVARIANT: `sequence` grows with every change of the domain's list, so that an agent never takes an older one. */
export interface QuarantineListRow {
  readonly domain: string;
  readonly sequence: number;
}
