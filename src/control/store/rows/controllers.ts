// Rows of the topic controllers.

export interface ControllerTables {
  readonly controllers: ControllerRow;
}

/** A controller of this database, as it said last that it lives. Times are of the database's clock, which all of them share. */
export interface ControllerRow {
  readonly name: string;
  /** `host:port` of its agents' port, as JSON of a list. */
  readonly addresses: string;
  /** Of its ledger; null before its first record. */
  readonly chain: string | null;
  readonly begun_at: number;
  readonly seen_at: number;
}
