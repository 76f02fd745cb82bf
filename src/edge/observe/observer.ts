// The life of observation: children of the kernel's tools begun, read, counted and begun again. Not what their bytes mean.

import type { AddressTable, Instant } from '#model';
import { type Losses, ObserveError, type ObserverSink, type ObserverTrouble } from './facts.ts';

export interface ObserverOptions {
  readonly sink: ObserverSink;
  readonly addresses: AddressTable;
  readonly now: () => Instant;
  /** Words before each command, such as `['ip', 'netns', 'exec', 'x']`; they must end in becoming the command. Default none. */
  readonly prefix?: readonly string[];
  /** Names of interfaces, or `any` (default). */
  readonly interfaces?: 'any' | readonly string[];
  /** NFLOG group of Picket's table. */
  readonly group?: number;
  /** Told when a source is away, when it is back, and when the kernel does not count. */
  readonly onTrouble?: (trouble: ObserverTrouble) => void;
}

export class Observer {
  readonly #options: ObserverOptions;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Resolves when every source is seen to work; rejects with an `ObserveError` and leaves no child when one does not. */
  start(): Promise<void> {
    const found = `observation of ${this.#options.interfaces ?? 'any'}`;
    return Promise.reject(new ObserveError('not-started', 'packets', `cannot begin ${found}`));
  }

  /** Ends every child; resolves when none is left. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  get losses(): Losses {
    return { packets: 0, flowEvents: 0, verdicts: 0, restarts: 0, outageMicros: 0, cutListings: 0 };
  }
}
