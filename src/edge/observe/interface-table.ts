// Keeps the list of interfaces fresh and tells the gate. Not a watcher of the kernel: it lists every few seconds, and soon after a packet
// of an interface that it does not know.

import type { AddressTable } from '#model';
import type { Crossing } from './crossing.ts';
import { ObserveError } from './facts.ts';
import { type Interface, listInterfaces } from './interfaces.ts';

export interface InterfaceTableOptions {
  readonly prefix: readonly string[];
  readonly addresses: AddressTable;
  readonly gate: Crossing;
  /** Names of those whose packets count; null for all. */
  readonly only: readonly string[] | null;
}

/** Pause before a listing that a packet asked for, so that a flood from an unknown interface costs one listing a second. */
const SOON_MS = 1_000;

export class InterfaceTable {
  readonly #options: InterfaceTableOptions;
  #names: ReadonlyMap<number, string> = new Map();
  #soon: NodeJS.Timeout | null = null;
  #isClosed = false;
  #running: Promise<void> | null = null;

  constructor(options: InterfaceTableOptions) {
    this.#options = options;
  }

  /** The first listing. Rejects when interfaces that were asked for do not exist. */
  async start(): Promise<void> {
    const interfaces = await this.#list().catch((error: unknown) => {
      const found = error instanceof Error ? error.message.slice(0, 200) : 'nothing';
      throw new ObserveError(
        'tool-missing',
        'packets',
        `cannot list interfaces with "ip": found ${JSON.stringify(found)}; needs iproute2, nothing was changed`,
      );
    });
    const names = new Set(interfaces.map(({ name }) => name));
    const missing = this.#options.only?.filter((name) => !names.has(name)) ?? [];
    if (missing.length === 0) return;
    const found = [...names].map((name) => JSON.stringify(name)).join(', ');
    const wanted = missing.map((name) => JSON.stringify(name)).join(', ');
    throw new ObserveError(
      'bad-interface',
      'packets',
      `cannot observe interface ${wanted}: found ${found}; nothing was changed`,
    );
  }

  nameOf(index: number): string {
    return this.#names.get(index) ?? '';
  }

  poll(): void {
    if (this.#running !== null || this.#isClosed) return;
    this.#running = this.#refresh().finally(() => {
      this.#running = null;
    });
  }

  refreshSoon(): void {
    if (this.#soon !== null || this.#isClosed) return;
    this.#soon = setTimeout(() => {
      this.#soon = null;
      this.poll();
    }, SOON_MS);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#soon !== null) clearTimeout(this.#soon);
    await this.#running;
  }

  async #refresh(): Promise<void> {
    try {
      await this.#list();
    } catch {
      // What was known stays known; the next poll tries again, and names that are missing are told as ''.
    }
  }

  async #list(): Promise<readonly Interface[]> {
    const { prefix, addresses, gate, only } = this.#options;
    const interfaces = await listInterfaces(prefix, addresses);
    this.#names = new Map(interfaces.map(({ index, name }) => [index, name]));
    gate.use(interfaces, only === null ? null : new Set(only));
    return interfaces;
  }
}
