// Rows of the topic acts.

export interface ActTables {
  readonly acts: ActRow;
}

/** One act: in the outbox while it has no number, recorded in the ledger of its chain when it has. */
export interface ActRow {
  readonly id: string;
  /** Chain of the ledger that records it. */
  readonly chain: string;
  /** Order in which its controller noted it. */
  readonly position: number;
  readonly at: number;
  /** Empty for what belongs to the controller itself. */
  readonly domain: string;
  readonly action: string;
  readonly subject: string;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string;
  /** JSON, or null. */
  readonly detail: string | null;
  /** Number and hash of its record; null while it waits for the ledger. */
  readonly sequence: number | null;
  readonly hash: string | null;
}
