// What is said over the agent's socket of its state, its elements and its policy, as types (records are in api-records.ts). Instants are ISO 8601 texts in UTC, bytes and counts are numbers.
// An answer names its shape in `schema`; a shape changes only by additions, or gets another number. Not the transport: that is server.ts and client.ts.

import type { Mode, Problem, Reason } from '#model';

/** Who asks: the agent reads the rest about this process from /proc. Sent with every request. */
export interface CallerClaim {
  readonly pid: number;
  /** SSH_CONNECTION of the asking process, or null. The agent looks at the process and its parents as well. */
  readonly sshConnection: string | null;
}

/** An answer that is none: the request was refused and nothing was changed. */
export interface Refusal {
  readonly schema: 'picket.error/v1';
  /** Known to `picket explain`. */
  readonly code: string;
  readonly message: string;
  readonly help: string | null;
  /** Of a policy that has errors, with places in the text that was sent. */
  readonly problems: readonly Problem[];
}

// ---- status

export interface StatusAnswer {
  readonly schema: 'picket.status/v1';
  readonly version: string;
  readonly pid: number;
  readonly now: string;
  /** When this agent began. */
  readonly since: string;
  readonly table: TableView;
  readonly policy: PolicyView;
  readonly pending: PendingView | null;
  /** Where this machine belongs to a domain. */
  readonly domain: DomainView | null;
  /** The policy's elements by mode. */
  readonly elements: Readonly<Record<Mode, number>>;
  /** Neighbours and hosts seen that are no element. */
  readonly inboxCount: number;
  readonly services: readonly ServiceView[];
  readonly flows: { readonly open: number; readonly seen: number };
  readonly packets: { readonly judged: number; readonly bytes: number };
  /** Since start, largest first; only reasons that were seen. */
  readonly verdicts: readonly VerdictCount[];
  readonly losses: LossView;
  readonly findingCount: number;
  readonly quarantines: readonly QuarantineView[];
  readonly proposals: { readonly elements: number; readonly rules: number };
  /** What is not as it should be, each with a code; empty when all is well. */
  readonly health: readonly HealthView[];
}

export interface DomainView {
  readonly domain: string;
  /** SPIFFE id of this machine. */
  readonly id: string;
  readonly isConnected: boolean;
  /** Controller that it is connected to, and where. */
  readonly controller: string | null;
  readonly address: string | null;
  /** When the connection began, and when anything was heard last. */
  readonly since: string | null;
  readonly heard: string | null;
  /** Revision of the domain in force (0: none), the newest that was taken, and the one that the controller named as current. */
  readonly inForce: number;
  readonly taken: number | null;
  readonly current: number | null;
  readonly certificateEnds: string;
  /** A policy that was put in force here with --local: since when, by whom, why. */
  readonly local: { readonly since: string; readonly by: string; readonly why: string } | null;
  readonly trouble: { readonly code: string; readonly message: string } | null;
}

export interface TableView {
  readonly isUp: boolean;
  /** Times that somebody else changed the table and it was put right, and times that it could not be. */
  readonly driftRepaired: number;
  readonly driftFailed: number;
  /** When the content is made again at the latest, or null where no end of it is in sight. */
  readonly nextChange: string | null;
  readonly notHeld: readonly NotHeldView[];
}

export interface NotHeldView {
  /** The entry of the policy, for instance `rules.cameras-stream`. */
  readonly where: string;
  readonly what: string;
  /** What happens instead: denied, held more tightly, judged elsewhere. */
  readonly effect: string;
}

export interface PolicyView {
  readonly revision: number;
  readonly by: string;
  readonly at: string;
  readonly why: string;
  readonly isConfirmed: boolean;
  readonly mode: Mode;
  readonly rules: number;
  readonly services: number;
}

export interface PendingView {
  readonly revision: number;
  readonly by: string;
  readonly at: string;
  /** When it reverts by itself. */
  readonly deadline: string;
  readonly secondsLeft: number;
  /** The revision that comes back. */
  readonly revertsTo: number;
}

/** A service as it was seen: on this host with its program, or of an element by its traffic. */
export interface ServiceView {
  /** Name in the policy, or null. */
  readonly service: string | null;
  readonly element: string | null;
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
  readonly program: string | null;
  readonly application: string | null;
  readonly isHere: boolean;
  readonly isEnforced: boolean;
  readonly connections: number;
  /** The busiest first, at most eight. */
  readonly peers: readonly PeerView[];
  readonly peerCount: number;
  readonly lastSeen: string | null;
}

export interface PeerView {
  readonly address: string;
  readonly element: string | null;
  readonly connections: number;
  readonly denied: number;
}

export interface VerdictCount {
  /** `kernel`: what the table denied; `engine`: what was judged from packets seen. */
  readonly by: 'kernel' | 'engine';
  readonly reason: Reason;
  /** Whether it was held, or only recorded. */
  readonly isEnforced: boolean;
  readonly count: number;
}

export interface LossView {
  readonly packets: number;
  readonly flowEvents: number;
  readonly verdictRecords: number;
  readonly restarts: number;
}

export interface QuarantineView {
  readonly element: string;
  readonly since: string;
  /** Null: until it is released by hand. */
  readonly until: string | null;
  readonly reason: string;
  readonly by: string;
}

export interface HealthView {
  readonly code: string;
  readonly message: string;
}

// ---- elements

export interface ElementsAnswer {
  readonly schema: 'picket.elements/v1';
  readonly elements: readonly ElementView[];
  readonly inbox: readonly NewcomerView[];
}

export interface ElementView {
  readonly id: string;
  readonly kind: string;
  readonly mode: Mode;
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly protect: readonly string[];
  readonly isSafetyCritical: boolean;
  readonly isHere: boolean;
  readonly isQuarantined: boolean;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

/** Somebody seen who is no element. `id` stays the same while the agent runs; names are claims, not proofs. */
export interface NewcomerView {
  readonly id: string;
  readonly mac: string | null;
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  readonly interface: string | null;
  /** A name that is free in the policy. */
  readonly proposedName: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

// ---- changes of the policy

/** How a change is put in force. */
export interface ChangeRequest {
  /** Only say what would happen. */
  readonly isPlanOnly?: boolean;
  /** Seconds until it reverts by itself unless confirmed. 0: confirmed at once. Not stated: the agent's own (90), or 0 where the change only loosens. */
  readonly confirmSeconds?: number;
  /** A policy of this machine's own although it belongs to a domain: an emergency, which is reported. */
  readonly isLocal?: boolean;
  /** Go on although the caller's own connection would be denied. */
  readonly mayLoseSession?: boolean;
  readonly why?: string;
}

export interface PlanAnswer {
  readonly schema: 'picket.change/v1';
  readonly isApplied: boolean;
  /** The revision it got, or null where it was only planned. */
  readonly revision: number | null;
  readonly changes: readonly ChangeView[];
  readonly plan: PlanView;
  readonly notHeld: readonly NotHeldView[];
  /** Whether the caller's own connection stays: null where none is known. */
  readonly ownConnection: OwnConnectionView | null;
  readonly pending: PendingView | null;
  /** Warnings of the checker. */
  readonly problems: readonly Problem[];
  /** The whole text as it would be or is in force. */
  readonly text: string;
}

export interface ChangeView {
  readonly section: string;
  readonly id: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  readonly fields: readonly string[];
}

/** What the changed policy makes of the conversations begun since the agent started (of a bounded number of the latest). */
export interface PlanView {
  readonly since: string;
  readonly openings: number;
  /** True where older ones were forgotten. */
  readonly isCut: boolean;
  readonly denied: readonly PlannedDenial[];
  readonly deniedOpenings: number;
  /** Denied now and permitted after the change. */
  readonly permittedOpenings: number;
}

export interface PlannedDenial {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number;
  readonly reason: Reason;
  readonly rule: string | null;
  readonly openings: number;
  readonly lastSeen: string;
}

export interface OwnConnectionView {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly isPermitted: boolean;
  readonly reasons: readonly Reason[];
}

export interface PolicyAnswer {
  readonly schema: 'picket.policy/v1';
  readonly policy: PolicyView;
  readonly pending: PendingView | null;
  readonly text: string;
}

export interface HistoryAnswer {
  readonly schema: 'picket.history/v1';
  /** Newest first. */
  readonly revisions: readonly RevisionView[];
}

export interface RevisionView {
  readonly revision: number;
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly state: 'in-force' | 'pending' | 'confirmed' | 'reverted';
}

export interface DoneAnswer {
  readonly schema: 'picket.done/v1';
  readonly message: string;
  /** The command that takes it back, or null. */
  readonly undo: string | null;
}
