// The parts that use cases work with, from the rooms of this controller.

import type { People } from '#people';
import { PolicyShelf, type ServiceParts } from '#service';
import { type AgentSeenRow, agents, conversationSums, type Store } from '#store';
import type { Base, Outside } from './base.ts';
import type { Settled } from './settled.ts';

/** As on a gateway: long enough to open a new session from anywhere. */
const CONFIRM_SECONDS = 90;
/** Agents of one domain that an apply speaks of: as many as one controller holds. */
const AGENTS_MAX = 10_000;

export interface ServiceOf {
  readonly base: Base;
  readonly settled: Settled;
  readonly outside: Outside;
  readonly people: People;
}

export function serviceParts({ base, settled, outside, people }: ServiceOf): ServiceParts {
  const { store, bus, recorder } = base;
  const { now, log } = outside;
  return {
    store,
    bus,
    recorder,
    shelf: new PolicyShelf(),
    onTrouble: (error) => log.warn({ error }, 'others could not be told of a change'),
    now,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    confirmSeconds: CONFIRM_SECONDS,
    conversations: (domain, query) => conversationSums(store.db, domain, query),
    agents: async (domain) => (await agentRows(store, domain)).map(factsOf),
    needsSecond: (domain, { changes, services }) => people.needsSecond(domain, { changes, services }),
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
    spokeOf: row.revision,
    outcome: row.outcome,
    problem: row.problem_message,
    lastSeenMs: row.seen_at,
  };
}
