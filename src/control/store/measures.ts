// What metrics tell of all domains at once: counts and revisions, no names of people or peers. Read on demand, changes nothing.

import type { Db } from './db.ts';

/** Domains that are counted one by one; a controller with more is counted by its database. */
const DOMAINS_COUNTED_MAX = 1_000;

export interface DomainMeasure {
  readonly domain: string;
  readonly revision: number;
  readonly isPending: boolean;
  /** When the newest revision was made. */
  readonly revisedAt: number;
  readonly quarantines: number;
  readonly agents: { readonly current: number; readonly behind: number; readonly away: number };
}

export async function domainMeasures(db: Db): Promise<readonly DomainMeasure[]> {
  const heads = await db
    .selectFrom('policies')
    .innerJoin('policy_revisions', (join) =>
      join
        .onRef('policy_revisions.domain', '=', 'policies.domain')
        .onRef('policy_revisions.revision', '=', 'policies.revision'),
    )
    .select(['policies.domain', 'policies.revision', 'policies.pending', 'policy_revisions.at'])
    .orderBy('policies.domain')
    .limit(DOMAINS_COUNTED_MAX)
    .execute();
  const held = await counted(db);
  const agents = await agentCounts(db);
  return heads.map(({ domain, revision, pending, at }) => ({
    domain,
    revision,
    isPending: pending !== null,
    revisedAt: at,
    quarantines: held.get(domain) ?? 0,
    agents: agents.get(domain) ?? { current: 0, behind: 0, away: 0 },
  }));
}

async function counted(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('quarantines')
    .select(({ fn }) => ['domain', fn.countAll().as('count')])
    .groupBy('domain')
    .execute();
  return new Map(rows.map(({ domain, count }) => [domain, Number(count)]));
}

/** Connected and in force, connected and not yet, not connected. */
async function agentCounts(db: Db): Promise<ReadonlyMap<string, DomainMeasure['agents']>> {
  const rows = await db
    .selectFrom('agents')
    .innerJoin('policies', 'policies.domain', 'agents.domain')
    .select(({ fn, eb }) => [
      'agents.domain',
      fn.countAll().as('all'),
      fn.sum(eb.case().when('agents.controller', 'is', null).then(1).else(0).end()).as('away'),
      fn
        .sum(
          eb
            .case()
            .when(
              eb.and([
                eb('agents.controller', 'is not', null),
                eb('agents.in_force', '<', eb.ref('policies.revision')),
              ]),
            )
            .then(1)
            .else(0)
            .end(),
        )
        .as('behind'),
    ])
    .groupBy('agents.domain')
    .execute();
  return new Map(
    rows.map(({ domain, all, away, behind }) => {
      const current = Number(all) - Number(away) - Number(behind);
      return [domain, { current, behind: Number(behind), away: Number(away) }];
    }),
  );
}
