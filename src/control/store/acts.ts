// Topic: acts on their way to the ledger, and the list of them that can be searched. The proof is the ledger's file, not this table.

import type { Db } from './db.ts';
import type { ActRow } from './rows/acts.ts';

/** Rows of one insert: thirteen values each, and SQLite takes 32,766. */
const CHUNK_ROWS = 500;

/** Puts acts into the outbox; in the transaction of what they tell of. */
export async function addActs(db: Db, rows: readonly ActRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS)
    await db
      .insertInto('acts')
      .values(rows.slice(from, from + CHUNK_ROWS))
      .execute();
}

export interface PendingQuery {
  readonly chain: string;
  /** Position of the last row of the page before. */
  readonly after: number;
  readonly limit: number;
}

/** Acts of a chain that are not in the ledger yet, oldest first. */
export function pendingActs(db: Db, { chain, after, limit }: PendingQuery): Promise<readonly ActRow[]> {
  return db
    .selectFrom('acts')
    .selectAll()
    .where('chain', '=', chain)
    .where('sequence', 'is', null)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute();
}

export interface RecordedAct {
  readonly id: string;
  readonly chain: string;
  readonly sequence: number;
  readonly hash: string;
}

/** Marks acts as recorded. The ledger has them on its disk by then. */
export async function markRecorded(db: Db, records: readonly RecordedAct[]): Promise<void> {
  for (const { id, chain, sequence, hash } of records)
    await db.updateTable('acts').set({ chain, sequence, hash }).where('id', '=', id).execute();
}

/** The newest record of a chain that the store knows of. */
export function newestRecordedAct(
  db: Db,
  chain: string,
): Promise<{ readonly sequence: number | null; readonly hash: string | null } | undefined> {
  return db
    .selectFrom('acts')
    .select(['sequence', 'hash'])
    .where('chain', '=', chain)
    .where('sequence', 'is not', null)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** A position behind all that the chain's acts have. */
export async function nextActPosition(db: Db, chain: string): Promise<number> {
  const row = await db
    .selectFrom('acts')
    .select(({ fn }) => fn.max('position').as('position'))
    .where('chain', '=', chain)
    .executeTakeFirst();
  return Number(row?.position ?? -1) + 1;
}

export interface Adoption {
  /** That takes them over. */
  readonly chain: string;
  /** Chains of controllers that live: theirs are theirs. */
  readonly living: readonly string[];
  readonly before: number;
  /** Positions for so many, behind all that the chain has; answers the first. */
  readonly reserve: (count: number) => number;
}

/**
 * Takes over acts noted before a time whose controller, or whose ledger, is gone. Gives how many. INVARIANT: of several that try at once one gets
 * an act, because it is taken from the chain that it was seen in.
 */
export async function adoptActs(db: Db, { chain, living, before, reserve }: Adoption): Promise<number> {
  const orphans = await db
    .selectFrom('acts')
    .select(['id', 'chain'])
    .where('chain', 'not in', [chain, ...living])
    .where('sequence', 'is', null)
    .where('at', '<', before)
    .orderBy('at')
    .orderBy('position')
    .limit(ADOPTED_MAX)
    .execute();
  let adopted = 0;
  const first = orphans.length === 0 ? 0 : reserve(orphans.length);
  for (const orphan of orphans) {
    const { numUpdatedRows } = await db
      .updateTable('acts')
      .set({ chain, position: first + adopted })
      .where('id', '=', orphan.id)
      .where('chain', '=', orphan.chain)
      .where('sequence', 'is', null)
      .executeTakeFirst();
    adopted += Number(numUpdatedRows);
  }
  return adopted;
}

/** As many as can wait: a controller whose ledger takes nothing makes no changes. */
const ADOPTED_MAX = 10_000;

export interface ActQuery {
  readonly limit: number;
  /** Of the last row of the page before. */
  readonly after: { readonly at: number; readonly id: string } | null;
  /** Milliseconds since 1970: from inclusive, to exclusive. */
  readonly from: number | null;
  readonly to: number | null;
  readonly actor: string | null;
  /** `policy` stands for `policy` and all of `policy.…`. */
  readonly action: string | null;
  readonly subject: string | null;
}

/** Acts of one domain, newest first. */
export function acts(db: Db, domain: string, query: ActQuery): Promise<readonly ActRow[]> {
  const { limit, after, from, to, actor, action, subject } = query;
  let rows = db.selectFrom('acts').selectAll().where('domain', '=', domain);
  if (from !== null) rows = rows.where('at', '>=', from);
  if (to !== null) rows = rows.where('at', '<', to);
  if (actor !== null) rows = rows.where((is) => is.or([is('actor_id', '=', actor), is('actor_name', '=', actor)]));
  if (action !== null)
    rows = rows.where((is) => is.or([is('action', '=', action), is('action', 'like', `${likeText(action)}.%`)]));
  if (subject !== null) rows = rows.where('subject', '=', subject);
  if (after !== null)
    rows = rows.where((is) =>
      is.or([is('at', '<', after.at), is.and([is('at', '=', after.at), is('id', '<', after.id)])]),
    );
  return rows.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

/** Names of actions hold no sign that LIKE reads as a pattern; a question that does finds nothing by it. */
function likeText(text: string): string {
  return text.replace(/[%_\\]/g, ' ');
}

/** Forgets recorded acts before a time, a bounded piece at once; the ledger keeps them. Gives how many. */
export async function sweepActs(db: Db, before: number): Promise<number> {
  const old = await db
    .selectFrom('acts')
    .select('id')
    .where('at', '<', before)
    .where('sequence', 'is not', null)
    .orderBy('at')
    .limit(CHUNK_ROWS)
    .execute();
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await db.deleteFrom('acts').where('id', 'in', ids).execute();
  return ids.length;
}
