// Rows of the topic elements.

export interface ElementTables {
  readonly elements_seen: ElementSeenRow;
  readonly newcomers: NewcomerSeenRow;
  readonly proposals: ProposalRow;
}

export interface ElementSeenRow {
  readonly domain: string;
  readonly element: string;
  readonly agent: string;
  readonly first_seen: number;
  readonly last_seen: number;
}

/** Somebody seen who is no element. Addresses and names are JSON lists; names are claims. */
export interface NewcomerSeenRow {
  readonly domain: string;
  /** MAC, or an address where no MAC was seen. */
  readonly id: string;
  readonly agent: string;
  readonly mac: string | null;
  readonly addresses: string;
  readonly names: string;
  readonly interface: string | null;
  readonly proposed_name: string;
  readonly first_seen: number;
  readonly last_seen: number;
}

export type ProposalState = 'open' | 'accepted' | 'rejected';

/** An entry that an agent would add to the policy, as it learned it. */
export interface ProposalRow {
  readonly domain: string;
  /** Says the same entry again: of section, id and agent. */
  readonly id: string;
  readonly agent: string;
  readonly section: 'elements' | 'services' | 'rules';
  /** Id of the entry in the policy. */
  readonly entry: string;
  /** Fields of the entry, as JSON. */
  readonly json: string;
  readonly evidence: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly state: ProposalState;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
}
