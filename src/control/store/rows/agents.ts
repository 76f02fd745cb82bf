// Rows of the topic agents.

export interface AgentTables {
  readonly agents: AgentSeenRow;
  readonly agent_reports: AgentReportRow;
}

/** What an agent said last, one row each. Written in batches by the controller that it is connected to. */
export interface AgentSeenRow {
  readonly domain: string;
  /** Kind and path of its id, for instance `gateway/north`. */
  readonly agent: string;
  /** The controller that it is connected to, or null. */
  readonly controller: string | null;
  readonly connected_at: number;
  readonly seen_at: number;
  readonly program: string;
  /** The domain's revision that it has in force, 0 for none. */
  readonly in_force: number;
  /** The revision it spoke of last, and what became of that. */
  readonly revision: number;
  readonly outcome: 'applying' | 'applied' | 'failed' | 'refused' | 'reverted';
  readonly problem_code: string | null;
  readonly problem_message: string | null;
  /** Local policy, counters, losses and health, as JSON of the wire's rows. */
  readonly detail: string;
}

/** The newest report of an agent that was kept, whichever controller took it. */
export interface AgentReportRow {
  readonly domain: string;
  readonly agent: string;
  /** Chosen anew whenever the agent begins. */
  readonly boot: string;
  readonly sequence: number;
}
