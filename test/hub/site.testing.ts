// A controller's hub on a real store and real sockets, agents with real links, all on loopback. What an agent enforces is written down, not enforced.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Hub,
  type HubOptions,
  type Notice,
  type Notices,
  storedPolicies,
  storedQuarantines,
  storedRecords,
} from '#hub';
import { type Applier, type Collected, type Held, Link, type Membership } from '#link';
import { applyRevision, beginPolicy, confirmRevision, openStore, policyHead, revertRevision, type Store } from '#store';
import type { QuarantineStatement } from '#wire';
import { now, type TestDomain, TestTrust } from './trust.testing.ts';

export function notices(): Notices {
  const handlers = new Set<(notice: Notice) => void>();
  return {
    async publish(notice) {
      for (const handler of handlers) handler(notice);
    },
    subscribe(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
  };
}

/** Waits for a condition; the message says which one never came. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, msMax = 60_000): Promise<void> {
  const begun = Date.now();
  while (!(await holds())) {
    if (Date.now() - begun > msMax) throw new Error(`waited ${msMax} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function temporary(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'picket-hub-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const POLICY = `picket: 1
elements:
  nvr: { kind: server, address: 10.0.3.10, mode: enforce }
  cam: { kind: device, address: 10.0.3.20 }
services:
  rtsp: { on: nvr, protocol: tcp, port: 554 }
rules:
  one: { from: cam, to: rtsp }
`;

export function withRule(text: string, id: string): string {
  return `${text}  ${id}: { from: cam, to: rtsp, limits: { rate: 1 Mbit/s } }\n`;
}

export class TestSite {
  readonly domains: readonly TestDomain[];
  readonly trust: TestTrust;
  readonly folder = temporary();
  readonly notices = notices();
  readonly log: string[] = [];
  readonly hubs: { readonly hub: Hub; readonly port: number }[] = [];
  readonly #agents: TestAgent[] = [];
  #store: Store | null = null;

  constructor(domains: readonly TestDomain[]) {
    this.domains = domains;
    this.trust = new TestTrust(domains);
  }

  get store(): Store {
    if (this.#store === null) throw new Error('not open');
    return this.#store;
  }

  async open(url: string | null = null): Promise<void> {
    this.#store = await openStore({ file: join(this.folder.path, 'store.db'), url });
    for (const { name } of this.domains)
      await beginPolicy(this.store.db, name, {
        text: POLICY,
        authorId: 'u1',
        authorName: 'ann',
        why: 'first',
        at: Date.now(),
      });
  }

  async hub(more: Partial<HubOptions> = {}): Promise<{ readonly hub: Hub; readonly port: number }> {
    const hub = new Hub({
      controller: `controller-${this.hubs.length + 1}`,
      listen: { host: '127.0.0.1', port: 0 },
      addresses: () => this.addresses,
      trust: this.trust,
      policies: storedPolicies(this.store),
      quarantines: storedQuarantines(this.store),
      records: storedRecords(this.store, async () => {}),
      notices: this.notices,
      now: Date.now,
      log: (line) => this.log.push(line),
      timing: { leaseSeconds: 1, reportSeconds: 1, flushMs: 20 },
      ...more,
    });
    const made = { hub, port: await hub.start() };
    this.hubs.push(made);
    return made;
  }

  get addresses(): readonly string[] {
    return this.hubs.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** The next revision, confirmed at once unless it has to wait. */
  async apply(domain: string, text: string, waitMs: number | null = null): Promise<number> {
    const head = await policyHead(this.store.db, domain);
    const revision = await applyRevision(this.store.db, domain, {
      text,
      authorId: 'u1',
      authorName: 'ann',
      why: 'test',
      at: Date.now(),
      after: head?.revision ?? 0,
      deadline: waitMs === null ? null : Date.now() + waitMs,
      session: null,
      sessionAt: null,
      needsSecond: false,
    });
    if (revision === null) throw new Error('not applied');
    await this.notices.publish({ kind: 'policy', domain });
    return revision;
  }

  async confirm(domain: string, revision: number): Promise<void> {
    await confirmRevision(this.store.db, domain, { revision, by: 'ann', at: Date.now() });
    await this.notices.publish({ kind: 'policy', domain });
  }

  async revert(domain: string, revision: number): Promise<void> {
    await revertRevision(this.store.db, domain, {
      revision,
      by: 'system',
      at: Date.now(),
      why: 'late',
      authorName: 'system',
    });
    await this.notices.publish({ kind: 'policy', domain });
  }

  agent(membership: Membership, folder = join(this.folder.path, `agent-${this.#agents.length}`)): TestAgent {
    const agent = new TestAgent(membership, folder);
    this.#agents.push(agent);
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.close()));
    await Promise.all(this.hubs.map(({ hub }) => hub.close()));
    await this.#store?.close();
    this.folder.remove();
  }
}

export class TestAgent implements Applier {
  readonly folder: string;
  readonly link: Link;
  readonly log: string[] = [];
  readonly taken: Held[] = [];
  readonly quarantines: QuarantineStatement[] = [];
  inForce = 0;
  rows: Partial<Collected> = {};

  constructor(membership: Membership, folder: string) {
    this.folder = folder;
    this.link = new Link(membership, {
      folder,
      version: 'test',
      now,
      random: Math.random,
      applier: this,
      collect: () => this.#collect(),
      log: (line) => this.log.push(line),
    });
  }

  start(): this {
    this.link.start();
    return this;
  }

  close(): Promise<void> {
    return this.link.close();
  }

  async apply(held: Held): ReturnType<Applier['apply']> {
    this.taken.push(held);
    this.inForce = held.statement.revision;
    return { outcome: 'applied', problem: null };
  }

  async quarantine(list: QuarantineStatement): ReturnType<Applier['quarantine']> {
    this.quarantines.push(list);
    return { held: list.elements.map(({ element }) => element), failed: [] };
  }

  #collect(): Collected {
    return {
      fromMs: 0,
      toMs: Date.now(),
      revision: this.inForce,
      local: null,
      counters: { packets: 1, bytes: 60, flowsOpen: 0, flowsSeen: 1 },
      flows: [],
      verdicts: [],
      findings: [],
      newcomers: [],
      elements: [],
      proposals: [],
      losses: [],
      health: [],
      ...this.rows,
    };
  }
}
