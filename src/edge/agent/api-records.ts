// What is said over the agent's socket of flows, verdicts, names and findings, of why, proposals and logons, as types. Not of state and policy: api.ts.

import type { Factor, Reason } from '#model';

// ---- records

export interface FlowsAnswer {
  readonly schema: 'picket.live-flows/v1';
  readonly flows: readonly FlowView[];
  /** True where older ones were forgotten. */
  readonly isCut: boolean;
}

export interface FlowView {
  readonly at: string;
  readonly end: string | null;
  readonly from: EndView;
  readonly to: EndView;
  readonly protocol: string;
  readonly application: string | null;
  readonly name: string | null;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** As the engine judges it under the policy in force; `isEnforced` false on a denial means that it was only recorded. */
  readonly verdict: 'permit' | 'deny';
  readonly isEnforced: boolean;
  readonly reasons: readonly Reason[];
  readonly rule: string | null;
}

export interface EndView {
  readonly address: string;
  /** -1 where the protocol has none. */
  readonly port: number;
  readonly element: string | null;
  readonly name: string | null;
}

export interface VerdictsAnswer {
  readonly schema: 'picket.verdicts/v1';
  readonly verdicts: readonly VerdictView[];
  readonly isCut: boolean;
}

export interface VerdictView {
  readonly at: string;
  readonly by: 'kernel' | 'engine';
  readonly from: EndView;
  readonly to: EndView;
  readonly protocol: string;
  readonly reasons: readonly Reason[];
  readonly isEnforced: boolean;
  readonly rule: string | null;
  readonly guardrail: string | null;
  /** What the agent did about it, for instance `session cut`; null for nothing. */
  readonly action: string | null;
}

export interface NamesAnswer {
  readonly schema: 'picket.live-names/v1';
  readonly names: readonly NameView[];
  readonly isCut: boolean;
}

export interface NameView {
  readonly at: string;
  readonly kind: string;
  readonly client: string;
  readonly element: string | null;
  readonly name: string;
  readonly value: string;
}

export interface FindingsAnswer {
  readonly schema: 'picket.findings/v1';
  readonly findings: readonly FindingView[];
  readonly isCut: boolean;
}

export interface FindingView {
  readonly at: string;
  readonly kind: string;
  readonly address: string;
  readonly element: string | null;
  readonly subject: string;
  readonly evidence: string;
  readonly severity: 'note' | 'alarm';
  readonly action: string | null;
}

// ---- why, proposals, logon

export interface WhyAnswer {
  readonly schema: 'picket.why-live/v1';
  /** What the policy says: the engine's answer to the question. */
  readonly intent: WhyOpinion;
  /** What the compiled table's content says, and what the kernel answers; null where that is not known here. */
  readonly compiled: WhyOpinion | null;
  readonly kernel: WhyOpinion | null;
  /** False where two of the opinions differ. */
  readonly doAgree: boolean;
}

export interface WhyOpinion {
  readonly isPermitted: boolean;
  readonly isEnforced: boolean;
  readonly reasons: readonly Reason[];
  readonly rule: string | null;
  readonly guardrail: string | null;
  readonly steps: readonly string[];
}

export interface ProposalAnswer {
  readonly schema: 'picket.proposal/v1';
  readonly from: string | null;
  readonly to: string | null;
  /** Policy text with the evidence as comments. */
  readonly text: string;
  readonly elements: number;
  readonly rules: number;
  readonly notes: readonly string[];
}

export interface LogonAnswer {
  readonly schema: 'picket.logon/v1';
  readonly element: string;
  readonly factors: readonly Factor[];
  /** Null after logging off. */
  readonly since: string | null;
}
