// An agent that gives prepared answers over a real socket, and remembers what it was asked. For what commands print and how they end;
// the real agent is in test/agent.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanAnswer, Refusal, StatusAnswer } from '#agent';

export interface Asked {
  readonly name: string;
  readonly takes: Readonly<Record<string, unknown>>;
}

type Answer = object | ((takes: Readonly<Record<string, unknown>>) => object);

export class CannedAgent {
  readonly folder = mkdtempSync(join(tmpdir(), 'picket-canned-'));
  readonly socket = join(this.folder, 'agent.sock');
  readonly asked: Asked[] = [];
  answers: Readonly<Record<string, Answer>> = {};
  /** Rows of a followed record; the stream ends behind them. */
  rows: readonly object[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const [, , name = '', follow] = (request.url ?? '').split('/');
        if (follow === 'follow') {
          response.end(this.rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
          return;
        }
        const takes = JSON.parse(Buffer.concat(chunks).toString());
        this.asked.push({ name, takes });
        const known = this.answers[name] ?? refusal('PICKET-G023', `"${name}" is not prepared`);
        const answer = typeof known === 'function' ? known(takes) : known;
        response.statusCode = 'schema' in answer && answer.schema === 'picket.error/v1' ? 409 : 200;
        response.end(JSON.stringify(answer));
      });
    });
  }

  open(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.socket, resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function refusal(code: string, message: string, more: Partial<Refusal> = {}): Refusal {
  return { schema: 'picket.error/v1', code, message, help: null, problems: [], ...more };
}

const AT = '2026-03-02T12:00:00Z';

export function statusAnswer(more: Partial<StatusAnswer> = {}): StatusAnswer {
  return {
    schema: 'picket.status/v1',
    version: '0.0.0-test',
    pid: 4711,
    now: '2026-03-02T12:02:03Z',
    since: AT,
    table: { isUp: true, driftRepaired: 0, driftFailed: 0, nextChange: null, notHeld: [] },
    policy: { revision: 1, by: 'root', at: AT, why: '', isConfirmed: true, mode: 'observe', rules: 0, services: 0 },
    pending: null,
    domain: null,
    elements: { observe: 1, protect: 0, enforce: 0 },
    inboxCount: 0,
    services: [],
    flows: { open: 0, seen: 0 },
    packets: { judged: 0, bytes: 0 },
    verdicts: [],
    losses: { packets: 0, flowEvents: 0, verdictRecords: 0, restarts: 0 },
    findingCount: 0,
    quarantines: [],
    proposals: { elements: 0, rules: 0 },
    health: [],
    ...more,
  };
}

export function planAnswer(more: Partial<PlanAnswer> = {}): PlanAnswer {
  return {
    schema: 'picket.change/v1',
    isApplied: false,
    revision: null,
    changes: [{ section: 'elements', id: 'this-host', kind: 'changed', fields: ['mode'] }],
    plan: { since: AT, openings: 0, isCut: false, denied: [], deniedOpenings: 0, permittedOpenings: 0 },
    notHeld: [],
    ownConnection: null,
    pending: null,
    problems: [],
    text: 'picket: 1\n',
    ...more,
  };
}
