// The ground that everything else stands on: folder, database, ledger, recorder, bus. Opened in this order, closed in the other.

import { type Bus, openBus } from '#bus';
import type { Log } from '#events';
import { type Ledger, openLedger, Recorder, signerOf } from '#ledger';
import { openStore, type Store } from '#store';
import type { Closers } from './closers.ts';
import { makeDataFolder } from './folder.ts';
import { ledgerKeyOf } from './ledger-key.ts';
import type { Settled } from './settled.ts';

export interface Base {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly recorder: Pick<Recorder, 'perform' | 'health' | 'adoptOrphans'>;
  readonly bus: Bus;
}

/** The same, with the recorder itself. */
export interface Ground extends Base {
  readonly recorder: Recorder;
}

/** The outside world of a controller. */
export interface Outside {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that no setting of the clock moves. */
  readonly elapsed: () => number;
  /** A text that was never given before. */
  readonly newId: () => string;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

export async function openBase(settled: Settled, outside: Outside, closers: Closers): Promise<Ground> {
  const { folder, databaseUrl } = settled;
  const { now, newId, random, log } = outside;
  await makeDataFolder(folder);
  const store = await openStore({ file: folder.database, url: databaseUrl });
  closers.add(() => store.close());
  const signer = signerOf(await ledgerKeyOf(folder.ledgerKey));
  const ledger = await openLedger({ folder: folder.ledger, now, newId, signer });
  closers.add(() => ledger.close());
  const recorder = await Recorder.open({ store, ledger, now, newId });
  closers.add(() => recorder.close());
  const bus = await openBus({
    url: databaseUrl,
    bug: (error) => log.error({ error }, 'bug in a handler of the bus'),
    random,
  });
  closers.add(() => bus.close());
  return { store, ledger, recorder, bus };
}
