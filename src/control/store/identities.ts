// Topic: enrolment tokens, identities, their certificates and names at the gate. Which of them may be is decided elsewhere.

import type { Db } from './db.ts';
import type { EnrolmentTokenRow, GateNameRow, IdentityRow, LeafRow } from './rows/authority.ts';

export interface KeyPage {
  /** Rows after this id. */
  readonly after: string;
  readonly limit: number;
}

export async function addToken(db: Db, row: EnrolmentTokenRow): Promise<void> {
  await db.insertInto('enrolment_tokens').values(row).execute();
}

export function tokensOf(db: Db, domain: string, { after, limit }: KeyPage): Promise<readonly EnrolmentTokenRow[]> {
  return db
    .selectFrom('enrolment_tokens')
    .selectAll()
    .where('domain', '=', domain)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Tokens that can still be used. */
export async function openTokenCount(db: Db, domain: string, now: number): Promise<number> {
  const row = await db
    .selectFrom('enrolment_tokens')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('domain', '=', domain)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export function tokenByHash(db: Db, domain: string, hash: string): Promise<EnrolmentTokenRow | undefined> {
  return db
    .selectFrom('enrolment_tokens')
    .selectAll()
    .where('domain', '=', domain)
    .where('hash', '=', hash)
    .executeTakeFirst();
}

/** Uses a token up. Of two that try at once, one gets true: the condition and the change are one statement. */
export async function useToken(
  db: Db,
  { domain, id }: Pick<EnrolmentTokenRow, 'domain' | 'id'>,
  use: { readonly at: number; readonly by: string },
): Promise<boolean> {
  const used = await db
    .updateTable('enrolment_tokens')
    .set({ used_at: use.at, used_by: use.by })
    .where('domain', '=', domain)
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', use.at)
    .returning('id')
    .executeTakeFirst();
  return used !== undefined;
}

/** False where there is no such token that could still be used. */
export async function revokeToken(db: Db, domain: string, id: string, at: number): Promise<boolean> {
  const revoked = await db
    .updateTable('enrolment_tokens')
    .set({ revoked_at: at })
    .where('domain', '=', domain)
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', at)
    .returning('id')
    .executeTakeFirst();
  return revoked !== undefined;
}

export function identityRow(db: Db, domain: string, id: string): Promise<IdentityRow | undefined> {
  return db.selectFrom('identities').selectAll().where('domain', '=', domain).where('id', '=', id).executeTakeFirst();
}

export function identitiesOf(db: Db, domain: string, { after, limit }: KeyPage): Promise<readonly IdentityRow[]> {
  return db
    .selectFrom('identities')
    .selectAll()
    .where('domain', '=', domain)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Puts an identity in, or in place of the one that was enrolled under the same id before. */
export async function putIdentity(db: Db, row: IdentityRow): Promise<void> {
  const { domain: _, id: __, ...rest } = row;
  await db
    .insertInto('identities')
    .values(row)
    .onConflict((on) => on.columns(['domain', 'id']).doUpdateSet(rest))
    .execute();
}

export type IdentityChange = Partial<Pick<IdentityRow, 'renewal_key' | 'serial' | 'not_after' | 'renewed_at'>>;

/**
 * Changes an identity that is not revoked; false where it is not there or is. Waits for whoever is changing it, and looks again after that:
 * so a certificate is never issued beside a revocation that is under way.
 */
export async function changeIdentity(db: Db, domain: string, id: string, change: IdentityChange): Promise<boolean> {
  const changed = await db
    .updateTable('identities')
    .set(change)
    .where('domain', '=', domain)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return changed !== undefined;
}

/** An id and what lies below its path: `/` is the character before `0`. */
function below(id: string): { readonly from: string; readonly to: string } {
  return { from: `${id}/`, to: `${id}0` };
}

/** Marks an identity, or one and all below it, as revoked (an instant) or not (null); those that are revoked by their own name stay so. */
export async function markIdentities(
  db: Db,
  of: { readonly domain: string; readonly id: string; readonly isSubtree: boolean },
  revokedAt: number | null,
): Promise<void> {
  const { from, to } = below(of.id);
  await db
    .updateTable('identities')
    .set({ revoked_at: revokedAt })
    .where('domain', '=', of.domain)
    .where((is) =>
      of.isSubtree
        ? is.or([is('id', '=', of.id), is.and([is('id', '>=', from), is('id', '<', to)])])
        : is('id', '=', of.id),
    )
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('revocations')
            .select('value')
            .where('domain', '=', of.domain)
            .where('kind', '=', 'identity')
            .whereRef('value', '=', 'identities.id'),
        ),
      ),
    )
    .execute();
}

export async function addLeaf(db: Db, row: LeafRow): Promise<void> {
  await db.insertInto('leaves').values(row).execute();
}

export function leafRow(db: Db, domain: string, serial: string): Promise<LeafRow | undefined> {
  return db
    .selectFrom('leaves')
    .selectAll()
    .where('domain', '=', domain)
    .where('serial', '=', serial)
    .executeTakeFirst();
}

/** Certificates that have not ended yet, of an identity or of one and all below it. */
export function liveLeaves(
  db: Db,
  of: {
    readonly domain: string;
    readonly id: string;
    readonly isSubtree: boolean;
    readonly now: number;
    readonly limit: number;
  },
): Promise<readonly LeafRow[]> {
  const { from, to } = below(of.id);
  return db
    .selectFrom('leaves')
    .selectAll()
    .where('domain', '=', of.domain)
    .where('not_after', '>', of.now)
    .where((is) =>
      of.isSubtree
        ? is.or([is('identity', '=', of.id), is.and([is('identity', '>=', from), is('identity', '<', to)])])
        : is('identity', '=', of.id),
    )
    .orderBy('not_after', 'desc')
    .limit(of.limit)
    .execute();
}

/** When the last certificate that a key issued ends; 0 where none lives. */
export async function lastLeafEnd(db: Db, domain: string, issuerKey: string): Promise<number> {
  const row = await db
    .selectFrom('leaves')
    .select((of) => of.fn.max('not_after').as('end'))
    .where('domain', '=', domain)
    .where('issuer_key', '=', issuerKey)
    .executeTakeFirst();
  return Number(row?.end ?? 0);
}

/** Notes that an agent trusts a bundle of this number; never goes back. */
export async function confirmBundle(db: Db, domain: string, id: string, sequence: number): Promise<void> {
  await db
    .updateTable('identities')
    .set({ bundle_sequence: sequence })
    .where('domain', '=', domain)
    .where('id', '=', id)
    .where('bundle_sequence', '<', sequence)
    .execute();
}

/** Identities with a certificate that lives, which have not confirmed a bundle of at least this number: first the oldest. */
export function behindBundle(
  db: Db,
  of: { readonly domain: string; readonly sequence: number; readonly now: number; readonly limit: number },
): Promise<readonly Pick<IdentityRow, 'id' | 'bundle_sequence'>[]> {
  return db
    .selectFrom('identities')
    .select(['id', 'bundle_sequence'])
    .where('domain', '=', of.domain)
    .where('revoked_at', 'is', null)
    .where('not_after', '>', of.now)
    .where('bundle_sequence', '<', of.sequence)
    .orderBy('bundle_sequence')
    .orderBy('id')
    .limit(of.limit)
    .execute();
}

export async function addGateName(db: Db, row: GateNameRow): Promise<void> {
  await db.insertInto('gate_names').values(row).execute();
}

export function gateNameRow(db: Db, pseudonym: string): Promise<GateNameRow | undefined> {
  return db.selectFrom('gate_names').selectAll().where('pseudonym', '=', pseudonym).executeTakeFirst();
}

/** Forgets what has ended before an instant: names at the gate, certificates, tokens. Identities stay until somebody removes them. */
export async function forgetEnded(db: Db, before: number): Promise<void> {
  await db.deleteFrom('gate_names').where('expires_at', '<', before).execute();
  await db.deleteFrom('leaves').where('not_after', '<', before).execute();
  await db.deleteFrom('enrolment_tokens').where('expires_at', '<', before).execute();
}
