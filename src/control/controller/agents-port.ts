// The port for agents: a hub over this controller's store, bus and authority.

import { type Authority, ForHub } from '#authority';
import { busNotices, Hub, type Records, type RollUps, storedPolicies, storedQuarantines, storedRecords } from '#hub';
import { disconnectAll } from '#store';
import type { Base, Outside } from './base.ts';
import type { Closers } from './closers.ts';
import type { ReportTelling } from './report-telling.ts';
import type { Settled } from './settled.ts';

export interface AgentsPort {
  readonly port: number;
  readonly hub: Hub;
}

interface Opening {
  readonly base: Base;
  readonly settled: Settled;
  readonly outside: Outside;
  readonly authority: Authority;
  /** Of this controller among its peers. */
  readonly name: string;
  readonly addresses: () => readonly string[];
  readonly rollUps: RollUps;
  readonly reportTelling: ReportTelling;
}

export async function openAgentsPort(opening: Opening, closers: Closers): Promise<AgentsPort> {
  const { base, settled, outside, authority, name, addresses, rollUps, reportTelling } = opening;
  const { store, bus } = base;
  // Whoever was connected when this controller ended is not any more.
  await disconnectAll(store.db, name);
  const hub = new Hub({
    controller: name,
    listen: settled.agents,
    addresses,
    trust: new ForHub({ authority, name, now: outside.now }),
    policies: storedPolicies(store),
    quarantines: storedQuarantines(store),
    records: toldRecords(storedRecords(store, rollUps), base, reportTelling),
    onAgent: (news) => reportTelling.agent(news),
    notices: busNotices(bus),
    now: outside.now,
    log: (line) => outside.log.info({ room: 'hub' }, line),
  });
  const port = await hub.start();
  closers.add(() => hub.close());
  return { port, hub };
}

/** Whoever follows traffic is told when some was kept. A bus that is away keeps nobody from reporting: followers look by themselves as well. */
function toldRecords(records: Records, { bus }: Base, telling: ReportTelling): Records {
  return {
    ...records,
    saveReports: async (reports) => {
      await records.saveReports(reports);
      telling.reports(reports);
      const domains = new Set(reports.filter(({ report }) => report.flows.length > 0).map(({ domain }) => domain));
      for (const domain of domains) await bus.publish('flows', { domain }).catch(() => {});
    },
  };
}
