// Door of the detectors: facts of traffic come in, findings go out: scan, new internal edge, silence, spoofing, beacon.
// In: packets, openings with their verdict, names, neighbours' claims, a bridge's refusals, time. Out: few findings, one a case, with numbers.
// Never: I/O, a clock, a denial, a cut. Whoever quarantines by a finding leaves elements marked safety-critical alone, and sets an expiry.

export { THRESHOLDS, type Thresholds } from './bounds.ts';
export type { NeighbourClaim, SpoofAttempt } from './claims.ts';
export { type DetectorLosses, Detectors, type DetectorsMemory, type DetectorsOptions } from './detectors.ts';
export { FINDING_KINDS, type Finding, type FindingKind } from './finding.ts';
