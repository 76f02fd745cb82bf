// Topic: what agents saw of elements, and newcomers that are none yet. What elements are is in the policy, and what agents propose in proposals.ts.

import { chunks } from './chunks.ts';
import type { Db } from './db.ts';
import type { ElementSeenRow, NewcomerSeenRow } from './rows/elements.ts';

/**
 * Rows kept of each domain. A further newcomer waits until one that is there was taken in or is forgotten: made-up neighbours must
 * not push out those who are there. Elements are as many as a policy may name, each seen by a few agents.
 */
export const NEWCOMERS_MAX = 10_000;
const SEEN_MAX = 100_000;

export async function noteElementsSeen(
  db: Db,
  domain: string,
  rows: readonly Omit<ElementSeenRow, 'domain'>[],
): Promise<void> {
  for (const part of chunks(await withRoom(db, { table: 'elements_seen', domain, agent: null, max: SEEN_MAX }, rows)))
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

/** Newcomers of one agent: as many as its inbox holds. Others find room beside an agent that makes them up. */
export const NEWCOMERS_PER_AGENT_MAX = 4_096;

/** What one agent says of a newcomer another one changes only when the first has not seen it for so long. */
const NEWCOMER_OWN_MS = 3_600_000;

/** Each newcomer once, of one agent. */
export async function noteNewcomers(
  db: Db,
  domain: string,
  { agent, rows }: { readonly agent: string; readonly rows: readonly Omit<NewcomerSeenRow, 'domain' | 'agent'>[] },
): Promise<void> {
  for (const part of chunks(await withRoom(db, { table: 'newcomers', domain, agent, max: NEWCOMERS_MAX }, rows)))
    await db
      .insertInto('newcomers')
      .values(part.map((row) => ({ ...row, domain, agent })))
      .onConflict((on) =>
        on
          .columns(['domain', 'id'])
          .doUpdateSet((set) => ({
            agent: set.ref('excluded.agent'),
            addresses: set.ref('excluded.addresses'),
            names: set.ref('excluded.names'),
            interface: set.ref('excluded.interface'),
            last_seen: set.ref('excluded.last_seen'),
          }))
          .where((is) =>
            is.or([
              is('newcomers.agent', '=', is.ref('excluded.agent')),
              is('newcomers.last_seen', '<', is(is.ref('excluded.last_seen'), '-', NEWCOMER_OWN_MS)),
            ]),
          ),
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

/** What was not seen for so long is forgotten. */
export async function forgetUnseen(db: Db, before: number): Promise<void> {
  await db.deleteFrom('newcomers').where('last_seen', '<', before).execute();
  await db.deleteFrom('elements_seen').where('last_seen', '<', before).execute();
}

interface Bounded {
  readonly table: 'elements_seen' | 'newcomers';
  readonly domain: string;
  /** Whose rows are bounded by themselves as well; null where nobody's are. */
  readonly agent: string | null;
  readonly max: number;
}

/** The rows without new ones that find no room. Counted only where there is a new one. */
async function withRoom<Row extends { readonly element: string } | { readonly id: string }>(
  db: Db,
  { table, domain, agent, max }: Bounded,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const known = await knownIds(db, { table, domain }, rows.map(idOf));
  const isNew = (row: Row): boolean => !known.has(idOf(row));
  if (!rows.some(isNew)) return rows;
  const all = db
    .selectFrom(table)
    .select((of) => of.fn.countAll().as('count'))
    .where('domain', '=', domain);
  const { count } = await all.executeTakeFirstOrThrow();
  const own = agent === null ? null : await all.where('agent', '=', agent).executeTakeFirstOrThrow();
  let room = Math.min(max - Number(count), own === null ? max : NEWCOMERS_PER_AGENT_MAX - Number(own.count));
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
