// The hub's ports on the store: the current policy, the quarantine list, and where reports go. Not the store's statements.

import { createHash } from 'node:crypto';
import {
  type AgentSeenRow,
  type Db,
  domainHeads,
  noteElementsSeen,
  noteFindings,
  noteNewcomers,
  noteProposals,
  noteReport,
  policyHead,
  policyRevision,
  quarantineList,
  type Store,
  saveAgents,
  type ToldFinding,
} from '#store';
import type { FindingRow, FlowRow, NewcomerRow, ProposalRow, VerdictRow } from '#wire';
import type { AgentReport, AgentRow, Policies, QuarantineLists, Records } from './options.ts';

/** Writes roll-ups of flows and verdicts within the transaction of the reports. */
export type RollUps = (
  db: Db,
  of: {
    readonly domain: string;
    readonly agent: string;
    readonly flows: readonly FlowRow[];
    readonly verdicts: readonly VerdictRow[];
    readonly atMs: number;
  },
) => Promise<void>;

export function storedPolicies(store: Store): Policies {
  return {
    async heads(domains) {
      const rows = await domainHeads(store.db, domains);
      return rows.map(({ domain, revision, pending, deadline, sequence, revocation_sequence, bundle_sequence }) => ({
        domain,
        revision,
        pendingUntilMs: pending === revision ? deadline : null,
        quarantineSequence: sequence ?? 0,
        revocationSequence: revocation_sequence ?? 0,
        bundleSequence: bundle_sequence ?? 0,
      }));
    },
    async current(domain) {
      const head = await policyHead(store.db, domain);
      const row = head === undefined ? undefined : await policyRevision(store.db, domain, head.revision);
      if (head === undefined || row === undefined) return null;
      return {
        domain,
        revision: row.revision,
        before: row.revision - 1,
        text: row.text,
        issuedMs: row.at,
        by: row.author_name,
        why: row.why,
        pendingUntilMs: head.pending === row.revision ? head.deadline : null,
      };
    },
  };
}

export function storedQuarantines(store: Store): QuarantineLists {
  return {
    async current(domain) {
      const { sequence, rows } = await quarantineList(store.db, domain);
      return {
        sequence,
        issuedMs: Math.max(0, ...rows.map(({ since }) => since)),
        elements: rows.map(({ element, until, reason, by }) => ({
          element,
          untilMs: until,
          reason: reason.slice(0, REASON_CHARS_MAX),
          by: by.slice(0, BY_CHARS_MAX),
        })),
      };
    },
  };
}

const REASON_CHARS_MAX = 500;
const BY_CHARS_MAX = 256;

export function storedRecords(store: Store, rollUps: RollUps): Records {
  return {
    saveReports: (reports) =>
      store.transaction(async (db) => {
        const fresh = await notYetKept(db, reports);
        for (const { domain, agent, report } of fresh) {
          const { flows, verdicts, toMs } = report;
          await rollUps(db, { domain, agent, flows, verdicts, atMs: toMs });
        }
        for (const [domain, all] of byDomain(fresh)) await saveSeen(db, domain, all);
      }),
    saveAgents: (rows) => store.transaction((db) => saveAgents(db, rows.map(rowOf))),
  };
}

/** A report is sent again where its answer was lost, perhaps to another controller: what is kept already does not count twice. */
async function notYetKept(db: Db, reports: readonly AgentReport[]): Promise<readonly AgentReport[]> {
  const fresh: AgentReport[] = [];
  // In one order everywhere, so that two controllers do not wait for each other.
  const inOrder = reports.toSorted((one, other) => compare(keyOf(one), keyOf(other)));
  for (const one of inOrder) {
    const { domain, agent, boot, report } = one;
    if (await noteReport(db, { domain, agent, boot, sequence: report.sequence })) fresh.push(one);
  }
  return fresh;
}

function keyOf({ domain, agent }: AgentReport): string {
  return `${domain} ${agent}`;
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

function byDomain(reports: readonly AgentReport[]): ReadonlyMap<string, readonly AgentReport[]> {
  const domains = new Map<string, AgentReport[]>();
  for (const one of reports) {
    const known = domains.get(one.domain) ?? [];
    known.push(one);
    domains.set(one.domain, known);
  }
  return domains;
}

async function saveSeen(db: Db, domain: string, reports: readonly AgentReport[]): Promise<void> {
  const findings = reports.flatMap(({ agent, report }) => report.findings.map((row) => findingOf(agent, row)));
  if (findings.length > 0) await noteFindings(db, domain, findings);
  const elements = reports.flatMap(({ agent, report }) =>
    report.elements.flatMap(({ element, lastMs }) =>
      lastMs === null ? [] : [{ element, agent, first_seen: lastMs, last_seen: lastMs }],
    ),
  );
  if (elements.length > 0)
    await noteElementsSeen(
      db,
      domain,
      latest(elements, ({ element, agent }) => `${element} ${agent}`),
    );
  for (const { agent, report, atMs } of reports) {
    await noteNewcomers(db, domain, { agent, rows: newcomersOf(report.newcomers, atMs) });
    await noteProposals(db, domain, { agent, revision: report.revision, rows: proposalsOf(report.proposals, atMs) });
  }
}

function newcomersOf(rows: readonly NewcomerRow[], atMs: number) {
  const told = rows.map(({ id, mac, addresses, names, interface: link, proposedName, firstMs, lastMs }) => ({
    id,
    mac,
    addresses: JSON.stringify(addresses),
    names: JSON.stringify(names),
    interface: link,
    proposed_name: proposedName,
    ...timesOf({ firstMs, lastMs, atMs }),
  }));
  return latest(told, ({ id }) => id);
}

/** The fields are written anew, so that two agents that say the same say it in the same letters; what is no entry is left out. */
function proposalsOf(rows: readonly ProposalRow[], atMs: number) {
  const told = rows.flatMap(({ section, entry, json, evidence, firstMs, lastMs }) => {
    const fields = canonical(json);
    if (fields === null) return [];
    const id = idOf([section, entry, fields]);
    return [{ id, section, entry, json: fields, evidence, ...timesOf({ firstMs, lastMs, atMs }) }];
  });
  return latest(told, ({ section, entry }) => `${section} ${entry}`);
}

function canonical(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : null;
  } catch {
    return null;
  }
}

/** An agent's clock may be wrong, or its word: nothing was seen after it was told. */
function timesOf({ firstMs, lastMs, atMs }: { firstMs: number; lastMs: number; atMs: number }) {
  const last_seen = Math.min(lastMs, atMs);
  return { first_seen: Math.min(firstMs, last_seen), last_seen };
}

/** One statement may touch a row once only. */
function latest<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

function findingOf(agent: string, row: FindingRow): ToldFinding {
  const { kind, address, element, subject, evidence, severity, action, atMs } = row;
  const id = idOf([kind, address, subject]);
  return { id, agent, kind, address, element, subject, evidence, severity, action, at: atMs };
}

function idOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, ID_CHARS);
}

/** 128 bits: no two tuples of a domain share an id. */
const ID_CHARS = 32;

function rowOf(row: AgentRow): AgentSeenRow {
  const { local, counters, losses, quarantine } = row;
  const health = [...ailmentsOf(row), ...row.health].slice(0, AILMENTS_MAX);
  return {
    domain: row.domain,
    agent: row.agent,
    controller: row.controller,
    connected_at: row.connectedMs,
    seen_at: row.seenMs,
    program: row.program,
    in_force: row.inForce,
    revision: row.revision,
    outcome: row.outcome,
    problem_code: row.problem?.code ?? null,
    problem_message: row.problem?.message ?? null,
    detail: JSON.stringify({ local, counters, losses, health, quarantine }),
  };
}

const AILMENTS_MAX = 64;

/** What the controller knows of an agent that the agent does not say of itself. */
function ailmentsOf({ clockAheadMs, quarantine }: AgentRow): AgentRow['health'] {
  const ailments: AgentRow['health'] = [];
  if (clockAheadMs !== null)
    ailments.push({
      code: 'PICKET-C616',
      message: `its clock is ${spanText(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead' : 'behind'}; what it reports is kept under the controller's time`,
    });
  const [first] = quarantine.failed;
  if (first !== undefined)
    ailments.push({
      code: 'PICKET-C617',
      message: `${quarantine.failed.length} elements of quarantine list ${quarantine.sequence} are not held here, the first is "${first}"`,
    });
  return ailments;
}

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 2 * 24 * 60 ? `${minutes} minutes` : `${Math.round(minutes / (24 * 60))} days`;
}
