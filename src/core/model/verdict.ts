// Verdicts and the one closed list of reason codes. Findings never appear here.

/** Every reason a connection or packet can be denied for, in the order in which they are judged and named. */
export const REASONS = [
  'quarantined',
  'stale-program',
  'guardrail',
  'unknown-element',
  'no-rule',
  'wrong-protocol',
  'bad-state',
  'not-logged-on',
  'session-expired',
  'outside-hours',
  'too-many-connections',
  'wrong-application',
  'wrong-operation',
  'packet-size',
  'over-rate',
  'over-volume',
  'under-volume',
] as const;

export type Reason = (typeof REASONS)[number];

/** Bit of a reason in `Verdict.reasons`. */
export function reasonBit(reason: Reason): number {
  return 1 << REASONS.indexOf(reason);
}

/** The reasons of a bit set, first named first. */
export function reasonsOf(bits: number): readonly Reason[] {
  return REASONS.filter((_, at) => (bits >> at) & 1);
}

/**
 * One verdict, filled in by a decider and reused by its caller: no object is made per packet.
 * `reasons` empty means permit. Deny is enforced only where `isEnforced`; otherwise it is recorded and the packet passes.
 */
export interface Verdict {
  /** Bit set over `REASONS`; 0 is permit. */
  reasons: number;
  /** A denial that is held, not only recorded: an end enforces the service and the rule is not in audit. */
  isEnforced: boolean;
  /** Index of the governing rule in `policy.rules`, or -1. After `Engine.change` it is the rule's number, until the next whole policy. */
  rule: number;
  /** Index of the first denying guardrail: `never` first, then `require` counted on from `policy.never.length`; or -1. */
  guardrail: number;
  /** Whether the packet's source began the session (true) or answers in it (false). */
  isFromInitiator: boolean;
  /** Index of the initiator and of the responder in `policy.elements`, or -1. */
  initiator: number;
  responder: number;
  /** Whether this packet opened a session. */
  isOpening: boolean;
  /** Per reason of `REASONS`: what was observed and what the limit is, in the reason's own unit (bytes, microseconds, count); NaN where there is no number. */
  readonly observed: Float64Array;
  readonly limit: Float64Array;
}

export function newVerdict(): Verdict {
  return {
    reasons: 0,
    isEnforced: false,
    rule: -1,
    guardrail: -1,
    isFromInitiator: true,
    initiator: -1,
    responder: -1,
    isOpening: false,
    observed: new Float64Array(REASONS.length).fill(Number.NaN),
    limit: new Float64Array(REASONS.length).fill(Number.NaN),
  };
}

/** Sets a verdict back to permit before it is filled again. */
export function clearVerdict(verdict: Verdict): void {
  verdict.reasons = 0;
  verdict.isEnforced = false;
  verdict.rule = -1;
  verdict.guardrail = -1;
  verdict.isFromInitiator = true;
  verdict.initiator = -1;
  verdict.responder = -1;
  verdict.isOpening = false;
  verdict.observed.fill(Number.NaN);
  verdict.limit.fill(Number.NaN);
}
