// Rows of the topic authority: keys, tokens, identities, certificates, revocations, names at the gate. Times are epoch milliseconds; keys and certificates base64 DER.

export interface AuthorityTables {
  readonly authorities: AuthorityRow;
  readonly authority_keys: AuthorityKeyRow;
  readonly enrolment_tokens: EnrolmentTokenRow;
  readonly identities: IdentityRow;
  readonly leaves: LeafRow;
  readonly revocations: RevocationRow;
  readonly gate_names: GateNameRow;
}

/** Sequence numbers of a domain: both only grow. */
export interface AuthorityRow {
  readonly domain: string;
  readonly bundle_sequence: number;
  readonly revocation_sequence: number;
}

/** root: in the bundle, its private key in a file apart. issuing: makes leaves. policy: signs policies. */
export type AuthorityKeyPurpose = 'root' | 'issuing' | 'policy';
/** published: known to agents, not used yet. active: in use, one of each purpose. retiring: still trusted, no longer used. retired: out. */
export type AuthorityKeyState = 'published' | 'active' | 'retiring' | 'retired';

export interface AuthorityKeyRow {
  readonly domain: string;
  /** SHA-256 of the public key, hexadecimal. */
  readonly id: string;
  readonly purpose: AuthorityKeyPurpose;
  readonly state: AuthorityKeyState;
  readonly spki: string;
  /** Null for policy keys. */
  readonly certificate: string | null;
  /** Private key, sealed; null for roots. */
  readonly sealed: string | null;
  /** The root that signed it: certificate of an issuing key, endorsement of a root; null for a first root and for policy keys. */
  readonly signed_by: string | null;
  readonly endorsement: string | null;
  readonly not_after: number | null;
  readonly made_at: number;
  /** Sequence of the bundle in which it first stood. */
  readonly since_sequence: number;
  /** Until when the certificates that it made may live; null while it is in use. */
  readonly used_until: number | null;
}

export interface EnrolmentTokenRow {
  readonly domain: string;
  readonly id: string;
  /** SHA-256 of the token, hexadecimal. The token itself is nowhere. */
  readonly hash: string;
  readonly kind: string;
  readonly path: string;
  /** 1: good for a path below `path`, not for `path` itself. */
  readonly is_prefix: number;
  readonly made_by: string;
  readonly made_by_name: string;
  readonly made_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
  /** The identity that was enrolled with it. */
  readonly used_by: string | null;
  readonly revoked_at: number | null;
}

export interface IdentityRow {
  readonly domain: string;
  /** spiffe://… */
  readonly id: string;
  readonly kind: string;
  readonly enrolled_at: number;
  /** Id of the token. */
  readonly enrolled_with: string;
  /** Public key that may ask for a new leaf after the old one ended; null where the kind has none or it was revoked. */
  readonly renewal_key: string | null;
  /** The newest leaf. */
  readonly serial: string;
  readonly not_after: number;
  readonly renewed_at: number;
  /** Newest bundle that its agent has confirmed. */
  readonly bundle_sequence: number;
  readonly revoked_at: number | null;
}

export interface LeafRow {
  readonly domain: string;
  readonly serial: string;
  readonly identity: string;
  readonly issuer_key: string;
  readonly not_before: number;
  readonly not_after: number;
}

export interface RevocationRow {
  readonly domain: string;
  readonly kind: 'serial' | 'identity' | 'subtree' | 'issuer';
  readonly value: string;
  readonly sequence: number;
  readonly at: number;
  /** From when no certificate is left that it stops, so that agents need not be told any more. */
  readonly until: number;
  readonly by_id: string;
  readonly by_name: string;
  readonly why: string;
}

/** By which name of the gate an element is known until its leaf ends. */
export interface GateNameRow {
  readonly pseudonym: string;
  readonly domain: string;
  readonly identity: string;
  readonly expires_at: number;
}
