// The keys of a domain as rows: which is in use, which stand in the bundle, and opening the sealed ones. Not their making or rotation.

import { type BundleRoot, base64, fromBase64, readCertificate, type TrustBundle } from '#identity';
import {
  type AuthorityKeyPurpose,
  type AuthorityKeyRow,
  type AuthorityRow,
  authorityKeys,
  authorityRow,
  type Db,
} from '#store';
import { type Context, keepOpened } from './context.ts';
import { AuthorityError } from './trouble.ts';
import { pkcs8Of, type SigningKey, signingKeyFrom } from './x509.ts';

export interface DomainKeys extends AuthorityRow {
  readonly rows: readonly AuthorityKeyRow[];
}

export async function keysOf(db: Db, domain: string): Promise<DomainKeys> {
  const row = await authorityRow(db, domain);
  if (row === undefined)
    throw new AuthorityError({
      code: 'PICKET-C345',
      message: `domain ${JSON.stringify(domain)} has no authority here; nothing was changed`,
      help: 'see which domains there are: picket whoami',
    });
  return { ...row, rows: await authorityKeys(db, domain) };
}

/** The one in use. INVARIANT: a domain that was established has one of each purpose. */
export function activeKey({ rows, domain }: DomainKeys, purpose: AuthorityKeyPurpose): AuthorityKeyRow {
  const row = rows.find((one) => one.purpose === purpose && one.state === 'active');
  if (row !== undefined) return row;
  throw new AuthorityError({
    code: 'PICKET-C345',
    message: `domain ${JSON.stringify(domain)} has no ${purpose} key in use`,
  });
}

/** Roots or policy keys that agents shall trust now. */
export function trustedKeys({ rows }: DomainKeys, purpose: 'root' | 'policy'): readonly AuthorityKeyRow[] {
  return rows.filter((row) => row.purpose === purpose && row.state !== 'retired');
}

export function bundleOf(keys: DomainKeys): TrustBundle {
  return {
    domain: keys.domain,
    sequence: keys.bundle_sequence,
    roots: trustedKeys(keys, 'root').map(rootOf),
    policyKeys: trustedKeys(keys, 'policy').map(({ id, spki }) => ({ keyId: id, spki: bytesOf(spki) })),
  };
}

function rootOf(row: AuthorityKeyRow): BundleRoot {
  const certificate = readCertificate(bytesOf(row.certificate));
  if (certificate.kind === 'refused') throw damaged(row);
  const { signed_by: by, endorsement } = row;
  return {
    certificate: certificate.value,
    keyId: row.id,
    endorsement: by === null || endorsement === null ? null : { by, signature: bytesOf(endorsement) },
  };
}

/** Bytes of a column; whatever is no base64 was not written by us. */
export function bytesOf(text: string | null): Uint8Array {
  return (text === null ? null : fromBase64(text)) ?? new Uint8Array(0);
}

/** The private half of an issuing or policy key. */
export function openKey(context: Context, row: AuthorityKeyRow): SigningKey {
  const known = context.opened.get(row.id);
  if (known !== undefined) return known;
  const pkcs8 = row.sealed === null ? null : context.seal.open(row.sealed, labelOf(row));
  if (pkcs8 === null) throw damaged(row);
  return keepOpened(context, signingKeyFrom(pkcs8));
}

function damaged({ purpose, id, domain }: AuthorityKeyRow): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C341',
    message: `the ${purpose} key ${id.slice(0, 16)} of ${domain} in the database is damaged, or was sealed by another key`,
    help: 'put the database and the sealing key back from one backup',
  });
}

function labelOf({ domain, purpose, id }: Pick<AuthorityKeyRow, 'domain' | 'purpose' | 'id'>): string {
  return `${purpose} ${domain} ${id}`;
}

type KeyFacts = Pick<AuthorityKeyRow, 'domain' | 'purpose' | 'state' | 'made_at' | 'since_sequence'> &
  Partial<Pick<AuthorityKeyRow, 'signed_by' | 'endorsement' | 'not_after'>> & { readonly der?: Uint8Array };

/** The row of a new key; a root's private half is not in it. */
export function keyRow({ seal }: Context, key: SigningKey, { der, ...facts }: KeyFacts): AuthorityKeyRow {
  const { domain, purpose } = facts;
  return {
    signed_by: null,
    endorsement: null,
    not_after: null,
    ...facts,
    id: key.keyId,
    spki: base64(key.spki),
    certificate: der === undefined ? null : base64(der),
    sealed: purpose === 'root' ? null : seal.close(pkcs8Of(key), labelOf({ domain, purpose, id: key.keyId })),
    used_until: null,
  };
}
