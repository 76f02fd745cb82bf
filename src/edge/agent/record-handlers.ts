// Requests that list what was recorded. Not those that change anything.

import { instantText, type NameFact } from '#model';
import { formatPolicy, printPolicy } from '#policy';
import type { FindingView, NameView, ProposalAnswer } from './api-records.ts';
import type { Ends } from './ends.ts';
import { flowView } from './flow-book.ts';
import type { FindingRow, Parts } from './parts.ts';
import type { Handlers } from './requests.ts';
import { verdictView } from './verdict-book.ts';

type RecordHandlers = Pick<Handlers, 'flows' | 'verdicts' | 'names' | 'findings' | 'proposal'>;

export function recordHandlers({ monitor, findings }: Parts): RecordHandlers {
  const { ends, names } = monitor;
  const flows = monitor.flows.ring;
  const verdicts = monitor.verdicts.ring;
  return {
    flows: async ({ count }) => ({
      schema: 'picket.live-flows/v1',
      flows: flows.latest(count).map((row) => flowView(row, ends)),
      isCut: flows.isCut,
    }),
    verdicts: async ({ count }) => ({
      schema: 'picket.verdicts/v1',
      verdicts: verdicts.latest(count).map((row) => verdictView(row, ends)),
      isCut: verdicts.isCut,
    }),
    names: async ({ count }) => ({
      schema: 'picket.live-names/v1',
      names: names.latest(count).map((row) => nameView(row, ends)),
      isCut: names.isCut,
    }),
    findings: async ({ count }) => ({
      schema: 'picket.findings/v1',
      findings: latestOfCases(findings.latest(), count).map(findingView),
      isCut: findings.isCut,
    }),
    proposal: async () => proposalOf(monitor),
  };
}

/** A case that grows is told again: its latest word stands for all of it. */
function latestOfCases(rows: readonly FindingRow[], count = rows.length): readonly FindingRow[] {
  const cases = new Map<string, FindingRow>();
  for (const row of rows) {
    cases.delete(row.case);
    cases.set(row.case, row);
  }
  const latest = [...cases.values()];
  return latest.slice(Math.max(0, latest.length - count));
}

export function nameView({ at, kind, client, clientMac, name, value }: NameFact, ends: Ends): NameView {
  return {
    at: instantText(at),
    kind,
    client: ends.text(client),
    element: ends.elementOf(client, clientMac),
    name,
    value,
  };
}

export function findingView({
  at,
  kind,
  address,
  element,
  subject,
  evidence,
  severity,
  action,
}: FindingRow): FindingView {
  return { at: instantText(at), kind, address, element, subject, evidence, severity, action };
}

function proposalOf(monitor: Parts['monitor']): ProposalAnswer {
  const { policy, comments, evidence, notes } = monitor.propose();
  const printed = printPolicy(policy, comments);
  return {
    schema: 'picket.proposal/v1',
    from: evidence.from,
    to: evidence.to,
    text: formatPolicy(printed, 'proposal').text ?? printed,
    elements: policy.elements.length,
    rules: policy.rules.length,
    notes,
  };
}
