// What a hub needs from the rest of a controller, as ports: who is trusted, which policy is current, where reports go. Adapters are chosen where
// the controller is put together.

import type { Presented, RevocationList } from '#identity';
import type { QuarantineStatement, Renewed, Report } from '#wire';

export interface HubOptions {
  /** Id of this controller, unique among those of one database. */
  readonly controller: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** `host:port` of every controller that serves agents, this one included, told to agents for when one dies. */
  readonly addresses: () => readonly string[];
  readonly trust: Trust;
  readonly policies: Policies;
  readonly quarantines: QuarantineLists;
  readonly records: Records;
  readonly notices: Notices;
  /** Told who comes and goes. */
  readonly onAgent?: (news: AgentNews) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log?: (line: string) => void;
  readonly timing?: Partial<Timing>;
}

export interface Timing {
  /** Between leases, and pings with them. */
  readonly leaseSeconds: number;
  /** Between reports of one agent. */
  readonly reportSeconds: number;
  /** Between writes of what agents said: one transaction for all. */
  readonly flushMs: number;
  /** Between looks at what is current, by which a notice that was lost is found, and a database that is away. */
  readonly lookMs: number;
}

export const TIMING: Timing = { leaseSeconds: 10, reportSeconds: 10, flushMs: 250, lookMs: 2_000 };

/** Who an agent is, from the leaf that TLS proved and from nothing else. */
export interface Member {
  readonly domain: string;
  /** SPIFFE id. */
  readonly id: string;
  /** Kind and path of the id, for instance `gateway/north`: the agent's name in its domain. */
  readonly agent: string;
  readonly serial: string;
  /** When the connection ends at the latest. */
  readonly cutAtMs: number;
}

export interface Refused {
  readonly code: string;
  readonly message: string;
}

export interface Trust {
  /** The domain whose gate key made this name within a minute, or null. */
  domainOf(serverName: string): Promise<string | null>;
  /** PEM of this controller's leaf in the domain with its chain, its key, and the roots that members' leaves lead to. */
  server(domain: string): Promise<{ readonly key: string; readonly cert: string; readonly ca: readonly string[] }>;
  /** All rules for what TLS verified: identity's `verifyPeer` with the domain's roots and revocations, role client. */
  judge(domain: string, presented: Presented): Promise<Member | Refused>;
  /** Something of the domain's identities changed, perhaps elsewhere: what is asked after this is answered by the newest of them. */
  noticed(domain: string): Promise<void>;
  isRevoked(member: Member): boolean;
  revocations(domain: string): Promise<RevocationList>;
  /** Id of the key by which statements are signed now; another one after a rotation. */
  policyKey(domain: string): Promise<string>;
  sign(domain: string, statement: { readonly typ: string; readonly payload: object }): Promise<string>;
  /** Base64, as in the message `renew`. */
  renew(member: Member, request: RenewRequest): Promise<NonNullable<Renewed['leaf']> | Refused>;
  /** The agent trusts the bundle of this number now: a rotation waits for all of them. */
  bundleConfirmed?(member: Member, sequence: number): Promise<void>;
  bundle(domain: string): Promise<{ readonly sequence: number; readonly document: string }>;
}

export interface RenewRequest {
  readonly spki: string;
  readonly proof: string;
}

/** A revision as it was published; the text is a policy that was checked. */
export interface Published {
  readonly domain: string;
  readonly revision: number;
  readonly before: number;
  readonly text: string;
  readonly issuedMs: number;
  readonly by: string;
  readonly why: string;
  readonly pendingUntilMs: number | null;
}

/** Where a domain stands: what a look at many of them costs. */
export interface Head {
  readonly domain: string;
  readonly revision: number;
  readonly pendingUntilMs: number | null;
  readonly quarantineSequence: number;
  readonly revocationSequence: number;
  readonly bundleSequence: number;
}

export interface Policies {
  /** Of those of the domains that have a policy. Asked with none as well: that the store answers is news. */
  heads(domains: readonly string[]): Promise<readonly Head[]>;
  current(domain: string): Promise<Published | null>;
}

export interface QuarantineLists {
  current(domain: string): Promise<Omit<QuarantineStatement, 'domain'>>;
}

export interface AgentReport {
  readonly domain: string;
  readonly agent: string;
  /** Of the agent's process: with the report's sequence it is counted once, however often it comes. */
  readonly boot: string;
  readonly report: Report;
  /** When it arrived, by this controller's clock. */
  readonly atMs: number;
}

/** Where what agents say is kept. Every call is one transaction for many agents. */
export interface Records {
  /** Kept when this resolves; until then no agent forgets its rows. */
  saveReports(reports: readonly AgentReport[]): Promise<void>;
  saveAgents(rows: readonly AgentRow[]): Promise<void>;
}

/** An agent came here, or went and is nowhere else as far as is known here. */
export interface AgentNews {
  readonly kind: 'connected' | 'gone';
  readonly domain: string;
  readonly agent: string;
  readonly program: string;
  readonly controller: string;
}

export type AgentOutcome = 'applying' | 'applied' | 'failed' | 'refused' | 'reverted';

/** What is known of one agent; the newest row replaces the one before. */
export interface AgentRow {
  readonly domain: string;
  readonly agent: string;
  /** Controller that it is connected to, or null. */
  readonly controller: string | null;
  readonly connectedMs: number;
  readonly seenMs: number;
  readonly program: string;
  /** Revision in force, 0 for none from a controller. */
  readonly inForce: number;
  /** The revision it spoke of last, and what became of it. */
  readonly revision: number;
  readonly outcome: AgentOutcome;
  readonly problem: Refused | null;
  readonly local: Report['local'];
  readonly counters: Report['counters'];
  readonly losses: Report['losses'];
  readonly health: Report['health'];
  /** What became of the newest quarantine list that it spoke of. */
  readonly quarantine: { readonly sequence: number; readonly failed: readonly string[] };
  /** What its clock is ahead of this controller's, where that is more than is believed; otherwise null. */
  readonly clockAheadMs: number | null;
}

/** What happens in other controllers and in other rooms. */
export type Notice =
  | { readonly kind: 'policy' | 'quarantine' | 'revoked' | 'bundle'; readonly domain: string }
  /** An agent came to a controller: whoever holds an older connection of it lets go. */
  | {
      readonly kind: 'agent';
      readonly domain: string;
      readonly agent: string;
      readonly controller: string;
      readonly sinceMs: number;
    }
  /** Agents said what became of a revision: their rows are written. */
  | { readonly kind: 'states'; readonly domain: string }
  /** Notices may have been missed: read everything anew. */
  | { readonly kind: 'lost' };

export interface Notices {
  publish(notice: Notice): Promise<void>;
  subscribe(handler: (notice: Notice) => void): () => void;
}
