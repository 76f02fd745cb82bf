// Door of the people: who somebody is, by passkey, identity provider, session or API token, and what roles they have in which domain.
// In: facts of a request, a store, a recorder, randomness, a clock. Out: actors and refusals; sessions, links, tokens, roles.
// Never: a secret that is kept or told twice; a lock on an account that others could close; a domain without an owner; a role wider than its giver's.

export { capOf, scopesOf } from './authenticate.ts';
export { POLL_SECONDS } from './codes.ts';
export type { FourEyes, FourEyesState, Touched } from './four-eyes.ts';
export type { Link } from './links.ts';
export { noJourneyCookie } from './oidc/flows.ts';
export type { IssuerOptions } from './oidc/issuer.ts';
export type { PeopleOptions } from './options.ts';
export { loginFiles, type PageFile } from './page/files.ts';
export { People } from './people.ts';
export { type Begun, noSessionCookie } from './sessions.ts';
