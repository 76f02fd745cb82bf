// The text of /metrics: what is counted as it happens, and what is read from store and ledger when it is asked for.

import { METRICS, type Metrics } from '#events';
import { domainMeasures } from '#store';
import type { Base } from './base.ts';
import type { HealthBook } from './health.ts';

export interface Measured {
  readonly metrics: Metrics;
  readonly base: Pick<Base, 'store' | 'ledger' | 'recorder'>;
  readonly health: Pick<HealthBook, 'states'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A store that is away leaves the numbers of domains out: those of the controller say why. */
export async function metricsText({ metrics, base, health, now }: Measured): Promise<string> {
  readController(metrics, base, health);
  await readDomains(metrics, base, now()).catch(() => {});
  return metrics.text();
}

function readController(metrics: Metrics, { ledger, recorder }: Measured['base'], health: Measured['health']): void {
  const { head, newestCheckpoint } = ledger;
  metrics.set(METRICS.ledgerWell, {}, recorder.health().state === 'ready' ? 1 : 0);
  metrics.set(METRICS.ledgerUnsigned, {}, (head?.sequence ?? 0) - (newestCheckpoint?.sequence ?? 0));
  for (const severity of ['warning', 'error'] as const) {
    const count = health.states.filter((state) => state.severity === severity).length;
    metrics.set(METRICS.health, { severity }, count);
  }
}

async function readDomains(metrics: Metrics, { store }: Measured['base'], now: number): Promise<void> {
  const gauges = [
    METRICS.policyRevision,
    METRICS.policyPending,
    METRICS.quarantines,
    METRICS.agentStale,
    METRICS.agents,
  ];
  for (const gauge of gauges) metrics.clear(gauge);
  for (const { domain, revision, isPending, revisedAt, quarantines, agents } of await domainMeasures(store.db)) {
    metrics.set(METRICS.policyRevision, { domain }, revision);
    metrics.set(METRICS.policyPending, { domain }, isPending ? 1 : 0);
    metrics.set(METRICS.quarantines, { domain }, quarantines);
    const isBehind = agents.behind + agents.away > 0;
    metrics.set(METRICS.agentStale, { domain }, isBehind ? Math.max(0, now - revisedAt) / 1_000 : 0);
    for (const state of ['current', 'behind', 'away'] as const)
      metrics.set(METRICS.agents, { domain, state }, agents[state]);
  }
}
