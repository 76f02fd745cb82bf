// The agent's life: takes its lock, puts the confirmed policy in force, observes, answers, keeps time, and ends. INVARIANT: every step is such that a
// start after a crash behind it finds its way. What requests do is in handlers.ts, what time brings in keeper.ts.

import { join } from 'node:path';
import { AddressTable, type Policy } from '#model';
import { firstPolicy } from '#policy';
import type { HealthView } from './api.ts';
import { closeUntilUp, keepClosed, openAgain } from './closing.ts';
import { Desk } from './desk.ts';
import { makeFolder } from './files.ts';
import { follower } from './follow.ts';
import { handlersOf } from './handlers.ts';
import { Host } from './host.ts';
import { Keeper } from './keeper.ts';
import { type Lock, takeLock } from './lock.ts';
import { isMember } from './membership.ts';
import { readMemory } from './memory.ts';
import { Monitor } from './monitor.ts';
import { Observing } from './observing.ts';
import { ADDRESSES_MAX, type AgentOptions, CONFIRM_SECONDS, type Settled } from './options.ts';
import { type FindingRow, Logons, type Membership, type Parts } from './parts.ts';
import { Ports, sinkOf } from './ports.ts';
import { Quarantines, withIsolation } from './quarantines.ts';
import { rehearse } from './rehearse.ts';
import { SOCKET_NAME } from './requests.ts';
import { Ring } from './ring.ts';
import { type Listening, listen } from './server.ts';
import { SessionCutter } from './session-cutter.ts';
import { setSettings } from './settings.ts';
import { purge, restore, STATE } from './state-files.ts';
import { Store } from './store.ts';
import { Table } from './table.ts';
import { probeOpinion } from './why.ts';

/** Findings kept. */
const FINDINGS_MAX = 5_000;

/** How an agent ended, for whoever waits for it. */
export type AgentEnd = 'stop' | 'down' | 'purge';

export class Agent {
  readonly #settled: Settled;
  readonly #health = new Map<string, HealthView>();
  readonly #ended: Promise<AgentEnd>;
  #tellEnd: (end: AgentEnd) => void = () => {};
  #lock: Lock | null = null;
  #parts: Parts | null = null;
  #keeper: Keeper | null = null;
  #listening: Listening | null = null;
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whoever ends the agent while it begins anew waits until that is over. */
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: AgentOptions) {
    const prefix = options.prefix ?? [];
    this.#settled = {
      prefix,
      confirmSeconds: CONFIRM_SECONDS,
      quarantineSeconds: null,
      bridge: null,
      addressesMax: ADDRESSES_MAX,
      askKernel: probeOpinion(prefix),
      random: Math.random,
      log: () => {},
      onStep: () => {},
      ...options,
    };
    this.#ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
  }

  /** Path of the socket at which it answers. */
  get socket(): string {
    return join(this.#settled.runDirectory, SOCKET_NAME);
  }

  /** Resolves when somebody asked it over the socket to end; whoever runs it then calls `stop` or `down`. */
  get ended(): Promise<AgentEnd> {
    return this.#ended;
  }

  /** Puts the confirmed policy in force and begins to observe and to answer. Rejects and leaves nothing running where it cannot. */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  /** Ends and leaves the table: grants run out, denials stay. A change that waits is taken back first: nobody would be there to do it. */
  async stop(): Promise<void> {
    await this.#renewing;
    const parts = this.#parts;
    if (parts !== null)
      await this.#inTurn(async () => {
        if (parts.store.head.pending !== null) await parts.desk.revert('the agent ended').catch(() => {});
      });
    await this.#release();
  }

  /** Ends and takes the table and every setting back; with `isPurge` forgets the state as well. */
  async down({ isPurge = false }: { readonly isPurge?: boolean } = {}): Promise<void> {
    await this.#renewing;
    const parts = this.#parts;
    if (parts !== null)
      await this.#inTurn(async () => {
        if (parts.store.head.pending !== null) parts.store.revert();
        await restore(parts, this.#settled);
      });
    const lock = this.#lock;
    this.#lock = null;
    await this.#release();
    if (isPurge) purge(this.#settled.stateDirectory);
    lock?.release();
  }

  async #start(): Promise<void> {
    const settled = this.#settled;
    makeFolder(settled.stateDirectory);
    makeFolder(settled.runDirectory);
    this.#lock = await takeLock(join(settled.stateDirectory, STATE.lock));
    this.#lock.onLoss(() =>
      this.#ail('PICKET-G024', 'the lock of the state directory was lost: another agent could begin'),
    );
    settled.onStep('locked');
    await this.#close();
    const parts = await this.#compose();
    this.#parts = parts;
    await parts.table.up(parts.desk.inForce.policy, parts.quarantines.elements);
    keepClosed(settled, parts.desk.inForce.policy);
    await openAgain(settled.prefix);
    settled.onStep('table-up');
    await parts.ports.start();
    settled.onStep('ports-apart');
    const failed = await setSettings({ path: join(settled.stateDirectory, STATE.settings), prefix: settled.prefix });
    for (const name of failed) this.#ail('PICKET-G042', `the kernel's setting ${name} could not be set`);
    settled.onStep('settings-set');
    this.#keeper = new Keeper({
      parts,
      inTurn: (work) => this.#inTurn(work),
      ail: (code, message) => this.#ail(code, message),
      heal: (code) => this.#health.delete(code),
      onFull: () =>
        setImmediate(() => {
          this.#renewing = this.#beginAnew();
        }),
    });
    await this.#keeper.start();
    const handlers = handlersOf(parts, {
      inTurn: (work) => this.#inTurn(work),
      end: (how) => setImmediate(() => this.#tellEnd(how)),
      join: () => this.#join(parts),
    });
    this.#listening = await listen({ path: this.socket, handlers, follow: follower(parts), log: settled.log });
    settled.onStep('listening');
    await this.#join(parts);
    settled.log(`started revision=${parts.desk.policyView.revision}`);
  }

  /** INVARIANT: what fails here stops no start: the table that comes next holds more. */
  async #close(): Promise<void> {
    const { log } = this.#settled;
    try {
      if (await closeUntilUp(this.#settled))
        log('closed: nothing is forwarded from or to what enforces until the table is up');
    } catch (error) {
      log(`cannot close before the table is up: ${error}`);
    }
  }

  /** Too many addresses were seen: everything but the table, the policy and what is on disk begins anew. The table holds meanwhile. */
  async #beginAnew(): Promise<void> {
    if (this.#parts === null) return;
    this.#settled.log('too many addresses: records and what is being learned begin anew');
    try {
      await this.#release();
      await this.#start();
      this.#ail(
        'PICKET-G046',
        'records and what is being learned began anew, because too many different addresses were seen',
      );
    } catch (error) {
      this.#settled.log(`cannot begin anew: ${error}`);
      this.#tellEnd('stop');
    }
  }

  async #compose(): Promise<Parts> {
    const settled = this.#settled;
    const folder = settled.stateDirectory;
    const addresses = new AddressTable();
    const host = new Host({ addresses, prefix: settled.prefix, elapsed: settled.elapsed });
    await host.look();
    const store = new Store(folder);
    if (store.isEmpty) this.#begin(store, host, addresses);
    settled.onStep('policy-read');
    const quarantines = new Quarantines(join(folder, STATE.quarantines));
    const table = new Table({ ...settled, usagePath: join(folder, STATE.usage) });
    const logons = new Logons();
    const started = settled.now();
    const cutter = new SessionCutter(settled, addresses);
    let monitor: Monitor | null = null;
    const membership: Membership = { joined: null };
    const desk = new Desk({
      settled,
      store,
      table,
      quarantines,
      logons: () => logons.all,
      rehearse: (before, after) => {
        if (monitor === null) throw new Error('nothing is observed yet');
        const { openings, ends } = monitor;
        return rehearse({
          before,
          after,
          openings,
          addresses,
          ends,
          quarantined: [...quarantines.elements],
          logons: logons.all,
        });
      },
      onReverted: ({ domainRevision = 0 }) => membership.joined?.wentBack(domainRevision),
      onPolicy: (policy: Policy) => monitor?.apply(withIsolation(policy, quarantines.elements), settled.now()),
    });
    monitor = new Monitor({
      policy: withIsolation(desk.inForce.policy, quarantines.elements),
      addresses,
      start: started,
      timezone: settled.timezone,
      elapsed: settled.elapsed,
      ofMark: (flowMark) => table.meaningOf(flowMark),
      onName: (answer) => table.bindName(answer),
      onWrongOperation: (packet) => cutter.cut(packet),
      ownMacs: host.macs,
      ...readMemory(join(folder, STATE.memory)),
    });
    for (const element of quarantines.elements) monitor.setQuarantine(element, true, started);
    const ports = new Ports({ ...settled, layout: settled.bridge, addresses, path: join(folder, STATE.bridge) });
    const observing = new Observing({
      sink: sinkOf(monitor, ports),
      addresses,
      now: settled.now,
      prefix: settled.prefix,
      onTrouble: ({ source, kind, message }) => this.#trouble(source, kind, message),
    });
    return {
      settled,
      started,
      addresses,
      store,
      desk,
      table,
      ports,
      quarantines,
      monitor,
      host,
      observing,
      findings: new Ring<FindingRow>(FINDINGS_MAX),
      logons,
      health: () => [...this.#health.values()],
      membership,
    };
  }

  #begin(store: Store, host: Host, addresses: AddressTable): void {
    const { timezone, now } = this.#settled;
    const text = firstPolicy({
      name: host.name,
      addresses: host.addresses.map((one) => addresses.text(one)),
      timezone,
    });
    store.begin(store.add({ at: now(), by: 'picket', why: 'first start', text }));
  }

  /** Takes policies from the domain from now on, where this machine belongs to one. What fails here leaves the policy in force as it is. */
  async #join(parts: Parts): Promise<void> {
    const { membership } = parts;
    await membership.joined?.close();
    membership.joined = null;
    try {
      if (!isMember(parts.settled.stateDirectory)) return;
      // Loaded only where it is needed: it brings TLS, WebSockets and signatures with it.
      const { Joined } = await import('./joined.ts');
      membership.joined = Joined.open({ parts, inTurn: (work) => this.#inTurn(work) });
    } catch (error) {
      this.#ail('PICKET-C663', error instanceof Error ? error.message : String(error));
    }
  }

  #trouble(source: string, kind: string, message: string): void {
    const code = 'PICKET-G043';
    this.#settled.log(`observer source=${source} kind=${kind} message=${JSON.stringify(message)}`);
    if (kind === 'restored') {
      this.#health.delete(`${code} ${source}`);
      this.#parts?.monitor.blind(this.#settled.now());
    } else this.#health.set(`${code} ${source}`, { code, message: `${source} are not seen whole: ${message}` });
  }

  #ail(code: string, message: string): void {
    if (!this.#health.has(code)) this.#settled.log(`ailing code=${code} message=${JSON.stringify(message)}`);
    this.#health.set(code, { code, message });
  }

  async #release(): Promise<void> {
    await this.#parts?.membership.joined?.close();
    await this.#listening?.close();
    this.#listening = null;
    await this.#keeper?.stop();
    this.#keeper = null;
    await this.#last;
    this.#parts?.table.close();
    this.#parts?.ports.close();
    this.#parts = null;
    this.#lock?.release();
    this.#lock = null;
    this.#settled.log('ended');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => {});
    return next;
  }
}
