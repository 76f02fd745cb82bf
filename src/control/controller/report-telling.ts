// What agents tell, on to metrics and events: verdicts, findings, losses, who came and went, what is not well with them. Bounded per minute; the reports
// themselves are in the store by then.

import { type Events, METRICS, type Metrics, type SecurityEvent } from '#events';
import type { AgentNews, AgentReport } from '#hub';
import { REASONS } from '#model';
import { Allowance } from './allowance.ts';
import { Denials } from './denials.ts';

/** Events of one kind that a domain causes in a minute. */
export const EVENTS_MAX = 200;
const MINUTE_MS = 60_000;
/** Agents of which something is remembered between reports: as many as one hub holds. */
const AGENTS_MAX = 10_000;

/** Words of agents that become labels: others are `other`, so that none makes series by inventing them. */
const LOSSES: ReadonlySet<string> = new Set(['packets', 'flow-events', 'verdict-records', 'restarts']);
const FINDINGS: ReadonlySet<string> = new Set(['beacon', 'new-edge', 'scan', 'silence', 'spoofing']);
const REASON_NAMES: ReadonlySet<string> = new Set(REASONS);

export interface SightingsOptions {
  readonly events: Pick<Events, 'emit'>;
  readonly metrics: Metrics;
  readonly now: () => number;
  readonly newId: () => string;
  /** Agents connected here that have not had the newest revision for a while. */
  readonly behind: () => Promise<readonly { readonly domain: string; readonly agent: string }[]>;
  readonly onTrouble: (error: unknown) => void;
}

interface Known {
  readonly domain: string;
  flowsOpen: number;
  readonly losses: Map<string, number>;
  ailments: ReadonlySet<string>;
}

type Unsent<Event> = Event extends SecurityEvent ? Omit<Event, 'id' | 'at'> : never;

export class ReportTelling {
  readonly #options: SightingsOptions;
  readonly #allowance: Allowance;
  readonly #denials = new Denials();
  readonly #known = new Map<string, Known>();
  #behind: ReadonlyMap<string, { readonly domain: string; readonly agent: string }> = new Map();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SightingsOptions) {
    this.#options = options;
    this.#allowance = new Allowance(EVENTS_MAX, options.now());
    options.metrics.onRead((metrics) => this.#sessions(metrics));
  }

  start(everyMs = MINUTE_MS): void {
    this.#timer = setInterval(() => void this.minute().catch(this.#options.onTrouble), everyMs);
  }

  /** Tells what was summed up so far. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#tellDenials();
  }

  /** What was kept of agents. */
  reports(reports: readonly AgentReport[]): void {
    for (const report of reports) {
      this.#count(report);
      this.#denials.note(report);
      this.#findings(report);
      this.#health(report);
    }
  }

  agent({ kind, domain, agent, program, controller }: AgentNews): void {
    if (kind === 'gone') this.#known.delete(`${domain} ${agent}`);
    this.#emit({ kind: 'agent', domain, severity: 'info', act: kind, agent, program, controller });
  }

  logonFailed({ address, means, code }: { readonly address: string; readonly means: string; readonly code: string }) {
    this.#options.metrics.add(METRICS.logons, { method: means, outcome: 'failure' });
    this.#emit({
      kind: 'logon',
      domain: '',
      severity: 'low',
      act: 'logon',
      isSuccess: false,
      who: { kind: 'unknown', id: 'unknown', name: 'unknown', address },
      method: means,
      reason: code,
      session: null,
    });
  }

  /** A state of the controller, or of an agent, begins or is over. */
  state({ domain, of, code, title, isOver, isError }: StateChange): void {
    this.#emit({
      kind: 'finding',
      domain,
      severity: isOver ? 'info' : isError ? 'high' : 'medium',
      act: isOver ? 'close' : 'open',
      finding: `${code} ${of}`,
      name: code,
      title,
      element: of === '' ? null : of,
      count: 1,
      firstAt: this.#options.now(),
    });
  }

  /** To be called every minute: the roll-up of denials, who is behind, what was left out. */
  async minute(): Promise<void> {
    this.#tellDenials();
    for (const { domain, kind, count } of this.#allowance.turn(this.#options.now()))
      this.#leftOut(domain, `${count} events of kind ${kind}`);
    await this.#lookBehind();
  }

  #count({ domain, agent, report }: AgentReport): void {
    const { metrics } = this.#options;
    for (const { reason, isEnforced, count } of report.verdicts)
      metrics.add(
        METRICS.verdicts,
        { domain, verdict: 'deny', reason: known(REASON_NAMES, reason), mode: isEnforced ? 'enforce' : 'observe' },
        count,
      );
    for (const { reason, rule, openings } of report.flows) {
      if (reason === null)
        metrics.add(METRICS.verdicts, { domain, verdict: 'permit', reason: '', mode: 'enforce' }, openings);
      if (rule !== null) metrics.add(METRICS.ruleHits, { domain, rule }, openings);
    }
    const before = this.#agent(domain, agent);
    before.flowsOpen = report.counters.flowsOpen;
    for (const { what, count } of report.losses) {
      const kind = known(LOSSES, what);
      const last = before.losses.get(kind) ?? 0;
      // An agent that began anew counts from nothing.
      metrics.add(METRICS.agentLosses, { domain, kind }, count < last ? count : count - last);
      before.losses.set(kind, count);
    }
  }

  #findings({ domain, report }: AgentReport): void {
    for (const { kind, address, subject, evidence, element, severity, atMs } of report.findings) {
      this.#options.metrics.add(METRICS.findings, { domain, finding: known(FINDINGS, kind) });
      this.#emit({
        kind: 'finding',
        domain,
        severity: severity === 'alarm' ? 'high' : 'low',
        act: 'open',
        finding: `${kind} ${address} ${subject}`,
        name: kind,
        title: `${subject}: ${evidence}`,
        element,
        count: 1,
        firstAt: atMs,
      });
    }
  }

  #health({ domain, agent, report }: AgentReport): void {
    const before = this.#agent(domain, agent);
    const now = new Map(report.health.map(({ code, message }) => [code, message]));
    for (const [code, title] of now)
      if (!before.ailments.has(code)) this.state({ domain, of: agent, code, title, isOver: false, isError: false });
    for (const code of before.ailments)
      if (!now.has(code)) this.state({ domain, of: agent, code, title: 'over', isOver: true, isError: false });
    before.ailments = new Set(now.keys());
  }

  #agent(domain: string, agent: string): Known {
    const key = `${domain} ${agent}`;
    const found = this.#known.get(key) ?? { domain, flowsOpen: 0, losses: new Map(), ailments: new Set() };
    if (this.#known.size < AGENTS_MAX) this.#known.set(key, found);
    return found;
  }

  #sessions(metrics: Metrics): void {
    const counts = new Map<string, number>();
    for (const { domain, flowsOpen } of this.#known.values()) counts.set(domain, (counts.get(domain) ?? 0) + flowsOpen);
    metrics.clear(METRICS.sessions);
    for (const [domain, count] of counts) metrics.set(METRICS.sessions, { domain, state: 'open' }, count);
  }

  #tellDenials(): void {
    const { told, rest } = this.#denials.take();
    for (const event of told) this.#send(event);
    for (const { domain, openings } of rest) this.#leftOut(domain, `${openings} denied openings`);
  }

  async #lookBehind(): Promise<void> {
    const found = new Map((await this.#options.behind()).map((one) => [`${one.domain} ${one.agent}`, one]));
    const change = { code: 'PICKET-C818', isError: false };
    for (const [key, { domain, agent }] of found)
      if (!this.#behind.has(key))
        this.state({ ...change, domain, of: agent, title: 'has not taken the newest revision', isOver: false });
    for (const [key, { domain, agent }] of this.#behind)
      if (!found.has(key)) this.state({ ...change, domain, of: agent, title: 'over', isOver: true });
    this.#behind = found;
  }

  #leftOut(domain: string, what: string): void {
    this.#send({
      kind: 'act',
      domain,
      severity: 'medium',
      action: 'events.left-out',
      subject: what,
      by: { kind: 'system', id: 'events', name: 'events', address: null },
      isSuccess: false,
      record: null,
      chain: null,
    });
  }

  #emit(event: Unsent<SecurityEvent>): void {
    if (this.#allowance.take(event.domain, event.kind)) this.#send(event);
  }

  #send(event: Unsent<SecurityEvent>): void {
    const { events, newId, now } = this.#options;
    events.emit({ ...event, id: newId(), at: now() });
  }
}

export interface StateChange {
  /** Empty for the controller itself. */
  readonly domain: string;
  readonly of: string;
  readonly code: string;
  readonly title: string;
  readonly isOver: boolean;
  readonly isError: boolean;
}

function known(words: ReadonlySet<string>, word: string): string {
  return words.has(word) ? word : 'other';
}
