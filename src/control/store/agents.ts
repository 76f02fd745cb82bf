// Topic: agents of each domain, as they last spoke to any controller. Not who may be one: that is the authority's.

import type { Db } from './db.ts';
import type { AgentReportRow, AgentSeenRow } from './rows/agents.ts';

/** Rows of one statement: 12 values each, far below the 32,766 that SQLite takes. */
const CHUNK_ROWS = 500;

/**
 * Writes what agents said. INVARIANT: an agent's newer connection wins, so that a controller that notices late that an agent went away does not
 * overwrite what the next one knows. Where nobody has it, whoever comes does, whatever the clocks of the two controllers say.
 */
export async function saveAgents(db: Db, rows: readonly AgentSeenRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS)
    await db
      .insertInto('agents')
      .values(rows.slice(from, from + CHUNK_ROWS))
      .onConflict((on) =>
        on
          .columns(['domain', 'agent'])
          .doUpdateSet((set) => ({
            controller: set.ref('excluded.controller'),
            connected_at: set.ref('excluded.connected_at'),
            seen_at: set.ref('excluded.seen_at'),
            program: set.ref('excluded.program'),
            in_force: set.ref('excluded.in_force'),
            revision: set.ref('excluded.revision'),
            outcome: set.ref('excluded.outcome'),
            problem_code: set.ref('excluded.problem_code'),
            problem_message: set.ref('excluded.problem_message'),
            detail: set.ref('excluded.detail'),
          }))
          .where((is) =>
            is.or([
              is('agents.controller', 'is', null),
              is('agents.connected_at', '<=', is.ref('excluded.connected_at')),
            ]),
          ),
      )
      .execute();
}

/** In the order of their names; `after` is the last name of the page before. */
export function agents(
  db: Db,
  domain: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly AgentSeenRow[]> {
  let query = db.selectFrom('agents').selectAll().where('domain', '=', domain);
  if (after !== null) query = query.where('agent', '>', after);
  return query.orderBy('agent').limit(limit).execute();
}

export function agent(db: Db, domain: string, name: string): Promise<AgentSeenRow | undefined> {
  return db.selectFrom('agents').selectAll().where('domain', '=', domain).where('agent', '=', name).executeTakeFirst();
}

export async function countAgents(db: Db, domain: string): Promise<number> {
  const row = await db
    .selectFrom('agents')
    .select((of) => of.fn.countAll().as('count'))
    .where('domain', '=', domain)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Forgets an agent that will not come again. False where it is not there, or connected. */
export async function forgetAgent(db: Db, domain: string, name: string): Promise<boolean> {
  const row = await db
    .deleteFrom('agents')
    .where('domain', '=', domain)
    .where('agent', '=', name)
    .where('controller', 'is', null)
    .returning('agent')
    .executeTakeFirst();
  if (row !== undefined)
    await db.deleteFrom('agent_reports').where('domain', '=', domain).where('agent', '=', name).execute();
  return row !== undefined;
}

/** Of a controller that begins: whoever is written down as connected to it is not any more. */
export async function disconnectAll(db: Db, controller: string): Promise<void> {
  await db.updateTable('agents').set({ controller: null }).where('controller', '=', controller).execute();
}

/** Of controllers that died: whom none has heard since `before` is with none. Gives how many. */
export async function disconnectSilent(db: Db, before: number): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('agents')
    .set({ controller: null })
    .where('controller', 'is not', null)
    .where('seen_at', '<', before)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** False for a report that was kept before. In the transaction that keeps it, so that it counts once at whichever controllers it arrives. */
export async function noteReport(db: Db, row: AgentReportRow): Promise<boolean> {
  const kept = await db
    .insertInto('agent_reports')
    .values(row)
    .onConflict((on) =>
      on
        .columns(['domain', 'agent'])
        .doUpdateSet((set) => ({ boot: set.ref('excluded.boot'), sequence: set.ref('excluded.sequence') }))
        .where((is) =>
          is.or([
            is('agent_reports.boot', '!=', is.ref('excluded.boot')),
            is('agent_reports.sequence', '<', is.ref('excluded.sequence')),
          ]),
        ),
    )
    .returning('agent')
    .executeTakeFirst();
  return kept !== undefined;
}

/** Agents that this controller holds, and that have not had the newest revision since before `since`. */
export function agentsBehind(
  db: Db,
  { controller, since }: { readonly controller: string; readonly since: number },
): Promise<readonly { readonly domain: string; readonly agent: string }[]> {
  return db
    .selectFrom('agents')
    .innerJoin('policies', 'policies.domain', 'agents.domain')
    .innerJoin('policy_revisions', (join) =>
      join
        .onRef('policy_revisions.domain', '=', 'policies.domain')
        .onRef('policy_revisions.revision', '=', 'policies.revision'),
    )
    .select(['agents.domain', 'agents.agent'])
    .where('agents.controller', '=', controller)
    .where('policy_revisions.at', '<', since)
    .where('agents.in_force', '<', (is) => is.ref('policies.revision'))
    .orderBy('agents.domain')
    .orderBy('agents.agent')
    .limit(BEHIND_MAX)
    .execute();
}

/** Agents that are named at once. */
const BEHIND_MAX = 1_000;

/** Agents of all domains that were not heard since, or have not taken a revision that is older than that. */
export async function countBehind(db: Db, since: number): Promise<number> {
  const { count } = await db
    .selectFrom('agents')
    .innerJoin('policies', 'policies.domain', 'agents.domain')
    .innerJoin('policy_revisions', (join) =>
      join
        .onRef('policy_revisions.domain', '=', 'policies.domain')
        .onRef('policy_revisions.revision', '=', 'policies.revision'),
    )
    .select((of) => of.fn.countAll().as('count'))
    .where((is) =>
      is.or([
        is.and([is('agents.controller', 'is', null), is('agents.seen_at', '<', since)]),
        is.and([is('policy_revisions.at', '<', since), is('agents.in_force', '<', is.ref('policies.revision'))]),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(count);
}
