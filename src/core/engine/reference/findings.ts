// The reasons found while one packet is judged, with the numbers that tell why. Written into the caller's verdict at the end.

import { REASONS, type Reason, reasonBit, type Verdict } from '#model';

export interface Finding {
  readonly reason: Reason;
  readonly observed: number;
  readonly limit: number;
}

export function finding(reason: Reason, observed = Number.NaN, limit = Number.NaN): Finding {
  return { reason, observed, limit };
}

export function bitsOf(findings: readonly Finding[]): number {
  return findings.reduce((bits, { reason }) => bits | reasonBit(reason), 0);
}

/** Where a reason is found twice, the numbers of the first are told. */
export function tell(verdict: Verdict, findings: readonly Finding[]): void {
  verdict.reasons = bitsOf(findings);
  for (const { reason, observed, limit } of [...findings].reverse()) {
    const at = REASONS.indexOf(reason);
    verdict.observed[at] = observed;
    verdict.limit[at] = limit;
  }
}
