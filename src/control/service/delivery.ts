// What became of a revision at each agent of its domain. Never "applied" while one is stale: an agent that is away, or did not answer in time, is named.

import type { AgentFacts, ServiceParts } from './parts.ts';

export interface AgentDelivery {
  readonly agent: string;
  /** waiting: connected and has not answered yet. away: not connected, and on an older revision. */
  readonly state: 'applied' | 'waiting' | 'failed' | 'away';
  /** What it has in force as far as it said. */
  readonly revision: number | null;
  readonly problem: string | null;
}

export interface DeliveryView {
  /** applied: every agent has it. partly: at least one has not. none: the domain has no agent. */
  readonly state: 'applied' | 'partly' | 'none';
  readonly agents: readonly AgentDelivery[];
  /** Agents by state; `agents` names the first ones, those that are not well before the others. */
  readonly counts: Readonly<Record<AgentDelivery['state'], number>>;
}

/** Agents named one by one. */
const NAMED_MAX = 200;
/** Agents report within milliseconds, and what the store knows of them is a second old at most. */
const LOOK_MS = 100;
const LOOKS_MAX = 600;

interface Awaited {
  readonly domain: string;
  readonly revision: number;
  readonly seconds: number;
}

/** Resolves when every connected agent has answered, or the time is over. */
export async function awaitDelivery(
  parts: ServiceParts,
  { domain, revision, seconds }: Awaited,
): Promise<DeliveryView> {
  const looks = Math.min(LOOKS_MAX, Math.ceil((seconds * 1_000) / LOOK_MS));
  for (let look = 0; ; look++) {
    const view = deliveryOf(await parts.agents(domain), revision);
    if (view.counts.waiting === 0 || look >= looks) return view;
    await parts.wait(LOOK_MS);
  }
}

export function deliveryOf(agents: readonly AgentFacts[], revision: number): DeliveryView {
  const rows = agents.map((agent) => ofAgent(agent, revision));
  const counts = { applied: 0, waiting: 0, failed: 0, away: 0 };
  for (const { state } of rows) counts[state]++;
  const isAll = counts.applied === rows.length;
  return {
    state: rows.length === 0 ? 'none' : isAll ? 'applied' : 'partly',
    agents: rows.toSorted((one, other) => RANK[one.state] - RANK[other.state]).slice(0, NAMED_MAX),
    counts,
  };
}

const RANK: Readonly<Record<AgentDelivery['state'], number>> = { failed: 0, away: 1, waiting: 2, applied: 3 };

/** An outcome counts for the revision that it is of, and for those before: what became of an older one says nothing of this one. */
function ofAgent({ id, isConnected, revision, spokeOf, outcome, problem }: AgentFacts, wanted: number): AgentDelivery {
  const hasSpoken = spokeOf !== null && spokeOf >= wanted;
  const of = (state: AgentDelivery['state'], why: string | null): AgentDelivery => ({
    agent: id,
    state,
    revision,
    problem: why,
  });
  const isFailed = outcome === 'failed' || outcome === 'refused';
  const has = revision !== null && revision >= wanted;
  if (has && !(hasSpoken && (isFailed || outcome === 'applying'))) return of('applied', null);
  if (!isConnected) return of('away', problem);
  if (hasSpoken && isFailed) return of('failed', problem);
  if (hasSpoken && outcome === 'reverted') return of('failed', problem ?? WENT_BACK);
  return of('waiting', hasSpoken ? problem : null);
}

const WENT_BACK = 'it took the revision back by itself, because it heard no confirmation in time';
