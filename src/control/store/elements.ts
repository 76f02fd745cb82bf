// Topic: what agents saw of elements, newcomers that are none yet, and rules that they propose. What elements are is in the policy, not here.

import type { Db } from './db.ts';
import type { ElementSeenRow, NewcomerSeenRow, ProposalRow, ProposalState } from './rows/elements.ts';

/** Rows of one insert: far below the 32,766 values that SQLite takes in one statement. */
const CHUNK_ROWS = 500;

/**
 * Rows kept of each domain. A further newcomer or proposal waits until one that is there was decided or is forgotten: made-up neighbours must
 * not push out those who are there. Elements are as many as a policy may name, each seen by a few agents.
 */
export const NEWCOMERS_MAX = 10_000;
export const PROPOSALS_MAX = 10_000;
const SEEN_MAX = 100_000;

export async function noteElementsSeen(
  db: Db,
  domain: string,
  rows: readonly Omit<ElementSeenRow, 'domain'>[],
): Promise<void> {
  for (const part of chunks(
    await withRoom(db, { table: 'elements_seen', key: 'element', domain, max: SEEN_MAX }, rows),
  ))
    await db
      .insertInto('elements_seen')
      .values(part.map((row) => ({ ...row, domain })))
      .onConflict((on) =>
        on.columns(['domain', 'element', 'agent']).doUpdateSet((set) => ({ last_seen: set.ref('excluded.last_seen') })),
      )
      .execute();
}

export interface SeenSpan {
  readonly element: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** When each of the elements was seen, by whichever agent. */
export async function elementsSeen(
  db: Db,
  domain: string,
  elements: readonly string[],
): Promise<ReadonlyMap<string, SeenSpan>> {
  const spans = new Map<string, SeenSpan>();
  for (const part of chunks(elements)) {
    const rows = await db
      .selectFrom('elements_seen')
      .select((of) => ['element', of.fn.min('first_seen').as('first'), of.fn.max('last_seen').as('last')])
      .where('domain', '=', domain)
      .where('element', 'in', part)
      .groupBy('element')
      .execute();
    for (const { element, first, last } of rows)
      spans.set(element, { element, firstSeen: Number(first), lastSeen: Number(last) });
  }
  return spans;
}

export async function noteNewcomers(
  db: Db,
  domain: string,
  rows: readonly Omit<NewcomerSeenRow, 'domain'>[],
): Promise<void> {
  for (const part of chunks(await withRoom(db, { table: 'newcomers', key: 'id', domain, max: NEWCOMERS_MAX }, rows)))
    await db
      .insertInto('newcomers')
      .values(part.map((row) => ({ ...row, domain })))
      .onConflict((on) =>
        on.columns(['domain', 'id']).doUpdateSet((set) => ({
          agent: set.ref('excluded.agent'),
          addresses: set.ref('excluded.addresses'),
          names: set.ref('excluded.names'),
          interface: set.ref('excluded.interface'),
          last_seen: set.ref('excluded.last_seen'),
        })),
      )
      .execute();
}

export interface PageQuery {
  /** Id of the last row of the page before, or null. */
  readonly after: string | null;
  readonly limit: number;
}

/** In the order of their ids. */
export function newcomers(db: Db, domain: string, { after, limit }: PageQuery): Promise<readonly NewcomerSeenRow[]> {
  let query = db.selectFrom('newcomers').selectAll().where('domain', '=', domain);
  if (after !== null) query = query.where('id', '>', after);
  return query.orderBy('id').limit(limit).execute();
}

/** By id, or MAC. */
export function newcomer(db: Db, domain: string, id: string): Promise<NewcomerSeenRow | undefined> {
  return db
    .selectFrom('newcomers')
    .selectAll()
    .where('domain', '=', domain)
    .where((is) => is.or([is('id', '=', id), is('mac', '=', id.toLowerCase())]))
    .executeTakeFirst();
}

export async function forgetNewcomer(db: Db, domain: string, id: string): Promise<void> {
  await db.deleteFrom('newcomers').where('domain', '=', domain).where('id', '=', id).execute();
}

/** A rejected proposal stays rejected, however often it comes again. */
export async function noteProposals(
  db: Db,
  domain: string,
  rows: readonly Omit<ProposalRow, 'domain' | 'state' | 'decided_by' | 'decided_at'>[],
): Promise<void> {
  const fresh = { domain, state: 'open', decided_by: null, decided_at: null } as const;
  for (const part of chunks(await withRoom(db, { table: 'proposals', key: 'id', domain, max: PROPOSALS_MAX }, rows)))
    await db
      .insertInto('proposals')
      .values(part.map((row) => ({ ...row, ...fresh })))
      .onConflict((on) =>
        on.columns(['domain', 'id']).doUpdateSet((set) => ({
          json: set.ref('excluded.json'),
          evidence: set.ref('excluded.evidence'),
          last_seen: set.ref('excluded.last_seen'),
        })),
      )
      .execute();
}

export function proposals(
  db: Db,
  domain: string,
  { after, limit, state }: PageQuery & { readonly state: ProposalState },
): Promise<readonly ProposalRow[]> {
  let query = db.selectFrom('proposals').selectAll().where('domain', '=', domain).where('state', '=', state);
  if (after !== null) query = query.where('id', '>', after);
  return query.orderBy('id').limit(limit).execute();
}

export function proposal(db: Db, domain: string, id: string): Promise<ProposalRow | undefined> {
  return db.selectFrom('proposals').selectAll().where('domain', '=', domain).where('id', '=', id).executeTakeFirst();
}

/** False where it was decided already. */
export async function decideProposal(
  db: Db,
  domain: string,
  {
    id,
    state,
    by,
    at,
  }: { readonly id: string; readonly state: ProposalState; readonly by: string; readonly at: number },
): Promise<boolean> {
  const row = await db
    .updateTable('proposals')
    .set({ state, decided_by: by, decided_at: at })
    .where('domain', '=', domain)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** What was not seen for so long is forgotten; open proposals and newcomers alike. */
export async function forgetUnseen(db: Db, before: number): Promise<void> {
  await db.deleteFrom('newcomers').where('last_seen', '<', before).execute();
  await db.deleteFrom('proposals').where('last_seen', '<', before).execute();
  await db.deleteFrom('elements_seen').where('last_seen', '<', before).execute();
}

type Bounded =
  | { readonly table: 'elements_seen'; readonly key: 'element'; readonly domain: string; readonly max: number }
  | { readonly table: 'newcomers' | 'proposals'; readonly key: 'id'; readonly domain: string; readonly max: number };

/** The rows without new ones that find no room. Counted only where there is a new one. */
async function withRoom<Row extends { readonly element: string } | { readonly id: string }>(
  db: Db,
  { table, domain, max }: Bounded,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const known = await knownIds(db, { table, domain }, rows.map(idOf));
  const isNew = (row: Row): boolean => !known.has(idOf(row));
  if (!rows.some(isNew)) return rows;
  const { count } = await db
    .selectFrom(table)
    .select((of) => of.fn.countAll().as('count'))
    .where('domain', '=', domain)
    .executeTakeFirstOrThrow();
  let room = max - Number(count);
  return rows.filter((row) => !isNew(row) || room-- > 0);
}

function idOf(row: { readonly element: string } | { readonly id: string }): string {
  return 'id' in row ? row.id : row.element;
}

async function knownIds(
  db: Db,
  { table, domain }: { readonly table: Bounded['table']; readonly domain: string },
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const part of chunks(ids)) {
    const rows =
      table === 'elements_seen'
        ? await db
            .selectFrom(table)
            .select('element as id')
            .where('domain', '=', domain)
            .where('element', 'in', part)
            .execute()
        : await db.selectFrom(table).select('id').where('domain', '=', domain).where('id', 'in', part).execute();
    for (const { id } of rows) known.add(id);
  }
  return known;
}

function chunks<Value>(rows: readonly Value[]): readonly (readonly Value[])[] {
  const parts: (readonly Value[])[] = [];
  for (let at = 0; at < rows.length; at += CHUNK_ROWS) parts.push(rows.slice(at, at + CHUNK_ROWS));
  return parts;
}
