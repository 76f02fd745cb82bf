// Every metric of the controller. A dashboard or alarm may name only what is here; a name, once published, keeps its meaning.

import type { MetricDefinition } from './metrics.ts';

/** Seconds: a disk's fsync, a request, a delivery. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function metric<Label extends string>(
  kind: MetricDefinition['kind'],
  name: string,
  rest: { readonly help: string; readonly labels: readonly Label[]; readonly buckets?: readonly number[] },
): MetricDefinition<Label> {
  return { kind, name, ...rest };
}

export const METRICS = {
  build: metric('gauge', 'picket_build_info', { help: '1, with the version as a label.', labels: ['version'] }),
  verdicts: metric('counter', 'picket_verdicts_total', {
    help: 'Openings that agents judged, by verdict, first reason and mode.',
    labels: ['domain', 'verdict', 'reason', 'mode'],
  }),
  sessions: metric('gauge', 'picket_sessions', {
    help: 'Conversations that agents connected to this controller hold open.',
    labels: ['domain', 'state'],
  }),
  policyRevision: metric('gauge', 'picket_policy_revision', {
    help: 'Newest revision of the policy of a domain.',
    labels: ['domain'],
  }),
  policyPending: metric('gauge', 'picket_policy_pending', {
    help: '1 while a revision waits to be confirmed.',
    labels: ['domain'],
  }),
  ruleHits: metric('counter', 'picket_rule_hits_total', {
    help: 'Openings that a rule governed, as agents tell them; beyond the bound of series the rest is summed under other.',
    labels: ['domain', 'rule'],
  }),
  agents: metric('gauge', 'picket_agents', { help: 'Agents of a domain, by state.', labels: ['domain', 'state'] }),
  agentStale: metric('gauge', 'picket_agent_stale_seconds', {
    help: 'How long the agent that is behind the longest has not had the newest revision; 0 where none is behind.',
    labels: ['domain'],
  }),
  agentLosses: metric('counter', 'picket_agent_losses_total', {
    help: 'What agents were not told by their kernel, by kind.',
    labels: ['domain', 'kind'],
  }),
  findings: metric('counter', 'picket_findings_total', {
    help: 'Findings that agents told, by name.',
    labels: ['domain', 'finding'],
  }),
  quarantines: metric('gauge', 'picket_quarantines', { help: 'Elements in quarantine.', labels: ['domain'] }),
  requests: metric('counter', 'picket_api_requests_total', {
    help: 'Requests to the API, by route and class of the answer.',
    labels: ['route', 'status'],
  }),
  requestSeconds: metric('histogram', 'picket_api_request_seconds', {
    help: 'Time to answer a request to the API.',
    labels: [],
    buckets: SECONDS,
  }),
  logons: metric('counter', 'picket_logons_total', {
    help: 'Logons of people, by method and outcome.',
    labels: ['method', 'outcome'],
  }),
  ledgerRecords: metric('counter', 'picket_ledger_records_total', {
    help: 'Records written to the ledger since the controller began.',
    labels: [],
  }),
  ledgerUnsigned: metric('gauge', 'picket_ledger_unsigned_records', {
    help: 'Records behind the newest signed checkpoint.',
    labels: [],
  }),
  ledgerWell: metric('gauge', 'picket_ledger_ready', {
    help: '1 while the ledger takes records; 0 while changes are refused.',
    labels: [],
  }),
  events: metric('counter', 'picket_events_total', {
    help: 'Security events by sink: delivered, or dropped because the spool was full or the receiver will never take them.',
    labels: ['sink', 'outcome'],
  }),
  eventsSpooled: metric('gauge', 'picket_events_spooled', {
    help: 'Security events that wait for their receiver.',
    labels: ['sink'],
  }),
  health: metric('gauge', 'picket_health_problems', {
    help: 'Health states that are not well, by severity.',
    labels: ['severity'],
  }),
  memory: metric('gauge', 'picket_process_resident_bytes', { help: 'Resident memory of the controller.', labels: [] }),
  cpu: metric('counter', 'picket_process_cpu_seconds_total', { help: 'CPU time of the controller.', labels: [] }),
  uptime: metric('gauge', 'picket_process_uptime_seconds', { help: 'Time since the controller began.', labels: [] }),
} as const;
