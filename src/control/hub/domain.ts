// One domain of a hub: its agents' connections, what they get, and when. A change is made ready once and the same bytes go to everybody.

import { encode, type Hello, QUARANTINE_TYP, type QuarantineStatement } from '#wire';
import type { Connection } from './connection.ts';
import type { Head, HubOptions, Refused } from './options.ts';
import { Shelf } from './shelf.ts';
import { BYE } from './trouble.ts';

/** Between two snapshots that one agent asks for: who asks faster has a fault that more snapshots do not mend. */
const SNAPSHOT_MS_MIN = 2_000;

export class Domain {
  readonly #name: string;
  readonly #options: HubOptions;
  readonly #shelf: Shelf;
  readonly #agents = new Map<string, Connection>();
  readonly #snapshotMs = new WeakMap<Connection, number>();
  #quarantine: { readonly sequence: number; readonly signedBy: string; readonly bytes: Buffer } | null = null;
  #revocationSequence = -1;
  #bundleSequence = -1;
  #isBeating = false;

  constructor(name: string, options: HubOptions) {
    this.#name = name;
    this.#options = options;
    this.#shelf = new Shelf(name, options);
  }

  get revision(): number {
    return this.#shelf.revision;
  }

  get connections(): ReadonlyMap<string, Connection> {
    return this.#agents;
  }

  /** Reads everything for the first time, or anew after notices were lost. */
  async readAll(): Promise<void> {
    await this.bundleChanged();
    await this.revoked();
  }

  /** Reads what a head shows to be newer than what is here. */
  async look(head: Omit<Head, 'domain'>): Promise<void> {
    const { revision, pendingUntilMs, quarantineSequence, revocationSequence, bundleSequence } = head;
    const isNewer = revision > this.#shelf.revision;
    const isOther = revision === this.#shelf.revision && pendingUntilMs !== this.#shelf.pendingUntilMs;
    if (isNewer || isOther) await this.policyChanged();
    if (quarantineSequence > (this.#quarantine?.sequence ?? -1)) await this.quarantineChanged();
    if (revocationSequence > this.#revocationSequence) await this.revoked();
    if (bundleSequence > this.#bundleSequence) await this.bundleChanged();
  }

  /** The newest connection of an agent counts: the one before is told, since two agents with one key are a fault or an attack. */
  enter(connection: Connection): void {
    const { agent } = connection.member;
    this.#agents.get(agent)?.bye(BYE.replaced, 'another connection with this certificate took over');
    this.#agents.set(agent, connection);
  }

  /** False where a newer connection of the agent is here already. */
  leave(connection: Connection): boolean {
    const { agent } = connection.member;
    return this.#agents.get(agent) === connection && this.#agents.delete(agent);
  }

  /** Another controller has the agent since `sinceMs`. */
  movedAway(agent: string, sinceMs: number, enteredMs: number): void {
    const connection = this.#agents.get(agent);
    if (connection !== undefined && enteredMs <= sinceMs)
      connection.bye(BYE.replaced, 'another controller has this agent now');
  }

  /** Everything that an agent lacks. */
  async greet(connection: Connection, hello: Hello): Promise<void> {
    const { trust } = this.#options;
    const bundle = await trust.bundle(this.#name);
    if (bundle.sequence > hello.bundleSequence) connection.send({ kind: 'bundle', document: bundle.document });
    connection.sendBytes(await this.#leaseBytes(true));
    if (this.#quarantine !== null) connection.sendBytes(this.#quarantine.bytes);
    if (hello.highest > this.#shelf.revision && this.#shelf.revision > 0) {
      this.#log(
        `agent=${connection.member.agent} is ahead: it took revision ${hello.highest}, current is ${this.#shelf.revision}`,
      );
      return;
    }
    this.deliver(connection);
  }

  /** Brings one agent to the current revision, or remembers that it has to wait until its socket has room. */
  deliver(connection: Connection): void {
    if (!connection.isOpen || this.#shelf.revision === 0) return;
    connection.isBehind = connection.isSlow;
    if (connection.isBehind) return;
    const { held } = connection;
    const isHeld = held !== null && this.#shelf.isCurrent(held.revision, held.digest);
    const delta = held === null || isHeld ? null : this.#shelf.delta(held.revision, held.digest);
    const bytes = isHeld ? this.#shelf.confirmed() : (delta ?? this.#shelf.snapshot());
    if (bytes === null) return;
    connection.sendBytes(bytes);
    connection.held = { revision: this.#shelf.revision, digest: this.#shelf.digest };
  }

  wantsSnapshot(connection: Connection, why: Refused): void {
    const now = this.#options.now();
    const last = this.#snapshotMs.get(connection);
    this.#log(`agent=${connection.member.agent} wants a snapshot code=${why.code}`);
    if (last !== undefined && now - last < SNAPSHOT_MS_MIN) {
      connection.bye(BYE.flood, 'snapshots are asked for too often');
      return;
    }
    this.#snapshotMs.set(connection, now);
    connection.held = null;
    this.deliver(connection);
  }

  /** The newest policy as agents get it; null where it waits for its confirmation. */
  async signedPolicy(): Promise<Buffer | null> {
    await this.policyChanged();
    return this.#shelf.confirmedSnapshot();
  }

  async policyChanged(): Promise<void> {
    if ((await this.#shelf.refresh()) === 'none') return;
    for (const connection of this.#agents.values()) this.deliver(connection);
  }

  async quarantineChanged(): Promise<void> {
    const list = await this.#options.quarantines.current(this.#name);
    const signedBy = await this.#options.trust.policyKey(this.#name);
    if (!this.#isNews(list.sequence, signedBy)) return;
    const payload: QuarantineStatement = { domain: this.#name, ...list };
    const statement = await this.#options.trust.sign(this.#name, { typ: QUARANTINE_TYP, payload });
    // Two reads may end in the other order.
    if (!this.#isNews(list.sequence, signedBy)) return;
    const bytes = Buffer.from(encode({ kind: 'quarantine', statement }));
    this.#quarantine = { sequence: list.sequence, signedBy, bytes };
    this.#toAll(bytes);
  }

  /** A newer list of quarantines, or the same by another key. */
  #isNews(sequence: number, signedBy: string): boolean {
    const known = this.#quarantine;
    if (known === null || sequence > known.sequence) return true;
    return sequence === known.sequence && signedBy !== known.signedBy;
  }

  /** Cuts who was revoked, at once and without a word; tells the others. */
  async revoked(): Promise<void> {
    await this.#options.trust.noticed(this.#name);
    for (const connection of this.#agents.values())
      if (this.#options.trust.isRevoked(connection.member)) connection.cut();
    const bytes = await this.#leaseBytes(false);
    this.#toAll(bytes);
  }

  async bundleChanged(): Promise<void> {
    const { trust } = this.#options;
    await trust.noticed(this.#name);
    const { sequence, document } = await trust.bundle(this.#name);
    if (sequence > this.#bundleSequence) {
      this.#bundleSequence = sequence;
      this.#toAll(Buffer.from(encode({ kind: 'bundle', document })));
    }
    // After a rotation: whoever comes when the old key is retired verifies what is current by the new one.
    await this.policyChanged();
    await this.quarantineChanged();
  }

  /** The periodic word of the controller. The ping does not wait for the store, which may hang: silence would be taken for the controller's own. */
  async beat(): Promise<void> {
    for (const connection of this.#agents.values()) {
      if (this.#options.trust.isRevoked(connection.member)) connection.cut();
      else connection.beat();
    }
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      this.#toAll(await this.#leaseBytes(false));
    } finally {
      this.#isBeating = false;
    }
  }

  /** Controllers came or went. */
  tell(addresses: readonly string[]): void {
    this.#toAll(Buffer.from(encode({ kind: 'controllers', addresses: [...addresses] })));
  }

  #toAll(bytes: Buffer): void {
    for (const connection of this.#agents.values()) if (!connection.isSlow) connection.sendBytes(bytes);
  }

  /** With the revocation list for who is new, and for all when it has changed. */
  async #leaseBytes(isNew: boolean): Promise<Buffer> {
    const { trust, now, timing } = this.#options;
    const { sequence, entries } = await trust.revocations(this.#name);
    const hasList = isNew || sequence !== this.#revocationSequence;
    if (!isNew) this.#revocationSequence = sequence;
    return Buffer.from(
      encode({
        kind: 'lease',
        seconds: 3 * (timing?.leaseSeconds ?? LEASE_SECONDS),
        nowMs: now(),
        revocations: hasList ? { sequence, entries } : null,
      }),
    );
  }

  #log(line: string): void {
    this.#options.log?.(`hub domain=${this.#name} ${line}`);
  }
}

const LEASE_SECONDS = 10;
