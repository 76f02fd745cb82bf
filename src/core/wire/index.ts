// Door of the wire: what agents and controllers say to each other, and the policy as entries, deltas and one digest.
// In: policies, texts of messages, a hash. Out: checked messages, deltas, tables of entries, digests. Never: a socket, a key, a clock; never throws on bad input.

export type { PolicyEntry } from '#policy';
export * from './bounds.ts';
export { type Decoded, decodeDown, decodeUp, encode, negotiate } from './codec.ts';
export { type Delta, deltaOf } from './delta.ts';
export type { Hash } from './digest.ts';
export {
  type Applied,
  type Down,
  type Hello,
  type Lease,
  type Quarantined,
  type Renewed,
  type Report,
  type Up,
  VERSIONS,
  type Welcome,
} from './messages.ts';
export { wireCodes, wirePage } from './pages.ts';
export type {
  AilmentRow,
  ElementRow,
  FindingRow,
  FlowRow,
  LossRow,
  NewcomerRow,
  ProposalRow,
  VerdictRow,
} from './rows.ts';
export {
  POLICY_TYP,
  type PolicyStatement,
  policyStatementOf,
  QUARANTINE_TYP,
  type QuarantineStatement,
  quarantineStatementOf,
} from './statement.ts';
export { digestOf, EntryTable } from './table.ts';
