// Door of the hub: the agents' port of a controller, and who is connected to it.
// In: sockets of members, notices of other controllers, ports to policies, trust and records. Out: signed policies and deltas to agents, rows of what they say.
// Never: a byte to a stranger; a policy that is not signed; an identity from anything but the leaf that TLS proved; a revision that goes back.

export { busNotices } from './from-bus.ts';
export { type RollUps, storedPolicies, storedQuarantines, storedRecords } from './from-store.ts';
export { Hub } from './hub.ts';
export type {
  AgentNews,
  AgentOutcome,
  AgentReport,
  AgentRow,
  HubOptions,
  Member,
  Notice,
  Notices,
  Policies,
  Published,
  QuarantineLists,
  Records,
  Refused,
  RenewRequest,
  Timing,
  Trust,
} from './options.ts';
export { HubError } from './trouble.ts';
