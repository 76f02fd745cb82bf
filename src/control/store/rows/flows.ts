// Rows of the topic flows: who talked with whom, and what was judged, summed per minute and per hour.

export interface FlowTables {
  readonly flow_rollups: FlowRollUpRow;
  readonly verdict_rollups: VerdictRollUpRow;
  readonly rollup_buckets: RollUpBucketRow;
}

/** Seconds of a bucket: a minute or an hour. */
export type Span = 60 | 3_600;

/** What tells one roll-up from another, besides its time and agent. */
export interface FlowKeyColumns {
  /** Id of the element, or the address where none is known. */
  readonly from_end: string;
  readonly from_address: string;
  /** 1 where `from_end` is an element, else 0. */
  readonly from_known: number;
  readonly to_end: string;
  readonly to_address: string;
  readonly to_known: number;
  readonly protocol: string;
  readonly port: number | null;
  /** First reason of a denial; null where it was permitted. */
  readonly reason: string | null;
  readonly is_enforced: number;
  readonly rule: string | null;
}

export interface FlowSumColumns {
  readonly openings: number;
  readonly packets_sent: number;
  readonly packets_received: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly first_seen: number;
  readonly last_seen: number;
  /** Conversations that had no place of their own and are summed here: more than 0 only in a remainder. */
  readonly folded: number;
  /** Reports that were added up. */
  readonly reports: number;
}

export interface FlowRollUpRow extends FlowKeyColumns, FlowSumColumns {
  readonly domain: string;
  readonly span: Span;
  /** Its begin in epoch milliseconds. */
  readonly bucket: number;
  readonly agent: string;
  /** Hash of the key columns; of a remainder its name. */
  readonly id: string;
}

export interface VerdictRollUpRow {
  readonly domain: string;
  readonly span: Span;
  readonly bucket: number;
  readonly agent: string;
  readonly judged_by: string;
  readonly reason: string;
  readonly is_enforced: number;
  readonly count: number;
}

/** How many roll-ups an agent has in a bucket: the bound is held by it, and what is too old found by it. */
export interface RollUpBucketRow {
  readonly domain: string;
  readonly span: Span;
  readonly bucket: number;
  readonly agent: string;
  readonly rows: number;
}
