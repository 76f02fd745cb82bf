// Handlers of agents: rows as the hubs write them, with what follows from the current revision and the time.

import * as z from 'zod';
import { type AreaHandlers, type agentRoutes, Refusal, timeOf } from '#routes';
import type { ServiceParts } from '#service';
import { type AgentSeenRow, agent, agents, forgetAgent, policyHead, policyRevision } from '#store';
import { readCursor, writeCursor } from './cursor.ts';

/** Three leases without a sign: its controller died and could not say so. */
const SILENT_MS = 45_000;

interface Current {
  readonly revision: number;
  readonly at: number;
  readonly now: number;
}

export function agentHandlers(parts: ServiceParts): AreaHandlers<typeof agentRoutes> {
  const { store, now } = parts;
  const currentOf = async (domain: string): Promise<Current> => {
    const head = await policyHead(store.db, domain);
    const row = head === undefined ? undefined : await policyRevision(store.db, domain, head.revision);
    return { revision: head?.revision ?? 0, at: row?.at ?? 0, now: now() };
  };
  return {
    list: async ({ params, query: { limit, cursor } }) => {
      const rows = await agents(store.db, params.domain, { after: readCursor(cursor), limit: limit + 1 });
      const current = await currentOf(params.domain);
      const items = rows.slice(0, limit).map((row) => viewOf(row, current));
      return { value: { items, next: writeCursor(rows.length > limit ? (items.at(-1)?.agent ?? null) : null) } };
    },
    show: async ({ params }) => {
      const row = await agent(store.db, params.domain, nameOf(params.agent));
      if (row === undefined) throw missing();
      return { value: viewOf(row, await currentOf(params.domain)) };
    },
    forget: async ({ actor, params }) => {
      const name = nameOf(params.agent);
      await parts.recorder.perform(actor, async (db, note) => {
        const row = await agent(db, params.domain, name);
        if (row === undefined) throw missing();
        if (!(await forgetAgent(db, params.domain, name)))
          throw new Refusal({
            code: 'PICKET-C614',
            message: `${name} is connected; nothing was changed`,
            help: 'revoke its identity to end that: picket identities revoke',
          });
        note({ action: 'agent.forget', subject: name, domain: params.domain });
      });
      return { value: null };
    },
  };
}

function nameOf(key: string): string {
  return Buffer.from(key, 'base64url').toString('latin1');
}

function missing(): Refusal {
  return new Refusal({
    code: 'PICKET-C613',
    message: 'no agent of that name is known here',
    help: 'see: picket agents ls',
  });
}

const detailSchema = z.object({
  local: z.object({ sinceMs: z.number(), by: z.string(), why: z.string() }).nullable(),
  counters: z.object({ packets: z.number(), bytes: z.number(), flowsOpen: z.number(), flowsSeen: z.number() }),
  losses: z.array(z.object({ what: z.string(), count: z.number() })),
  health: z.array(z.object({ code: z.string(), message: z.string() })),
});
type Detail = z.infer<typeof detailSchema>;

const NO_DETAIL: Detail = {
  local: null,
  counters: { packets: 0, bytes: 0, flowsOpen: 0, flowsSeen: 0 },
  losses: [],
  health: [],
};

function viewOf(row: AgentSeenRow, current: Current) {
  const detail = detailSchema.safeParse(jsonOf(row.detail)).data ?? NO_DETAIL;
  const { local, counters, losses, health } = detail;
  return {
    agent: row.agent,
    key: Buffer.from(row.agent, 'latin1').toString('base64url'),
    state: stateOf(row, detail, current),
    controller: row.controller,
    connectedAt: timeOf(row.connected_at),
    seenAt: timeOf(row.seen_at),
    program: row.program,
    inForce: row.in_force,
    currentRevision: current.revision,
    staleSince: row.in_force < current.revision ? timeOf(current.at) : null,
    problem: problemOf(row, current),
    local: local === null ? null : { since: timeOf(local.sinceMs), by: local.by, why: local.why },
    counters,
    losses,
    health,
  };
}

/** Revisions never go back, so an agent that is ahead takes nothing: the database is older than what it told its agents. */
function problemOf(
  row: AgentSeenRow,
  { revision }: Current,
): { readonly code: string; readonly message: string } | null {
  if (row.in_force > revision)
    return {
      code: 'PICKET-C610',
      message: `it holds revision ${row.in_force}, and the newest of the domain is ${revision}: it takes none that is not above its own`,
    };
  return row.problem_code === null ? null : { code: row.problem_code, message: row.problem_message ?? '' };
}

type State = 'applied' | 'applying' | 'stale' | 'failed' | 'reverted' | 'local' | 'away';

/** What matters most first: whoever is away says nothing of itself, and who holds a policy of its own holds none of ours. */
function stateOf(row: AgentSeenRow, { local }: Detail, { revision, now }: Current): State {
  if (row.controller === null || now - row.seen_at > SILENT_MS) return 'away';
  if (local !== null) return 'local';
  if (row.in_force > revision) return 'failed';
  if (row.in_force === revision) return 'applied';
  if (row.revision < revision) return 'stale';
  if (row.outcome === 'failed' || row.outcome === 'refused') return 'failed';
  if (row.outcome === 'reverted') return 'reverted';
  return row.outcome === 'applying' ? 'applying' : 'stale';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
