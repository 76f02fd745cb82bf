// The controllers of this database: each says every few seconds that it lives and where its agents' port is, and looks who else does. By that agents are
// told where to go, and what a dead one left is taken over. Not a lock: whatever must be done once is done by compare-and-set.

import {
  databaseNow,
  disconnectSilent,
  forgetController,
  forgetControllers,
  LIVING_MS,
  livingControllers,
  noteController,
  type Store,
} from '#store';

const BEAT_MS = 5_000;
/** An agent is seen with every lease, ten seconds; its row is of a dead controller where it was not for so long. */
const SILENT_MS = 60_000;
/** Work for the dead is looked for so often. */
const TEND_MS = 10_000;
/** Who did not come back in this time will not. */
const FORGOTTEN_MS = 7 * 86_400_000;
/** Addresses that are told to agents. */
const ADDRESSES_MAX = 16;

export interface PeersOptions {
  readonly store: Store;
  /** Of this controller. */
  readonly name: string;
  /** Where agents reach this one. */
  readonly host: string;
  /** 0 where the kernel chooses it: until it is known nobody can have joined. */
  readonly port: number;
  /** Given in the configuration, they are all. */
  readonly configured: readonly string[] | null;
  /** Of this controller's ledger. */
  readonly chain: () => string | null;
  readonly adopt: () => Promise<number>;
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
  readonly onAdopted: (acts: number) => void;
}

export class Peers {
  readonly #options: PeersOptions;
  #port: number;
  #others: readonly string[] = [];
  #begunMs: number | null = null;
  #tendMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** The agents' port is open. */
  isAt(port: number): void {
    this.#port = port;
  }

  /** Of all controllers that serve agents, this one first. While the database is away, those that were known last. */
  addresses(): readonly string[] {
    const { configured } = this.#options;
    return configured ?? [...new Set([this.#own, ...this.#others])].slice(0, ADDRESSES_MAX);
  }

  /** A controller with a database of its own has no peers. */
  async start(): Promise<void> {
    if (this.#options.store.kind === 'sqlite') return;
    await this.beat();
    this.#timer = setInterval(() => void this.beat(), BEAT_MS);
  }

  async close(): Promise<void> {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    await this.#beating;
    await forgetController(this.#options.store.db, this.#options.name).catch(() => {});
  }

  /** One at a time; one that fails is made up for by the next. */
  beat(): Promise<void> {
    this.#beating ??= this.#beat()
      .catch((error: unknown) => this.#options.onTrouble(error))
      .finally(() => {
        this.#beating = null;
      });
    return this.#beating;
  }

  get #own(): string {
    return `${this.#options.host}:${this.#port}`;
  }

  async #beat(): Promise<void> {
    const { store, name, chain } = this.#options;
    const now = (await databaseNow(store)) ?? this.#options.now();
    this.#begunMs ??= now;
    const row = { name, addresses: JSON.stringify([this.#own]), chain: chain(), begun_at: this.#begunMs, seen_at: now };
    await noteController(store.db, row);
    const living = await livingControllers(store.db, now - LIVING_MS);
    this.#others = living.filter((one) => one.name !== name).flatMap(({ addresses }) => addressesIn(addresses));
    if (now - this.#tendMs >= TEND_MS) await this.#tend(now);
  }

  async #tend(now: number): Promise<void> {
    const { store, adopt, onAdopted } = this.#options;
    this.#tendMs = now;
    await disconnectSilent(store.db, this.#options.now() - SILENT_MS);
    await forgetControllers(store.db, now - FORGOTTEN_MS);
    const adopted = await adopt();
    if (adopted > 0) onAdopted(adopted);
  }
}

function addressesIn(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, ADDRESSES_MAX) : [];
  } catch {
    return [];
  }
}
