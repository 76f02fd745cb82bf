// Topic: findings of agents, what of them is muted, and elements in quarantine. A finding is never a denial; a quarantine is made by somebody.

import type { Db } from './db.ts';
import type { FindingSeenRow, FindingState, MuteRow, QuarantineRow } from './rows/findings.ts';

/** Findings kept of a domain. A further one takes the place of the one that was told longest ago. */
export const FINDINGS_MAX = 50_000;
export const MUTES_MAX = 1_000;
/** Elements in quarantine at once, of a domain: as many as one list to the agents holds. */
export const QUARANTINES_MAX = 10_000;

const CHUNK_ROWS = 500;

export type ToldFinding = Omit<
  FindingSeenRow,
  'domain' | 'count' | 'first_seen' | 'last_seen' | 'state' | 'acked_by' | 'acked_at'
> & {
  readonly at: number;
};

/** One that was acknowledged and is told again stays acknowledged: its count and time say that it goes on. */
export async function noteFindings(db: Db, domain: string, told: readonly ToldFinding[]): Promise<void> {
  for (let from = 0; from < told.length; from += CHUNK_ROWS) {
    const rows = merged(told.slice(from, from + CHUNK_ROWS)).map(({ at, times, ...row }) => ({
      ...row,
      domain,
      count: times,
      first_seen: at,
      last_seen: at,
      state: 'open' as const,
      acked_by: null,
      acked_at: null,
    }));
    if (rows.length === 0) continue;
    await db
      .insertInto('findings')
      .values(rows)
      .onConflict((on) =>
        on.columns(['domain', 'id']).doUpdateSet((set) => ({
          agent: set.ref('excluded.agent'),
          evidence: set.ref('excluded.evidence'),
          action: set.ref('excluded.action'),
          severity: set.ref('excluded.severity'),
          element: set.ref('excluded.element'),
          last_seen: set.ref('excluded.last_seen'),
          count: set('findings.count', '+', set.ref('excluded.count')),
        })),
      )
      .execute();
  }
}

/** A row stands once in one insert. */
function merged(told: readonly ToldFinding[]): readonly (ToldFinding & { readonly times: number })[] {
  const rows = new Map<string, ToldFinding & { readonly times: number }>();
  for (const one of told) rows.set(one.id, { ...one, times: (rows.get(one.id)?.times ?? 0) + 1 });
  return [...rows.values()];
}

/** The oldest beyond the bound go. */
export async function sweepFindings(db: Db, domain: string): Promise<void> {
  const beyond = await db
    .selectFrom('findings')
    .select(['last_seen'])
    .where('domain', '=', domain)
    .orderBy('last_seen', 'desc')
    .offset(FINDINGS_MAX)
    .limit(1)
    .executeTakeFirst();
  if (beyond === undefined) return;
  await db.deleteFrom('findings').where('domain', '=', domain).where('last_seen', '<=', beyond.last_seen).execute();
}

export interface FindingQuery {
  readonly limit: number;
  /** Of the last row of the page before. */
  readonly after: { readonly at: number; readonly id: string } | null;
  readonly state: FindingState | null;
  /** Muted ones are left out unless asked for. */
  readonly isWithMuted: boolean;
  readonly now: number;
}

/** Those told last come first. */
export function findings(db: Db, domain: string, query: FindingQuery): Promise<readonly FindingSeenRow[]> {
  const { limit, after, state, isWithMuted, now } = query;
  let rows = db.selectFrom('findings').selectAll().where('domain', '=', domain);
  if (state !== null) rows = rows.where('state', '=', state);
  if (after !== null)
    rows = rows.where((is) =>
      is.or([is('last_seen', '<', after.at), is.and([is('last_seen', '=', after.at), is('id', '>', after.id)])]),
    );
  if (!isWithMuted)
    rows = rows.where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('mutes')
            .select('mutes.id')
            .whereRef('mutes.domain', '=', 'findings.domain')
            .whereRef('mutes.id', '=', 'findings.id')
            .where('mutes.until', '>', now),
        ),
      ),
    );
  return rows.orderBy('last_seen', 'desc').orderBy('id').limit(limit).execute();
}

export function finding(db: Db, domain: string, id: string): Promise<FindingSeenRow | undefined> {
  return db.selectFrom('findings').selectAll().where('domain', '=', domain).where('id', '=', id).executeTakeFirst();
}

export async function acknowledgeFinding(
  db: Db,
  domain: string,
  { id, by, at }: { readonly id: string; readonly by: string; readonly at: number },
): Promise<void> {
  await db
    .updateTable('findings')
    .set({ state: 'acknowledged', acked_by: by, acked_at: at })
    .where('domain', '=', domain)
    .where('id', '=', id)
    .execute();
}

/** False where there are too many. */
export async function muteFinding(db: Db, mute: MuteRow): Promise<boolean> {
  const { domain, until, why, by, at } = mute;
  const all = await mutes(db, domain, at);
  if (all.length >= MUTES_MAX && !all.some(({ id }) => id === mute.id)) return false;
  await db
    .insertInto('mutes')
    .values(mute)
    .onConflict((on) => on.columns(['domain', 'id']).doUpdateSet({ until, why, by, at }))
    .execute();
  return true;
}

export async function unmuteFinding(db: Db, domain: string, id: string): Promise<boolean> {
  const row = await db
    .deleteFrom('mutes')
    .where('domain', '=', domain)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export function mutes(db: Db, domain: string, now: number): Promise<readonly MuteRow[]> {
  return db
    .selectFrom('mutes')
    .selectAll()
    .where('domain', '=', domain)
    .where('until', '>', now)
    .orderBy('until')
    .limit(MUTES_MAX)
    .execute();
}

export async function forgetMutes(db: Db, now: number): Promise<void> {
  await db.deleteFrom('mutes').where('until', '<=', now).execute();
}

export interface QuarantineList {
  readonly sequence: number;
  readonly rows: readonly QuarantineRow[];
}

/** The whole list as agents get it. */
export async function quarantineList(db: Db, domain: string): Promise<QuarantineList> {
  const list = await db.selectFrom('quarantine_lists').selectAll().where('domain', '=', domain).executeTakeFirst();
  const rows = await db
    .selectFrom('quarantines')
    .selectAll()
    .where('domain', '=', domain)
    .orderBy('element')
    .limit(QUARANTINES_MAX)
    .execute();
  return { sequence: list?.sequence ?? 0, rows };
}

/** The list's new sequence, or null where there are too many. A second one of the same element takes the place of the first. */
export async function putQuarantine(db: Db, row: QuarantineRow): Promise<number | null> {
  const { domain, since, until, reason, by } = row;
  const sequence = await nextSequence(db, domain);
  const { rows } = await quarantineList(db, domain);
  if (rows.length >= QUARANTINES_MAX && !rows.some(({ element }) => element === row.element)) return null;
  await db
    .insertInto('quarantines')
    .values(row)
    .onConflict((on) => on.columns(['domain', 'element']).doUpdateSet({ since, until, reason, by }))
    .execute();
  return sequence;
}

/** The list's new sequence, or null where the element is in none. */
export async function endQuarantine(db: Db, domain: string, element: string): Promise<number | null> {
  const sequence = await nextSequence(db, domain);
  const row = await db
    .deleteFrom('quarantines')
    .where('domain', '=', domain)
    .where('element', '=', element)
    .returning('element')
    .executeTakeFirst();
  return row === undefined ? null : sequence;
}

/** Those whose time is over, of any domain. */
export function expiredQuarantines(db: Db, now: number): Promise<readonly QuarantineRow[]> {
  return db
    .selectFrom('quarantines')
    .selectAll()
    .where('until', '<=', now)
    .orderBy('until')
    .limit(EXPIRED_MAX)
    .execute();
}

export async function nextQuarantineEnd(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('quarantines')
    .select('until')
    .where('until', 'is not', null)
    .orderBy('until')
    .limit(1)
    .executeTakeFirst();
  return row?.until ?? null;
}

/** Released in one round; the next round releases the rest. */
const EXPIRED_MAX = 1_000;

/** Also holds the list's row until the transaction ends, so that two changes at once are one after the other. */
async function nextSequence(db: Db, domain: string): Promise<number> {
  const row = await db
    .insertInto('quarantine_lists')
    .values({ domain, sequence: 1 })
    .onConflict((on) =>
      on.column('domain').doUpdateSet((set) => ({ sequence: set('quarantine_lists.sequence', '+', 1) })),
    )
    .returning('sequence')
    .executeTakeFirstOrThrow();
  return row.sequence;
}
