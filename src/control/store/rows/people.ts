// Rows of people: who there is, in which domain with what role, by what they prove to be themselves, and what stands open for them.

export interface PeopleTables {
  readonly users: UserRow;
  readonly memberships: MembershipRow;
  readonly passkeys: PasskeyRow;
  readonly sessions: SessionRow;
  readonly api_tokens: ApiTokenRow;
  readonly logon_links: LogonLinkRow;
  readonly logon_spent: LogonSpentRow;
  readonly logon_failures: LogonFailureRow;
  readonly logon_codes: LogonCodeRow;
  readonly four_eyes: FourEyesRow;
}

/** Somebody; of no domain, since one person may have roles in several. */
export interface UserRow {
  readonly id: string;
  readonly name: string;
  /** `issuer subject` of an identity provider, or null for somebody known by passkeys alone. */
  readonly identity: string | null;
  readonly made_at: number;
}

/** `domain` is a domain's id, or `*` for the controller itself. */
export interface MembershipRow {
  readonly domain: string;
  readonly user: string;
  readonly role: 'viewer' | 'operator' | 'approver' | 'owner';
  readonly given_by: string;
  readonly given_at: number;
}

export interface PasskeyRow {
  /** The credential's own id, base64url. */
  readonly id: string;
  readonly user: string;
  readonly name: string;
  /** COSE key, base64url. */
  readonly public_key: string;
  readonly counter: number;
  /** JSON list. */
  readonly transports: string;
  readonly made_at: number;
  readonly used_at: number | null;
}

export interface SessionRow {
  readonly id: string;
  /** SHA-256 of the secret, base64url: the secret itself is with its holder alone. */
  readonly hash: string;
  readonly user: string;
  readonly means: 'passkey' | 'oidc' | 'code';
  readonly made_at: number;
  /** Last use, to the minute. */
  readonly seen_at: number;
  /** When the person last proved to be there; null where an identity provider does not say. */
  readonly proved_at: number | null;
  readonly ends_at: number;
  readonly peer: string;
  readonly program: string;
}

export interface ApiTokenRow {
  readonly id: string;
  readonly hash: string;
  readonly user: string;
  readonly name: string;
  /** JSON list. */
  readonly scopes: string;
  /** JSON, domain → role: the most that the token may be there. */
  readonly roles: string;
  readonly made_at: number;
  readonly ends_at: number;
  readonly used_at: number | null;
}

/** A link that makes one passkey: for the first owner, or for somebody who was invited. */
export interface LogonLinkRow {
  readonly hash: string;
  /** Null for the first owner, who is nobody yet. */
  readonly user: string | null;
  readonly ends_at: number;
}

/** The hash of a proof that was used; until it would have run out anyway. */
export interface LogonSpentRow {
  readonly hash: string;
  readonly ends_at: number;
}

/** How often logons failed from one source, or from one source for one account. */
export interface LogonFailureRow {
  readonly key: string;
  readonly count: number;
  /** Of the first one counted. */
  readonly since: number;
}

/** A program without a browser that waits for a person to let it in. */
export interface LogonCodeRow {
  /** Of the secret that the program polls with. */
  readonly hash: string;
  /** What the person reads and types. */
  readonly code: string;
  readonly state: 'waiting' | 'approved' | 'denied';
  readonly user: string | null;
  /** When the person who let it in last proved to be there. */
  readonly proved_at: number | null;
  readonly peer: string;
  readonly program: string;
  readonly ends_at: number;
}

/** A change that touches this service needs a second person; `*` is every change. */
export interface FourEyesRow {
  readonly domain: string;
  readonly service: string;
}
