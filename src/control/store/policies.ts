// Topic: the policy of each domain, as revisions that only go forward. Says which is in force, which waits, which came back. Not the check of a policy.

import type { Db } from './db.ts';
import type { PolicyHead, PolicyRevisionRow, RevisionState } from './rows/policies.ts';

/** A revision without its text: for lists. */
export type RevisionHead = Omit<PolicyRevisionRow, 'text'>;

/** Revisions kept of a domain: the oldest go, never what is in force, confirmed or waiting. The ledger keeps that they were. */
export const REVISIONS_MAX = 1_000;

const HEAD_COLUMNS = [
  'domain',
  'revision',
  'author_id',
  'author_name',
  'why',
  'at',
  'state',
  'restores',
  'session',
  'session_at',
  'needs_second',
  'ended_by',
  'ended_at',
] as const;

export interface Authored {
  readonly text: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly why: string;
  readonly at: number;
}

/** The first revision of a domain, confirmed from the beginning. False where the domain has a policy already. */
export async function beginPolicy(db: Db, domain: string, authored: Authored): Promise<boolean> {
  const made = await db
    .insertInto('policies')
    .values({ domain, revision: 1, confirmed: 1, pending: null, deadline: null })
    .onConflict((on) => on.column('domain').doNothing())
    .returning('domain')
    .executeTakeFirst();
  if (made === undefined) return false;
  await db
    .insertInto('policy_revisions')
    .values(rowOf(domain, authored, { revision: 1, state: 'confirmed', endedBy: authored.authorId }))
    .execute();
  return true;
}

export function policyHead(db: Db, domain: string): Promise<PolicyHead | undefined> {
  return db.selectFrom('policies').selectAll().where('domain', '=', domain).executeTakeFirst();
}

export interface DomainHead {
  readonly domain: string;
  readonly revision: number;
  readonly pending: number | null;
  readonly deadline: number | null;
  /** Of its quarantine list. */
  readonly sequence: number | null;
  readonly revocation_sequence: number | null;
  readonly bundle_sequence: number | null;
}

/** Where some domains stand, in one look; at most as many as a controller has. */
export async function domainHeads(db: Db, domains: readonly string[]): Promise<readonly DomainHead[]> {
  return (
    db
      .selectFrom('policies')
      .leftJoin('quarantine_lists', 'quarantine_lists.domain', 'policies.domain')
      .leftJoin('authorities', 'authorities.domain', 'policies.domain')
      .select([
        'policies.domain',
        'policies.revision',
        'policies.pending',
        'policies.deadline',
        'quarantine_lists.sequence',
        'authorities.revocation_sequence',
        'authorities.bundle_sequence',
      ])
      // Without any the database is asked all the same: its answer is what the asker wants.
      .where('policies.domain', 'in', domains.length === 0 ? [''] : domains)
      .orderBy('policies.domain')
      .execute()
  );
}

export function policyRevision(db: Db, domain: string, revision: number): Promise<PolicyRevisionRow | undefined> {
  return db
    .selectFrom('policy_revisions')
    .selectAll()
    .where('domain', '=', domain)
    .where('revision', '=', revision)
    .executeTakeFirst();
}

/** Newest first; those before a revision, where one is named. */
export function policyRevisions(
  db: Db,
  domain: string,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<readonly RevisionHead[]> {
  let query = db.selectFrom('policy_revisions').select(HEAD_COLUMNS).where('domain', '=', domain);
  if (before !== null) query = query.where('revision', '<', before);
  return query.orderBy('revision', 'desc').limit(limit).execute();
}

export interface NextRevision extends Authored {
  /** The revision that the author saw in force: the change is refused where another one is by now. */
  readonly after: number;
  /** When it goes back unless confirmed; null: confirmed at once. */
  readonly deadline: number | null;
  readonly session: string | null;
  readonly sessionAt: number | null;
  readonly needsSecond: boolean;
}

/** The new revision's number, or null where the policy moved on or something waits. Compare-and-set: of two at once, one wins. */
export async function applyRevision(db: Db, domain: string, next: NextRevision): Promise<number | null> {
  const revision = next.after + 1;
  const isWaiting = next.deadline !== null;
  const moved = await db
    .updateTable('policies')
    .set({
      revision,
      ...(isWaiting ? { pending: revision, deadline: next.deadline } : { confirmed: revision }),
    })
    .where('domain', '=', domain)
    .where('revision', '=', next.after)
    .where('pending', 'is', null)
    .returning('revision')
    .executeTakeFirst();
  if (moved === undefined) return null;
  if (!isWaiting) await supersede(db, domain, revision);
  const state = isWaiting ? 'pending' : 'confirmed';
  await db
    .insertInto('policy_revisions')
    .values({
      ...rowOf(domain, next, { revision, state, endedBy: isWaiting ? null : next.authorId }),
      session: next.session,
      session_at: next.sessionAt,
    })
    .execute();
  await sweep(db, domain, revision);
  return revision;
}

interface Ending {
  readonly revision: number;
  readonly by: string;
  readonly at: number;
}

/** Keeps what waits. False where it does not wait any more, or its time is over. */
export async function confirmRevision(db: Db, domain: string, { revision, by, at }: Ending): Promise<boolean> {
  const kept = await db
    .updateTable('policies')
    .set({ confirmed: revision, pending: null, deadline: null })
    .where('domain', '=', domain)
    .where('pending', '=', revision)
    .where('deadline', '>', at)
    .returning('domain')
    .executeTakeFirst();
  if (kept === undefined) return false;
  await supersede(db, domain, revision);
  await end(db, domain, { revision, by, at, state: 'confirmed' });
  return true;
}

/** What was confirmed before comes back as a new revision, whose number is answered; null where nothing waits of that number any more. */
export async function revertRevision(
  db: Db,
  domain: string,
  { revision, by, at, why, authorName }: Ending & { readonly why: string; readonly authorName: string },
): Promise<number | null> {
  const next = revision + 1;
  const before = await policyHead(db, domain);
  if (before === undefined) return null;
  const moved = await db
    .updateTable('policies')
    .set({ revision: next, confirmed: next, pending: null, deadline: null })
    .where('domain', '=', domain)
    .where('pending', '=', revision)
    .returning('domain')
    .executeTakeFirst();
  const confirmed = moved === undefined ? undefined : await policyRevision(db, domain, before.confirmed);
  if (confirmed === undefined) return null;
  await end(db, domain, { revision, by, at, state: 'reverted' });
  await supersede(db, domain, next);
  await db
    .insertInto('policy_revisions')
    .values({
      ...rowOf(
        domain,
        { text: confirmed.text, authorId: by, authorName, why, at },
        { revision: next, state: 'confirmed', endedBy: by },
      ),
      restores: confirmed.revision,
    })
    .execute();
  await sweep(db, domain, next);
  return next;
}

/** Those whose time is over: any controller takes them back. */
export function overduePolicies(db: Db, now: number): Promise<readonly PolicyHead[]> {
  return db
    .selectFrom('policies')
    .selectAll()
    .where('pending', 'is not', null)
    .where('deadline', '<=', now)
    .limit(OVERDUE_MAX)
    .execute();
}

/** How many domains have a change that waits. */
export async function waitingPolicies(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('policies')
    .select((of) => of.fn.countAll().as('count'))
    .where('pending', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** When the newest revision of any domain was made, or null. */
export async function newestRevisionAt(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('policy_revisions')
    .select((of) => of.fn.max('at').as('at'))
    .executeTakeFirst();
  return row?.at === null || row?.at === undefined ? null : Number(row.at);
}

/** The next deadline of any domain, or null. */
export async function nextDeadline(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('policies')
    .select('deadline')
    .where('deadline', 'is not', null)
    .orderBy('deadline')
    .limit(1)
    .executeTakeFirst();
  return row?.deadline ?? null;
}

/** Taken back in one round; the next round takes the rest. */
const OVERDUE_MAX = 100;

/** What was in force before is history now. */
async function supersede(db: Db, domain: string, by: number): Promise<void> {
  await db
    .updateTable('policy_revisions')
    .set({ state: 'superseded' })
    .where('domain', '=', domain)
    .where('state', '=', 'confirmed')
    .where('revision', '<', by)
    .execute();
}

async function end(
  db: Db,
  domain: string,
  { revision, by, at, state }: Ending & { readonly state: RevisionState },
): Promise<void> {
  await db
    .updateTable('policy_revisions')
    .set({ state, ended_by: by, ended_at: at })
    .where('domain', '=', domain)
    .where('revision', '=', revision)
    .execute();
}

async function sweep(db: Db, domain: string, newest: number): Promise<void> {
  await db
    .deleteFrom('policy_revisions')
    .where('domain', '=', domain)
    .where('revision', '<=', newest - REVISIONS_MAX)
    .where('state', 'in', ['reverted', 'superseded'])
    .execute();
}

function rowOf(
  domain: string,
  { text, authorId, authorName, why, at }: Authored,
  what: { readonly revision: number; readonly state: RevisionState; readonly endedBy: string | null },
): PolicyRevisionRow {
  return {
    domain,
    revision: what.revision,
    text,
    author_id: authorId,
    author_name: authorName,
    why,
    at,
    state: what.state,
    restores: null,
    session: null,
    session_at: null,
    needs_second: 0,
    ended_by: what.endedBy,
    ended_at: what.endedBy === null ? null : at,
  };
}
