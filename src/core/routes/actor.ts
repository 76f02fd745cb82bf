// Who asks: the actor, roles and scopes, and the facts of a request from which an actor is told. Not how somebody proves to be one (that is the people room's).

/** Each role includes the ones before it. */
export const ROLES = ['viewer', 'operator', 'approver', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What an API token may do. `read` is every GET of an area, `write` the rest. A token never does more than the role of the person
 * who made it, and never what needs a fresh logon.
 */
export const SCOPES = [
  'agents:read',
  'agents:write',
  'authority:read',
  'authority:write',
  'controller:read',
  'controller:write',
  'domains:read',
  'domains:write',
  'elements:read',
  'elements:write',
  'findings:read',
  'findings:write',
  'flows:read',
  'ledger:read',
  'people:read',
  'people:write',
  'policies:read',
  'policies:write',
  'proposals:read',
  'proposals:write',
  'quarantines:read',
  'quarantines:write',
  'services:read',
  'services:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Key of `roles` for what belongs to the controller itself and to no domain (backups, making a domain). Gives nothing inside a domain. */
export const CONTROLLER = '*';

/** Who asks. Roles are by domain id, or CONTROLLER. */
export interface Actor {
  /** local: the console of the machine itself. system: the controller's own timers. nobody: an open route was asked without a logon. */
  readonly kind: 'person' | 'token' | 'agent' | 'local' | 'system' | 'nobody';
  readonly id: string;
  /** For people to read; may hold any text, so escape it. */
  readonly name: string;
  readonly roles: Readonly<Record<string, Role>>;
  /** null: everything the roles allow (people). */
  readonly scopes: readonly Scope[] | null;
  readonly session: string | null;
  /** Epoch milliseconds of the last proof by a person (passkey, OIDC); null where there is none. */
  readonly authenticatedAt: number | null;
  /** The only domain an agent has anything to do with; null for everybody else. */
  readonly domain: string | null;
}

export const NOBODY: Actor = Object.freeze({
  kind: 'nobody',
  id: '',
  name: 'nobody',
  roles: Object.freeze({}),
  scopes: null,
  session: null,
  authenticatedAt: null,
  domain: null,
});

/** What is known of a request before anybody is believed. */
export interface RequestFacts {
  /** The whole `Authorization` header. */
  readonly authorization: string | null;
  /** The whole `Cookie` header. */
  readonly cookie: string | null;
  readonly origin: string | null;
  readonly userAgent: string | null;
  /** The other end of the connection, or what a trusted proxy says of it. */
  readonly peerAddress: string;
  /** DER of the certificate shown in the TLS handshake, verified by nobody yet. */
  readonly certificate: Uint8Array | null;
}

/** By what an actor was told: a cookie is sent by browsers on their own, so it needs proof of the page's origin as well. */
export type Means = 'cookie' | 'bearer' | 'certificate' | 'local';

export type Authenticated =
  | { readonly kind: 'actor'; readonly actor: Actor; readonly by: Means }
  | { readonly kind: 'nobody' }
  /** Something was shown and does not hold: expired, revoked, unknown. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly help: string | null };

export type Authenticate = (facts: RequestFacts) => Promise<Authenticated>;

/** The role in a domain (or CONTROLLER), or null. Only own properties count: a domain named `constructor` gives nothing. */
export function roleIn(actor: Actor, domain: string): Role | null {
  return Object.hasOwn(actor.roles, domain) ? (actor.roles[domain] ?? null) : null;
}

export function isRoleAtLeast(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
