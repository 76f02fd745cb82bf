// Door of the link: an agent's side of the connection to its domain's controllers.
// In: a membership on disk, messages that are verified before they count, rows of the agent. Out: policies and quarantines to put in force, reports, a view.
// Never: a policy that the domain's key did not sign, or one that is older than one that was taken; a private key over the wire; a rule loosened by a lost controller.

export { keepWhole, makeOwnFolder } from './disk.ts';
export type { Held } from './held.ts';
export { type JoinOptions, join } from './join.ts';
export { Link, linkFolder } from './link.ts';
export { type Membership, readMembership, removeMembership, writeMembership } from './membership.ts';
export type { Applier, Carried, Collected, LinkOptions, LinkView } from './ports.ts';
export { LinkError } from './trouble.ts';
