// Door of the authority: the CA of each domain, enrolment, renewal, revocation, rotation, the key that signs policies, the gate's keys.
// In: a store, a recorder, a folder for keys, a clock. Out: certificates, bundles, lists of revocations, signed statements, refusals with a code.
// Never: a private key of an element; a secret in an answer, a log or the ledger; a certificate that a peer would refuse; a bundle that goes back.

export { Authority, type KeyView, openAuthority, type Page } from './authority.ts';
export type { EnrolRequest } from './enrol.ts';
export { ForHub, type ForHubOptions, type HubMember } from './for-hub.ts';
export type { AuthorityAilment } from './health.ts';
export type { IdentityView, RevocationView } from './identities.ts';
export type { Issued } from './issue.ts';
export { nodePrimitives } from './node-primitives.ts';
export type { AuthorityNotice, AuthorityOptions } from './options.ts';
export { givenCertificate, type OwnWish, pemOf, type ServerCertificate } from './own-certificate.ts';
export type { PolicySigner, StatementType } from './policy-signer.ts';
export type { RenewRequest, WakeRequest } from './renew.ts';
export type { RevocationWish } from './revoke.ts';
export type { RotationWish } from './rotate.ts';
export type { SealSource } from './seal.ts';
export { type MadeToken, TOKEN_SECONDS_MAX, TOKEN_SECONDS_MIN, type TokenView, type TokenWish } from './tokens.ts';
export { AuthorityError } from './trouble.ts';
export type { DomainTrust } from './trust-book.ts';
