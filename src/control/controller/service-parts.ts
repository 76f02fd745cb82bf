// The parts that use cases work with, from the rooms of this controller.

import { PolicyShelf, type ServiceParts } from '#service';
import { type AgentSeenRow, agents, type Store } from '#store';
import type { Base, Outside } from './base.ts';
import type { Settled } from './settled.ts';

/** As on a gateway: long enough to open a new session from anywhere. */
const CONFIRM_SECONDS = 90;
/** Agents of one domain that an apply speaks of: as many as one controller holds. */
const AGENTS_MAX = 10_000;

export function serviceParts({ store, bus, recorder }: Base, settled: Settled, { now, log }: Outside): ServiceParts {
  return {
    store,
    bus,
    recorder,
    shelf: new PolicyShelf(),
    onTrouble: (error) => log.warn({ error }, 'others could not be told of a change'),
    now,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    confirmSeconds: CONFIRM_SECONDS,
    conversations: async () => ({ rows: [], isCut: false }),
    agents: async (domain) => (await agentRows(store, domain)).map(factsOf),
    needsSecond: async () => false,
    ownEnds: { addresses: settled.addresses, port: settled.listen.port },
  };
}

function agentRows(store: Store, domain: string): Promise<readonly AgentSeenRow[]> {
  return agents(store.db, domain, { after: null, limit: AGENTS_MAX });
}

function factsOf(row: AgentSeenRow) {
  return {
    id: row.agent,
    isConnected: row.controller !== null,
    revision: row.in_force,
    outcome: row.outcome,
    problem: row.problem_message,
    lastSeenMs: row.seen_at,
  };
}
