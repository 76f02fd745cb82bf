// The hub: every agent of every domain that came to this controller. Any controller serves any agent; what one of them is told reaches the others as a
// notice. Not the port (door.ts) and not what one domain gets (domain.ts).

import type { WebSocket } from 'ws';
import type { Applied, Hello, Report } from '#wire';
import { timely } from './clock.ts';
import { Connection, type Host } from './connection.ts';
import { Domain } from './domain.ts';
import { Door } from './door.ts';
import {
  type AgentNews,
  type AgentRow,
  type HubOptions,
  type Member,
  type Notice,
  type RenewRequest,
  TIMING,
  type Timing,
} from './options.ts';
import { BYE } from './trouble.ts';
import { Writer } from './writer.ts';

/** Connections of one controller: each takes some 60 kB. More agents need another controller. */
const AGENTS_MAX = 10_000;

/** How long agents are given to hear that the controller stops. */
const STOP_MS_MAX = 1_500;
const STOP_LOOK_MS = 20;

/**
 * Looks into the store, one after the other, that brought no answer, after which a controller counts itself as cut off from it: ten seconds.
 * They are counted, not timed, so that a process that stood still itself does not take that for the store's silence.
 */
const BLIND_LOOKS = 5;

export class Hub {
  readonly #options: HubOptions;
  readonly #timing: Timing;
  readonly #door: Door;
  readonly #writer: Writer;
  readonly #domains = new Map<string, Promise<Domain>>();
  readonly #all = new Set<Connection>();
  /** The newest bundle that each agent said it trusts. */
  readonly #bundles = new WeakMap<Connection, number>();
  #unsubscribe: () => void = () => {};
  #beat: NodeJS.Timeout | null = null;
  #looks: NodeJS.Timeout | null = null;
  #isLooking = false;
  /** Looks in a row that brought no answer. */
  #unanswered = 0;
  /** Addresses as agents were told last. */
  #told: string;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#told = '';
    const log = options.log ?? (() => {});
    this.#door = new Door({ ...options, log, onMember: (member, socket) => this.#meet(member, socket) });
    this.#writer = new Writer({
      records: options.records,
      flushMs: this.#timing.flushMs,
      log,
      onStates: (domains) => {
        for (const domain of domains) this.#background(options.notices.publish({ kind: 'states', domain }));
      },
    });
  }

  /** Agents connected here. */
  get size(): number {
    return this.#all.size;
  }

  /** Sockets turned away, and reports not kept, since the start. */
  get counters(): { readonly refused: number; readonly reportsLost: number } {
    return { refused: this.#door.refused, reportsLost: this.#writer.lost };
  }

  /** Resolves with the port. */
  async start(): Promise<number> {
    this.#unsubscribe = this.#options.notices.subscribe((notice) => this.#background(this.#heard(notice)));
    this.#beat = setInterval(() => this.#background(this.#beatAll()), this.#timing.leaseSeconds * 1_000);
    this.#looks = setInterval(() => this.#background(this.#look()), this.#timing.lookMs);
    this.#told = this.#addresses.join();
    return await this.#door.open();
  }

  /** Says bye to every agent, so that they go elsewhere at once, and writes what they said. */
  async close(): Promise<void> {
    this.#unsubscribe();
    for (const timer of [this.#beat, this.#looks]) if (timer !== null) clearInterval(timer);
    this.#door.close();
    for (const connection of this.#all) connection.bye(BYE.stops, 'the controller stops; go to another one');
    for (let waited = 0; this.#all.size > 0 && waited < STOP_MS_MAX; waited += STOP_LOOK_MS)
      await new Promise((resolve) => setTimeout(resolve, STOP_LOOK_MS));
    for (const connection of this.#all) connection.cut();
    await this.#writer.close();
  }

  #meet(member: Member, socket: WebSocket): void {
    const host: Host = {
      now: this.#options.now,
      onHello: (connection, hello) => this.#background(this.#enter(connection, hello)),
      onApplied: (connection, applied) => this.#applied(connection, applied),
      onReport: (connection, report) => this.#reported(connection, report),
      onQuarantined: (connection, { sequence, failed }) =>
        this.#update(connection.member, { quarantine: { sequence, failed } }, failed.length > 0),
      onWanted: (connection, what, why) => {
        if (what === 'snapshot')
          this.#background(this.#domain(member.domain).then((domain) => domain.wantsSnapshot(connection, why)));
      },
      onRenew: (connection, request) => this.#background(this.#renew(connection, request)),
      onDrained: (connection) =>
        this.#background(this.#domain(member.domain).then((domain) => domain.deliver(connection))),
      onClose: (connection) => this.#background(this.#leave(connection)),
    };
    const connection = new Connection(member, socket, host);
    this.#all.add(connection);
    if (this.#isBlind) connection.bye(BYE.blind, BLIND);
    if (this.#all.size > AGENTS_MAX)
      connection.bye(BYE.full, `this controller has ${AGENTS_MAX} agents; go to another one`);
  }

  async #enter(connection: Connection, hello: Hello): Promise<void> {
    const { member } = connection;
    const now = this.#options.now();
    const domain = await this.#domain(member.domain);
    if (!connection.isOpen) return;
    domain.enter(connection);
    connection.send({
      kind: 'welcome',
      version: 1,
      controller: this.#options.controller,
      revision: domain.revision,
      reportSeconds: this.#timing.reportSeconds,
      leaseSeconds: this.#timing.leaseSeconds,
      addresses: this.#addresses,
      nowMs: now,
    });
    this.#writer.put(newRow(connection, hello, { controller: this.#options.controller, now }), true);
    this.#tell('connected', member, hello.program);
    await domain.greet(connection, hello);
    if (hello.bundleSequence > 0) await this.#options.trust.bundleConfirmed?.(member, hello.bundleSequence);
    const notice: Notice = {
      kind: 'agent',
      domain: member.domain,
      agent: member.agent,
      controller: this.#options.controller,
      sinceMs: now,
    };
    await this.#options.notices.publish(notice);
  }

  async #leave(connection: Connection): Promise<void> {
    this.#all.delete(connection);
    const { domain: name, agent } = connection.member;
    const domain = await this.#domain(name);
    if (!domain.leave(connection)) return;
    const row = this.#writer.row(name, agent);
    if (row === null) return;
    this.#tell('gone', connection.member, row.program);
    this.#writer.forget({ ...row, controller: null, seenMs: this.#options.now() });
  }

  #tell(kind: AgentNews['kind'], { domain, agent }: Member, program: string): void {
    this.#options.onAgent?.({ kind, domain, agent, program, controller: this.#options.controller });
  }

  #applied({ member }: Connection, { revision, outcome, inForce, problem }: Applied): void {
    this.#update(member, { revision, outcome, inForce, problem }, outcome !== 'applying');
  }

  #reported(connection: Connection, report: Report): void {
    const { domain, agent } = connection.member;
    const { local, counters, losses, health, bundleSequence } = report;
    const now = this.#options.now();
    const { told, aheadMs } = timely(report, now);
    if (bundleSequence > (this.#bundles.get(connection) ?? 0)) {
      this.#bundles.set(connection, bundleSequence);
      this.#background(this.#options.trust.bundleConfirmed?.(connection.member, bundleSequence) ?? Promise.resolve());
    }
    const change = { local, counters, losses, health, inForce: report.revision, clockAheadMs: aheadMs };
    this.#update(connection.member, change, false);
    this.#writer.report({ connection, domain, agent, boot: connection.boot, report: told, atMs: now });
  }

  #update({ domain, agent }: Member, change: Partial<AgentRow>, isNews: boolean): void {
    const row = this.#writer.row(domain, agent);
    if (row !== null) this.#writer.put({ ...row, ...change, seenMs: this.#options.now() }, isNews);
  }

  async #renew(connection: Connection, request: RenewRequest): Promise<void> {
    const renewal = await this.#options.trust.renew(connection.member, request);
    if ('code' in renewal) {
      const { code, message } = renewal;
      connection.send({ kind: 'renewed', leaf: null, problem: { code, message } });
    } else connection.send({ kind: 'renewed', leaf: renewal, problem: null });
  }

  async #heard(notice: Notice): Promise<void> {
    if (notice.kind === 'states') return;
    if (notice.kind === 'lost') {
      for (const domain of this.#domains.values()) await (await domain).readAll();
      return;
    }
    // A domain without agents here is read when its first agent comes.
    const domain = await this.#domains.get(notice.domain);
    if (domain === undefined) return;
    if (notice.kind === 'policy') await domain.policyChanged();
    if (notice.kind === 'quarantine') await domain.quarantineChanged();
    if (notice.kind === 'revoked') await domain.revoked();
    if (notice.kind === 'bundle') await domain.bundleChanged();
    if (notice.kind === 'agent' && notice.controller !== this.#options.controller) this.#moved(domain, notice);
  }

  #moved(domain: Domain, { agent, sinceMs, domain: name }: Extract<Notice, { kind: 'agent' }>): void {
    const row = this.#writer.row(name, agent);
    if (row !== null) domain.movedAway(agent, sinceMs, row.connectedMs);
  }

  /** A controller that cannot read what is current must not hold agents that could hear it elsewhere. Alone it keeps them: nobody else is there. */
  get #isBlind(): boolean {
    return this.#unanswered >= BLIND_LOOKS && this.#options.addresses().length > 1;
  }

  get #addresses(): string[] {
    return [...this.#options.addresses()].slice(0, ADDRESSES_MAX);
  }

  async #beatAll(): Promise<void> {
    const now = this.#options.now();
    for (const made of this.#domains.values()) {
      const domain = await made;
      this.#background(domain.beat());
      for (const { member } of domain.connections.values()) this.#update(member, { seenMs: now }, false);
    }
  }

  /** Finds what a lost notice would have told, and whether the store answers at all. A store that hangs is asked once at a time. */
  async #look(): Promise<void> {
    this.#unanswered += 1;
    if (this.#isBlind) for (const connection of this.#all) connection.bye(BYE.blind, BLIND);
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const heads = await this.#options.policies.heads([...this.#domains.keys()]);
      this.#unanswered = 0;
      for (const head of heads) await (await this.#domains.get(head.domain))?.look(head);
      await this.#tellAddresses();
    } finally {
      this.#isLooking = false;
    }
  }

  async #tellAddresses(): Promise<void> {
    const addresses = this.#addresses;
    if (addresses.join() === this.#told) return;
    this.#told = addresses.join();
    for (const made of this.#domains.values()) (await made).tell(addresses);
  }

  /** The policy of a domain with its signature, to be carried to agents that no controller reaches; null where it waits for its confirmation. */
  async signedPolicy(domain: string): Promise<Buffer | null> {
    return (await this.#domain(domain)).signedPolicy();
  }

  #domain(name: string): Promise<Domain> {
    const known = this.#domains.get(name);
    if (known !== undefined) return known;
    const domain = new Domain(name, this.#options);
    const made = domain.readAll().then(
      () => domain,
      (error: unknown) => {
        this.#options.log?.(`hub domain=${name} cannot be read: ${textOf(error)}`);
        return domain;
      },
    );
    this.#domains.set(name, made);
    return made;
  }

  /** What fails here is tried again with the next beat, or the agent comes again: a fault must not end the process. */
  #background(work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.log?.(`hub: ${textOf(error)}`));
  }
}

const BLIND = 'the controller cannot read its database; go to another one';

/** Addresses told to an agent. */
const ADDRESSES_MAX = 16;

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

function newRow(
  { member }: Connection,
  hello: Hello,
  { controller, now }: { readonly controller: string; readonly now: number },
): AgentRow {
  return {
    domain: member.domain,
    agent: member.agent,
    controller,
    connectedMs: now,
    seenMs: now,
    program: hello.program,
    inForce: hello.revision ?? 0,
    revision: hello.revision ?? 0,
    outcome: 'applied',
    problem: null,
    local: null,
    counters: { packets: 0, bytes: 0, flowsOpen: 0, flowsSeen: 0 },
    losses: [],
    health: [],
    quarantine: { sequence: hello.quarantineSequence, failed: [] },
    clockAheadMs: null,
  };
}
