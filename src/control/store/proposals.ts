// Topic: what agents would add to the policy. A proposal is its content, so that agents that learned the same tell of one; what each said of it is its own
// telling. Not the decision, which is a change of the policy.

import { chunks } from './chunks.ts';
import type { Db } from './db.ts';
import type { PageQuery } from './elements.ts';
import type { ProposalRow, ProposalSection, ProposalState, ProposalTellingRow } from './rows/elements.ts';

/** Proposals of a domain. A further one waits until others were decided on or are forgotten. */
export const PROPOSALS_MAX = 10_000;

/** Entries that one agent proposes at once: as many as a site of some hundred elements has. Others find room beside an agent that makes them up. */
export const PROPOSALS_PER_AGENT_MAX = 2_000;

export interface ToldProposal {
  readonly id: string;
  readonly section: ProposalSection;
  readonly entry: string;
  readonly json: string;
  readonly evidence: string;
  readonly first_seen: number;
  readonly last_seen: number;
}

export interface Telling {
  readonly agent: string;
  /** In force on the agent when it told. */
  readonly revision: number;
  /** Each entry once. */
  readonly rows: readonly ToldProposal[];
}

/**
 * What was rejected stays rejected, also where its agent tells the entry with other fields. What was accepted and is told by an agent that has the
 * revision in force is open again: it is not in the policy any more.
 */
export async function noteProposals(db: Db, domain: string, { agent, revision, rows }: Telling): Promise<void> {
  if (rows.length === 0) return;
  const before = await tellingsOf(db, domain, agent);
  const kept = await withRoom(db, domain, roomOfAgent(before, rows));
  const replaced = kept.flatMap((row) => {
    const was = before.get(keyOf(row));
    return was === undefined || was.proposal === row.id ? [] : [{ row, was: was.proposal }];
  });
  const rejected = await rejections(
    db,
    domain,
    replaced.map(({ was }) => was),
  );
  const inherited = new Map(replaced.map(({ row, was }) => [row.id, rejected.get(was)]));
  for (const part of chunks(kept)) {
    await insertProposals(
      db,
      part.map((row) => freshRow({ domain, agent, row, rejected: inherited.get(row.id) })),
    );
    await insertTellings(
      db,
      part.map((row) => tellingRow({ domain, agent, row })),
    );
    await reopen(db, domain, { ids: part.map(({ id }) => id), revision });
  }
  for (const part of chunks(replaced)) await dropUntold(db, domain, { ids: part.map(({ was }) => was) });
}

function keyOf({ section, entry }: { readonly section: string; readonly entry: string }): string {
  return `${section} ${entry}`;
}

async function tellingsOf(db: Db, domain: string, agent: string): Promise<ReadonlyMap<string, ProposalTellingRow>> {
  const rows = await db
    .selectFrom('proposal_tellings')
    .selectAll()
    .where('domain', '=', domain)
    .where('agent', '=', agent)
    .limit(PROPOSALS_PER_AGENT_MAX)
    .execute();
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function roomOfAgent(
  before: ReadonlyMap<string, ProposalTellingRow>,
  rows: readonly ToldProposal[],
): readonly ToldProposal[] {
  let room = PROPOSALS_PER_AGENT_MAX - before.size;
  return rows.filter((row) => before.has(keyOf(row)) || room-- > 0);
}

/** The rows without new ones that find no room in the domain. Counted only where there is a new one. */
async function withRoom(db: Db, domain: string, rows: readonly ToldProposal[]): Promise<readonly ToldProposal[]> {
  const known = new Set<string>();
  for (const part of chunks(rows)) {
    const ids = part.map(({ id }) => id);
    const found = await db
      .selectFrom('proposals')
      .select('id')
      .where('domain', '=', domain)
      .where('id', 'in', ids)
      .execute();
    for (const { id } of found) known.add(id);
  }
  if (rows.every(({ id }) => known.has(id))) return rows;
  const { count } = await db
    .selectFrom('proposals')
    .select((of) => of.fn.countAll().as('count'))
    .where('domain', '=', domain)
    .executeTakeFirstOrThrow();
  let room = PROPOSALS_MAX - Number(count);
  return rows.filter(({ id }) => known.has(id) || room-- > 0);
}

type Rejection = Pick<ProposalRow, 'decided_by' | 'decided_at'>;

async function rejections(db: Db, domain: string, ids: readonly string[]): Promise<ReadonlyMap<string, Rejection>> {
  const found = new Map<string, Rejection>();
  for (const part of chunks(ids)) {
    const rows = await db
      .selectFrom('proposals')
      .select(['id', 'decided_by', 'decided_at'])
      .where('domain', '=', domain)
      .where('id', 'in', part)
      .where('state', '=', 'rejected')
      .execute();
    for (const { id, ...rest } of rows) found.set(id, rest);
  }
  return found;
}

interface Told {
  readonly domain: string;
  readonly agent: string;
  readonly row: ToldProposal;
}

function freshRow({ domain, agent, row, rejected }: Told & { rejected: Rejection | undefined }): ProposalRow {
  const decision = rejected ?? { decided_by: null, decided_at: null };
  return { ...row, domain, agent, state: rejected === undefined ? 'open' : 'rejected', ...decision, revision: null };
}

function tellingRow({ domain, agent, row }: Told): ProposalTellingRow {
  const { id, section, entry, evidence, first_seen, last_seen } = row;
  return { domain, agent, section, entry, proposal: id, evidence, first_seen, last_seen };
}

async function insertProposals(db: Db, rows: readonly ProposalRow[]): Promise<void> {
  await db
    .insertInto('proposals')
    .values(rows)
    .onConflict((on) =>
      on.columns(['domain', 'id']).doUpdateSet((set) => ({
        evidence: set
          .case()
          .when('proposals.agent', '=', set.ref('excluded.agent'))
          .then(set.ref('excluded.evidence'))
          .else(set.ref('proposals.evidence'))
          .end(),
        last_seen: set
          .case()
          .when('proposals.last_seen', '<', set.ref('excluded.last_seen'))
          .then(set.ref('excluded.last_seen'))
          .else(set.ref('proposals.last_seen'))
          .end(),
      })),
    )
    .execute();
}

async function insertTellings(db: Db, rows: readonly ProposalTellingRow[]): Promise<void> {
  await db
    .insertInto('proposal_tellings')
    .values(rows)
    .onConflict((on) =>
      on.columns(['domain', 'agent', 'section', 'entry']).doUpdateSet((set) => ({
        proposal: set.ref('excluded.proposal'),
        evidence: set.ref('excluded.evidence'),
        last_seen: set.ref('excluded.last_seen'),
      })),
    )
    .execute();
}

interface Some {
  readonly ids: readonly string[];
}

async function reopen(db: Db, domain: string, { ids, revision }: Some & { readonly revision: number }): Promise<void> {
  await db
    .updateTable('proposals')
    .set({ state: 'open', decided_by: null, decided_at: null, revision: null })
    .where('domain', '=', domain)
    .where('id', 'in', ids)
    .where('state', '=', 'accepted')
    .where('revision', '<=', revision)
    .execute();
}

/** What is open and nobody tells any more: its agents say something else by now. */
async function dropUntold(db: Db, domain: string, { ids }: Some): Promise<void> {
  await db
    .deleteFrom('proposals')
    .where('domain', '=', domain)
    .where('id', 'in', ids)
    .where('state', '=', 'open')
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('proposal_tellings')
            .select('proposal_tellings.proposal')
            .whereRef('proposal_tellings.domain', '=', 'proposals.domain')
            .whereRef('proposal_tellings.proposal', '=', 'proposals.id'),
        ),
      ),
    )
    .execute();
}

/** In the order of their ids. */
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

/** Agents named of one proposal. */
const TELLERS_MAX = 16;

/** Who tells of it, whoever told first first. */
export function tellersOf(db: Db, domain: string, id: string): Promise<readonly ProposalTellingRow[]> {
  return db
    .selectFrom('proposal_tellings')
    .selectAll()
    .where('domain', '=', domain)
    .where('proposal', '=', id)
    .orderBy('first_seen')
    .orderBy('agent')
    .limit(TELLERS_MAX)
    .execute();
}

/** How many agents tell of each. */
export async function tellerCounts(
  db: Db,
  domain: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const part of chunks(ids)) {
    const rows = await db
      .selectFrom('proposal_tellings')
      .select((of) => ['proposal', of.fn.countAll().as('count')])
      .where('domain', '=', domain)
      .where('proposal', 'in', part)
      .groupBy('proposal')
      .execute();
    for (const { proposal: id, count } of rows) counts.set(id, Number(count));
  }
  return counts;
}

export interface Decision {
  readonly id: string;
  readonly state: 'accepted' | 'rejected';
  readonly by: string;
  readonly at: number;
  /** The revision that takes it in; null where it was rejected. */
  readonly revision: number | null;
}

/** False where it was decided already. */
export async function decideProposal(
  db: Db,
  domain: string,
  { id, state, by, at, revision }: Decision,
): Promise<boolean> {
  const row = await db
    .updateTable('proposals')
    .set({ state, decided_by: by, decided_at: at, revision })
    .where('domain', '=', domain)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** What a revision took in is open again: it was taken back. */
export async function reopenProposals(db: Db, domain: string, revision: number): Promise<void> {
  await db
    .updateTable('proposals')
    .set({ state: 'open', decided_by: null, decided_at: null, revision: null })
    .where('domain', '=', domain)
    .where('state', '=', 'accepted')
    .where('revision', '=', revision)
    .execute();
}

/**
 * Of every domain. What is open and nobody told for the shorter time was learned otherwise meanwhile, or is in the policy; what was decided is remembered
 * for the longer.
 */
export async function forgetProposals(
  db: Db,
  { openBefore, before }: { readonly openBefore: number; readonly before: number },
): Promise<void> {
  await db.deleteFrom('proposals').where('last_seen', '<', openBefore).where('state', '=', 'open').execute();
  await db.deleteFrom('proposals').where('last_seen', '<', before).execute();
  await db
    .deleteFrom('proposal_tellings')
    .where('last_seen', '<', openBefore)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('proposals')
            .select('proposals.id')
            .whereRef('proposals.domain', '=', 'proposal_tellings.domain')
            .whereRef('proposals.id', '=', 'proposal_tellings.proposal'),
        ),
      ),
    )
    .execute();
}
