// What goes on to metrics and events of what agents tell: each once, denials summed by the minute, bounded, and no word of an agent as a label.

import { beforeEach, describe, expect, it } from 'vitest';
import { METRICS, Metrics, type SecurityEvent } from '#events';
import type { AgentReport } from '#hub';
import { DENIALS_MAX } from './denials.ts';
import { EVENTS_MAX, ReportTelling } from './report-telling.ts';

const DOMAIN = 'plant.example';
type Report = AgentReport['report'];
type FlowRow = Report['flows'][number];

const FLOW: FlowRow = {
  minuteMs: 0,
  fromElement: 'cam',
  fromAddress: '10.0.3.20',
  toElement: 'nvr',
  toAddress: '10.0.3.10',
  protocol: 'tcp',
  port: 554,
  reason: null,
  isEnforced: false,
  rule: 'one',
  openings: 1,
  packetsSent: 3,
  packetsReceived: 2,
  bytesSent: 300,
  bytesReceived: 200,
  firstMs: 0,
  lastMs: 0,
};
const denied = (more: Partial<FlowRow> = {}): FlowRow => ({
  ...FLOW,
  reason: 'no-rule',
  isEnforced: true,
  rule: null,
  ...more,
});

let events: SecurityEvent[];
let metrics: Metrics;
let now: number;
let behind: readonly { readonly domain: string; readonly agent: string }[];
let telling: ReportTelling;

beforeEach(() => {
  events = [];
  metrics = new Metrics(Object.values(METRICS));
  now = 1_000_000;
  behind = [];
  telling = new ReportTelling({
    events: { emit: (event) => void events.push(event) },
    metrics,
    now: () => now,
    newId: () => `id-${events.length}`,
    behind: async () => behind,
    onTrouble: (error) => {
      throw error;
    },
  });
});

function report(more: Partial<Report>, agent = 'gateway/north'): void {
  const whole: Report = {
    kind: 'report',
    sequence: 1,
    fromMs: 0,
    toMs: 0,
    revision: 3,
    bundleSequence: 1,
    local: null,
    counters: { packets: 0, bytes: 0, flowsOpen: 0, flowsSeen: 0 },
    flows: [],
    verdicts: [],
    findings: [],
    newcomers: [],
    elements: [],
    proposals: [],
    losses: [],
    health: [],
    ...more,
  };
  telling.reports([{ domain: DOMAIN, agent, boot: 'b', report: whole, atMs: now }]);
}

const lines = (name: string): readonly string[] =>
  metrics
    .text()
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`));

async function minute(): Promise<readonly SecurityEvent[]> {
  now += 60_000;
  await telling.minute();
  return events.splice(0);
}

describe('denials', () => {
  it('of a minute are one event for who wanted what, however many packets there were', async () => {
    for (let at = 0; at < 50; at++) report({ flows: [denied(), denied({ port: 80 }), FLOW] });
    expect(events).toEqual([]);
    expect(await minute()).toMatchObject([
      {
        kind: 'verdict',
        verdict: 'deny',
        effect: 'dropped',
        count: 50,
        to: { port: 554, element: 'nvr' },
        revision: 3,
      },
      { kind: 'verdict', count: 50, to: { port: 80 } },
    ]);
    expect(await minute()).toEqual([]);
  });

  it.each([
    [DENIALS_MAX - 1, DENIALS_MAX - 1, null],
    [DENIALS_MAX, DENIALS_MAX, null],
    [DENIALS_MAX + 1, DENIALS_MAX, '1 denied openings'],
    [20_000, DENIALS_MAX, `${20_000 - DENIALS_MAX} denied openings`],
  ])('of %i conversations %i are told, and of the rest the count', async (made, told, rest) => {
    for (let at = 0; at < made; at += 1_000)
      report({
        flows: Array.from({ length: Math.min(1_000, made - at) }, (_, of) =>
          denied({ fromAddress: `h${at + of}`, fromElement: null }),
        ),
      });
    const all = await minute();
    expect(all.filter(({ kind }) => kind === 'verdict')).toHaveLength(told);
    const left = all.find((event) => event.kind === 'act');
    expect(left?.kind === 'act' ? left.subject : null).toBe(rest);
  });

  it('that are only recorded are told as logged', async () => {
    report({ flows: [denied({ isEnforced: false })] });
    expect(await minute()).toMatchObject([{ effect: 'logged', mode: 'observe' }]);
  });
});

describe('findings, agents and states', () => {
  const finding = (kind = 'scan') => ({
    atMs: 5,
    kind,
    address: '10.0.0.9',
    element: null,
    subject: 's',
    evidence: 'e',
    severity: 'alarm' as const,
    action: null,
  });

  it('are told at once', () => {
    report({ findings: [finding()] });
    telling.agent({ kind: 'connected', domain: DOMAIN, agent: 'gateway/north', program: '1', controller: 'c' });
    telling.state({ domain: '', of: '', code: 'PICKET-C814', title: 't', isOver: false, isError: false });
    telling.logonFailed({ address: '192.0.2.1', means: 'passkey', code: 'PICKET-C501' });
    expect(events).toMatchObject([
      { kind: 'finding', act: 'open', name: 'scan', severity: 'high' },
      { kind: 'agent', act: 'connected' },
      { kind: 'finding', act: 'open', name: 'PICKET-C814', severity: 'medium' },
      { kind: 'logon', isSuccess: false, reason: 'PICKET-C501', who: { address: '192.0.2.1' } },
    ]);
    expect(lines('picket_logons_total')).toEqual(['picket_logons_total{method="passkey",outcome="failure"} 1']);
  });

  it('of one agent that floods are bounded, and the rest is counted', async () => {
    report({ findings: Array.from({ length: EVENTS_MAX + 7 }, () => finding()) });
    expect(events.splice(0)).toHaveLength(EVENTS_MAX);
    expect(await minute()).toMatchObject([
      { kind: 'act', action: 'events.left-out', subject: '7 events of kind finding' },
    ]);
    report({ findings: [finding()] });
    expect(events).toHaveLength(1);
  });

  it('open and close: what is not well with an agent, and that it is behind', async () => {
    report({ health: [{ code: 'PICKET-G050', message: 'no kernel' }] });
    report({ health: [{ code: 'PICKET-G050', message: 'no kernel' }] });
    expect(events.splice(0)).toMatchObject([{ act: 'open', name: 'PICKET-G050', title: 'no kernel' }]);
    report({ health: [] });
    expect(events.splice(0)).toMatchObject([{ act: 'close', name: 'PICKET-G050' }]);
    behind = [{ domain: DOMAIN, agent: 'gateway/north' }];
    expect(await minute()).toMatchObject([{ act: 'open', name: 'PICKET-C818', element: 'gateway/north' }]);
    expect(await minute()).toEqual([]);
    behind = [];
    expect(await minute()).toMatchObject([{ act: 'close', name: 'PICKET-C818' }]);
  });
});

describe('metrics', () => {
  it('count what agents tell, once', () => {
    report({
      flows: [FLOW, { ...FLOW, openings: 4 }],
      verdicts: [{ by: 'kernel', reason: 'no-rule', isEnforced: true, count: 6 }],
      counters: { packets: 0, bytes: 0, flowsOpen: 9, flowsSeen: 9 },
      losses: [{ what: 'packets', count: 5 }],
    });
    report({ losses: [{ what: 'packets', count: 8 }] }, 'gateway/south');
    report({ losses: [{ what: 'packets', count: 7 }], counters: { packets: 0, bytes: 0, flowsOpen: 2, flowsSeen: 9 } });
    report({ losses: [{ what: 'packets', count: 1 }], counters: { packets: 0, bytes: 0, flowsOpen: 2, flowsSeen: 9 } });
    expect(lines('picket_verdicts_total')).toEqual([
      `picket_verdicts_total{domain="${DOMAIN}",verdict="deny",reason="no-rule",mode="enforce"} 6`,
      `picket_verdicts_total{domain="${DOMAIN}",verdict="permit",reason="",mode="enforce"} 5`,
    ]);
    expect(lines('picket_rule_hits_total')).toEqual([`picket_rule_hits_total{domain="${DOMAIN}",rule="one"} 5`]);
    // 5 and 2 more, 8 of the other one, and 1 of the first since it began anew.
    expect(lines('picket_agent_losses_total')).toEqual([
      `picket_agent_losses_total{domain="${DOMAIN}",kind="packets"} 16`,
    ]);
    expect(lines('picket_sessions')).toEqual([`picket_sessions{domain="${DOMAIN}",state="open"} 2`]);
    telling.agent({ kind: 'gone', domain: DOMAIN, agent: 'gateway/north', program: '1', controller: 'c' });
    expect(lines('picket_sessions')).toEqual([`picket_sessions{domain="${DOMAIN}",state="open"} 0`]);
  });

  it('take no word of an agent as a label', () => {
    report({
      verdicts: [{ by: 'engine', reason: 'x"y', isEnforced: true, count: 1 }],
      findings: [
        {
          atMs: 1,
          kind: 'mine',
          address: 'a',
          element: null,
          subject: 's',
          evidence: 'e',
          severity: 'note',
          action: null,
        },
      ],
      losses: [{ what: 'whatever', count: 1 }],
    });
    const text = metrics.text();
    for (const word of ['x\\"y', 'mine', 'whatever']) expect(text).not.toContain(word);
    expect(text).toContain('finding="other"');
  });
});
