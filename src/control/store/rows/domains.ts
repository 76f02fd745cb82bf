// Rows of the topic domains.

export interface DomainTables {
  readonly domains: DomainRow;
  readonly settings: SettingRow;
}

export interface DomainRow {
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly made_at: number;
}

export interface SettingRow {
  readonly key: string;
  /** JSON. */
  readonly value: string;
}
