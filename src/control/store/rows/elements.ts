// Rows of the topic elements.

export interface ElementTables {
  readonly elements_seen: ElementSeenRow;
  readonly newcomers: NewcomerSeenRow;
  readonly proposals: ProposalRow;
  readonly proposal_tellings: ProposalTellingRow;
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

/** An entry that agents would add to the policy, as they learned it. */
export interface ProposalRow {
  readonly domain: string;
  /** Of section, entry and fields: agents that learn the same tell of one proposal. */
  readonly id: string;
  /** Who told it first. */
  readonly agent: string;
  readonly section: ProposalSection;
  /** Id of the entry in the policy. */
  readonly entry: string;
  /** Fields of the entry, as JSON. */
  readonly json: string;
  /** In the words of who told it first; what the others say is in their tellings. */
  readonly evidence: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly state: ProposalState;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  /** The revision that took it in. */
  readonly revision: number | null;
}

export type ProposalSection = 'elements' | 'services' | 'rules';

/** One agent has one proposal for an entry: a new one takes the place of its own, never of another agent's. */
export interface ProposalTellingRow {
  readonly domain: string;
  readonly agent: string;
  readonly section: ProposalSection;
  readonly entry: string;
  /** Id of the proposal. */
  readonly proposal: string;
  readonly evidence: string;
  readonly first_seen: number;
  readonly last_seen: number;
}
