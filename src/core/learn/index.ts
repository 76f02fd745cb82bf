// Door of the learner: traffic in the order of time comes in, a proposed policy with its evidence goes out.
// In: observations and name facts. Out: one `Proposal` per run. Memory is bounded (see bounds.ts) and the same input gives the same proposal.
// Never: I/O, a clock, randomness, an approval or a denial; a proposal is an ordinary policy for a person to read and change.

export { Learner, type LearnerOptions } from './learner.ts';
export type { ElementEvidence, Evidence, Proposal, RuleEvidence } from './proposal.ts';
