// Identities as they are shown: who is enrolled, until when, with a renewal key or not, revoked or not. Not their change.

import { parseSpiffeId, upward } from '#identity';
import { type IdentityRow, identitiesOf, identityRow, liveRevocations } from '#store';
import type { Context } from './context.ts';
import { AuthorityError } from './trouble.ts';

export interface IdentityView {
  readonly id: string;
  readonly kind: string;
  readonly enrolledAt: number;
  /** Id of the token. */
  readonly enrolledWith: string;
  readonly hasRenewalKey: boolean;
  readonly serial: string;
  readonly notAfter: number;
  readonly renewedAt: number;
  /** Of the newest bundle that its agent has confirmed. */
  readonly bundleSequence: number;
  readonly revokedAt: number | null;
  /** expired: its last certificate ended and none was asked for since; by its renewal key it may come back. */
  readonly state: 'valid' | 'expired' | 'revoked';
}

export async function listIdentities(
  context: Context,
  domain: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly IdentityView[]> {
  const rows = await identitiesOf(context.store.db, domain, page);
  return rows.map((row) => viewOf(row, context.now()));
}

export async function showIdentity(
  context: Context,
  domain: string,
  id: string,
): Promise<IdentityView & { readonly revocations: readonly RevocationView[] }> {
  const row = await identityRow(context.store.db, domain, id);
  const parsed = parseSpiffeId(id);
  if (row === undefined || parsed.kind === 'refused')
    throw new AuthorityError({
      code: 'PICKET-C347',
      message: `identity ${JSON.stringify(id.slice(0, 512))} is not there; nothing was changed`,
      help: 'picket identities ls',
    });
  const all = await listRevocations(context, domain);
  const above = new Set(upward(parsed.value));
  const revocations = all.filter(
    ({ kind, value }) =>
      (kind === 'identity' && value === id) || (kind === 'subtree' && above.has(value)) || value === row.serial,
  );
  return { ...viewOf(row, context.now()), revocations };
}

function viewOf(row: IdentityRow, now: number): IdentityView {
  return {
    id: row.id,
    kind: row.kind,
    enrolledAt: row.enrolled_at,
    enrolledWith: row.enrolled_with,
    hasRenewalKey: row.renewal_key !== null,
    serial: row.serial,
    notAfter: row.not_after,
    renewedAt: row.renewed_at,
    bundleSequence: row.bundle_sequence,
    revokedAt: row.revoked_at,
    state: row.revoked_at !== null ? 'revoked' : row.not_after <= now ? 'expired' : 'valid',
  };
}

export interface RevocationView {
  readonly kind: 'serial' | 'identity' | 'subtree' | 'issuer';
  readonly value: string;
  readonly sequence: number;
  readonly at: number;
  readonly byName: string;
  readonly why: string;
}

/** Newest first; what is shown at once is bounded. */
const SHOWN_MAX = 1_000;

export async function listRevocations(context: Context, domain: string): Promise<readonly RevocationView[]> {
  // Everything that was said of identities, and of certificates that have not ended: from the epoch on, nothing is left out by its end.
  const rows = await liveRevocations(context.store.db, { domain, now: 0, limit: SHOWN_MAX });
  return rows.map(({ kind, value, sequence, at, by_name: byName, why }) => ({
    kind,
    value,
    sequence,
    at,
    byName,
    why,
  }));
}
