// The link: keeps one connection to a controller of the domain, whichever answers, takes policies and quarantines from it, reports to it, and renews this
// element's certificate. Without a controller everything that was taken stays as it is. Not the enforcement: ports.ts says what is asked of the agent.

import { join } from 'node:path';
import { acceptBundle, type RevocationList, readBundle } from '#identity';
import type { Down, Hello, Renewed, Welcome } from '#wire';
import { VERSIONS } from '#wire';
import { dial } from './dial.ts';
import type { Held } from './held.ts';
import { bundleOf, type Membership, writeMembership } from './membership.ts';
import { MOVE_MS, waitMs } from './pace.ts';
import type { Carried, LinkOptions, LinkView } from './ports.ts';
import { primitives } from './primitives.ts';
import { Renewal } from './renewal.ts';
import { Reporter } from './reporter.ts';
import { type End, Session } from './session.ts';
import { noSignedPolicy, readSignedFile } from './signed-file.ts';
import { type Signers, verifyPolicy, verifyQuarantine } from './statements.ts';
import { type Arrival, Taking } from './taking.ts';
import { LinkError, reasonOf } from './trouble.ts';

/** Another connection with our certificate took over: two machines with one key would throw each other out without end. */
const REPLACED_MS = 60_000;
const REPLACED = 'PICKET-C604';
const EXPIRED = 'PICKET-C606';
/** It stops, is full, or cannot read its database: another one is meant. */
const AWAY: ReadonlySet<string> = new Set(['PICKET-C600', 'PICKET-C607', 'PICKET-C615']);

export class Link {
  readonly #options: LinkOptions;
  readonly #taking: Taking;
  readonly #reporter: Reporter;
  readonly #renewal: Renewal;
  #membership: Membership;
  #revocations: RevocationList;
  #session: Session | null = null;
  #welcome: (Welcome & { readonly atMs: number; readonly address: string }) | null = null;
  #heardMs = 0;
  #skewMs = 0;
  #trouble: { readonly code: string; readonly message: string } | null = null;
  #isClosing = false;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #order = 0;
  readonly #boot: string;

  /** Throws a `LinkError` where the folder is damaged. */
  constructor(membership: Membership, options: LinkOptions) {
    this.#options = options;
    this.#membership = membership;
    this.#taking = new Taking(options.folder);
    this.#boot = `${options.now().toString(36)}-${Math.floor(options.random() * BOOTS_MAX).toString(36)}`;
    this.#revocations = { domain: membership.domain, sequence: 0, entries: [] };
    this.#reporter = new Reporter(options, () => bundleOf(this.#membership, options.now()).sequence);
    this.#renewal = new Renewal(options);
  }

  /** The newest policy that was taken, or null. */
  get held(): Held | null {
    return this.#taking.held;
  }

  get view(): LinkView {
    const { domain, id, addresses } = this.#membership;
    const isConnected = this.#session?.isWelcome === true;
    return {
      domain,
      id,
      addresses,
      isConnected,
      controller: isConnected ? (this.#welcome?.controller ?? null) : null,
      address: isConnected ? (this.#welcome?.address ?? null) : null,
      sinceMs: isConnected ? (this.#welcome?.atMs ?? null) : null,
      heardMs: this.#heardMs === 0 ? null : this.#heardMs,
      revision: this.#taking.statement?.revision ?? null,
      currentRevision: this.#currentRevision,
      certificateEndsMs: Math.floor(this.#renewal.leafOf(this.#membership).notAfter / 1_000),
      trouble: this.#trouble,
    };
  }

  /** What was taken since the welcome is at least as new as what that named. */
  get #currentRevision(): number | null {
    if (this.#welcome === null) return null;
    return Math.max(this.#welcome.revision, this.#taking.statement?.revision ?? 0);
  }

  /** Puts what is held on disk in force, if it is not, and begins to dial. */
  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#renewal.stop();
    this.#reporter.stop();
    this.#session?.close('PICKET-C600', 'the agent ends');
    this.#wake();
    await this.#running;
  }

  /**
   * Takes a policy that came in a file as if a controller had sent it. Throws a `LinkError` where it is not signed by the domain's key, not of this domain,
   * or older than what was taken; then nothing was changed.
   */
  async takeFile(text: string): Promise<Carried> {
    const snapshot = readSignedFile(text);
    const signers = this.#signers();
    const { revision, pendingUntilMs } = await verifyPolicy(snapshot.statement, signers);
    if (pendingUntilMs !== null) throw noSignedPolicy('its revision was not confirmed');
    const taken = await this.#taking.take(snapshot, signers);
    if (taken.kind !== 'held') throw taken.error;
    this.#options.log(`link took revision=${revision} from a file`);
    const result = await this.#options.applier.apply(taken.held, 0);
    this.#session?.send({ kind: 'applied', revision, inForce: this.#options.applier.inForce, ...result });
    return { revision, ...result };
  }

  #signers(): Signers {
    const { policyKeys } = bundleOf(this.#membership, this.#options.now());
    return { domain: this.#membership.domain, keys: policyKeys };
  }

  /** The agent took a revision back by itself because nobody confirmed it. */
  reverted(inForce: number): void {
    const revision = this.#taking.statement?.revision;
    if (revision !== undefined)
      this.#session?.send({ kind: 'applied', revision, outcome: 'reverted', inForce, problem: null });
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isClosing) {
      const end = (await this.#renewIfOver()) ?? (await this.#once());
      if (this.#isClosing) return;
      failures = end.wasWelcome ? 0 : failures + 1;
      this.#trouble = { code: end.code ?? 'PICKET-C660', message: end.message };
      this.#options.log(`link ended code=${this.#trouble.code} message=${JSON.stringify(end.message)}`);
      await this.#pause(this.#pauseOf(end, failures));
    }
  }

  #pauseOf({ code, wasWelcome }: End, failures: number): number {
    const chance = this.#options.random();
    if (code === REPLACED) return REPLACED_MS * (0.5 + chance);
    if (AWAY.has(code ?? '') || code === EXPIRED || wasWelcome) return MOVE_MS * chance;
    // The first round over all addresses is fast: another controller may be well.
    return failures < this.#membership.addresses.length ? MOVE_MS * chance : waitMs(failures, chance);
  }

  /** Connects to the next address and stays until the end. Never rejects. */
  async #once(): Promise<End> {
    const { addresses } = this.#membership;
    const address = addresses[this.#order % addresses.length] ?? '';
    this.#order += 1;
    try {
      const now = this.#options.now();
      const socket = await dial({ membership: this.#membership, address, now, revocations: this.#revocations });
      const session: Session = new Session({
        socket,
        hello: this.#hello(),
        onMessage: (message) => this.#message(message, { session, address }),
      });
      this.#session = session;
      const end = await session.ended;
      // The address that worked is tried first again, unless its controller sends us away or hangs.
      if (end.wasWelcome && !end.isSilent && !AWAY.has(end.code ?? '')) this.#order -= 1;
      return end;
    } catch (error) {
      const code = error instanceof LinkError ? error.code : 'PICKET-C660';
      return { code, message: reasonOf(error), isSilent: false, wasWelcome: false };
    } finally {
      this.#session = null;
      this.#reporter.disconnected();
      this.#renewal.stop();
    }
  }

  #hello(): Hello {
    const statement = this.#taking.statement;
    return {
      kind: 'hello',
      versions: [...VERSIONS],
      program: this.#options.version.slice(0, 64),
      boot: this.#boot,
      revision: statement?.revision ?? null,
      digest: statement?.digest ?? null,
      highest: this.#taking.floor.revision,
      quarantineSequence: this.#taking.floor.quarantineSequence,
      bundleSequence: bundleOf(this.#membership, this.#options.now()).sequence,
    };
  }

  async #message(message: Down, at: { readonly session: Session; readonly address: string }): Promise<void> {
    this.#heardMs = Math.floor(this.#options.now() / 1_000);
    try {
      await this.#handle(message, at);
    } catch (error) {
      // A disk that is full and the like: nothing was taken, and the controller is told.
      this.#fail(error);
      this.#options.log(`link message=${message.kind} failed: ${reasonOf(error)}`);
    }
  }

  async #handle(
    message: Down,
    { session, address }: { readonly session: Session; readonly address: string },
  ): Promise<void> {
    switch (message.kind) {
      case 'welcome':
        this.#welcomed(message, session, address);
        return;
      case 'snapshot':
      case 'delta':
      case 'confirmed':
        await this.#arrived(message, session);
        return;
      case 'quarantine':
        await this.#quarantine(message.statement, session);
        return;
      case 'lease':
        this.#skewMs = message.nowMs - this.#heardMs;
        if (message.revocations !== null) this.#takeRevocations(message.revocations);
        return;
      case 'controllers':
        this.#takeAddresses(address, message.addresses);
        return;
      case 'received':
        this.#reporter.received(message.sequence);
        return;
      case 'renewed':
        this.#renewed(message, session);
        return;
      case 'bundle':
        this.#takeBundle(message.document);
        return;
      case 'pong':
      case 'bye':
        return;
    }
  }

  #welcomed(welcome: Welcome, session: Session, address: string): void {
    this.#welcome = { ...welcome, atMs: this.#heardMs, address };
    this.#skewMs = welcome.nowMs - this.#heardMs;
    this.#trouble = null;
    this.#options.log(`link connected controller=${JSON.stringify(welcome.controller)} revision=${welcome.revision}`);
    this.#takeAddresses(address, welcome.addresses);
    this.#reporter.connected(session, welcome.reportSeconds);
    this.#renewal.plan(this.#membership, (request) => session.send({ kind: 'renew', ...request }));
  }

  /** The one that answered stays first; those it names come after it. */
  #takeAddresses(address: string, named: readonly string[]): void {
    const known = [...new Set([address, ...named])].slice(0, ADDRESSES_MAX);
    if (known.join() === this.#membership.addresses.join()) return;
    this.#save({ ...this.#membership, addresses: known });
    this.#order = 1;
  }

  async #arrived(arrival: Arrival, session: Session): Promise<void> {
    const taken = await this.#taking.take(arrival, this.#signers());
    if (taken.kind === 'lost') {
      this.#options.log(`link ${taken.error.message}`);
      session.send({ kind: 'wanted', what: 'snapshot', why: problemOf(taken.error) });
      return;
    }
    if (taken.kind === 'refused') {
      this.#trouble = problemOf(taken.error);
      this.#options.log(`link refused code=${taken.error.code} message=${JSON.stringify(taken.error.message)}`);
      const inForce = this.#options.applier.inForce;
      session.send({
        kind: 'applied',
        revision: Math.max(1, taken.revision),
        outcome: 'refused',
        inForce,
        problem: problemOf(taken.error),
      });
      return;
    }
    const revision = taken.held.statement.revision;
    const result = await this.#options.applier.apply(taken.held, this.#skewMs);
    session.send({ kind: 'applied', revision, inForce: this.#options.applier.inForce, ...result });
  }

  async #quarantine(jws: string, session: Session): Promise<void> {
    const statement = await verifyQuarantine(jws, this.#signers());
    if (!this.#taking.takeSequence(statement.sequence))
      throw new LinkError({
        code: 'PICKET-C664',
        message: `quarantine list ${statement.sequence} is older than one that was taken; nothing was changed`,
      });
    const { held, failed } = await this.#options.applier.quarantine(statement);
    session.send({ kind: 'quarantined', sequence: statement.sequence, held: [...held], failed: [...failed] });
  }

  #takeRevocations({ sequence, entries }: Omit<RevocationList, 'domain'>): void {
    if (sequence >= this.#revocations.sequence)
      this.#revocations = { domain: this.#membership.domain, sequence, entries };
  }

  /** A bundle that goes back, or that no trusted root vouches for, is refused. */
  #takeBundle(document: string): void {
    const now = this.#options.now();
    const value: unknown = JSON.parse(document);
    const offered = readBundle(value, { now, primitives });
    const accepted =
      offered.kind === 'ok' ? acceptBundle(bundleOf(this.#membership, now), offered.value, primitives) : offered;
    if (accepted.kind === 'refused')
      throw new LinkError({ code: accepted.code, message: accepted.message, help: accepted.help });
    this.#save({ ...this.#membership, bundle: value });
  }

  #renewed({ leaf, problem }: Renewed, session: Session): void {
    if (leaf === null) {
      this.#trouble = problem;
      this.#renewal.refused();
      return;
    }
    this.#save(this.#renewal.accept(this.#membership, leaf));
    this.#options.log('link certificate renewed');
    session.close('PICKET-C600', 'the agent comes again with its new certificate');
  }

  /** A machine that slept past the end of its certificate asks with its renewal key. Without a new one it need not dial: nobody lets it in. */
  async #renewIfOver(): Promise<End | null> {
    try {
      const renewed = await this.#renewal.ifOver(this.#membership);
      if (renewed !== null) {
        this.#save(renewed);
        this.#options.log('link certificate renewed by the renewal key');
      }
      return null;
    } catch (error) {
      return { ...asleep(error), isSilent: false, wasWelcome: false };
    }
  }

  #save(membership: Membership): void {
    writeMembership(this.#options.folder, membership);
    this.#membership = membership;
  }

  #fail(error: unknown): void {
    this.#trouble = error instanceof LinkError ? problemOf(error) : { code: 'PICKET-C660', message: reasonOf(error) };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#isClosing) this.#wake();
    });
  }
}

/** Two processes that begin in the same microsecond differ by this. */
const BOOTS_MAX = 2 ** 32;
const ADDRESSES_MAX = 16;
const MESSAGE_CHARS_MAX = 500;

function problemOf({ code, message }: LinkError): { readonly code: string; readonly message: string } {
  return { code, message: message.slice(0, MESSAGE_CHARS_MAX) };
}

/** Only somebody who lets this element join again helps then: it says so itself. */
const JOIN_AGAIN: ReadonlySet<string> = new Set(['PICKET-C307', 'PICKET-C330', 'PICKET-C661']);

/** Why there is no certificate after a sleep. Everything but a refusal may pass by itself. */
function asleep(error: unknown): { readonly code: string; readonly message: string } {
  const why = reasonOf(error);
  if (error instanceof LinkError && JOIN_AGAIN.has(error.code)) return problemOf(error);
  return {
    code: 'PICKET-C329',
    message: `the certificate ended while this element was away, and there is no new one yet: ${why.slice(0, MESSAGE_CHARS_MAX / 2)}`,
  };
}

/** Where the link keeps its files below an agent's state. */
export function linkFolder(stateDirectory: string): string {
  return join(stateDirectory, 'link');
}
