// Runs a controller in the foreground until it is told to end. What a service manager starts, and what `picket controller up` starts apart.

import { randomUUID } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import { createLog } from '#events';
import type { Config } from './config.ts';
import type { Machine } from './settled.ts';
import { type Controller, startController } from './start.ts';

export interface RunOptions {
  readonly config: Config;
  readonly version: string;
  /** IANA zone of the machine. */
  readonly timezone: string;
  /** Whether to make what the agent of this machine joins by. */
  readonly isForAgent?: boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that no setting of the clock moves. */
  readonly elapsed: () => number;
  /** Lines of the log go here. */
  readonly out: { write(line: string): unknown };
  /** Ends the run. */
  readonly signal: AbortSignal;
  readonly onReady?: (controller: Controller) => void;
}

/** Resolves when it has ended and everything is closed. Rejects with an error that has a code where it cannot begin. */
export async function runController({ config, signal, out, onReady, ...rest }: RunOptions): Promise<void> {
  const log = createLog({ level: config.log, now: rest.now, out });
  const told = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const controller = await startController({
    ...rest,
    config,
    log,
    machine: thisMachine(),
    newId: randomUUID,
    random: Math.random,
  });
  onReady?.(controller);
  await told;
  log.info({}, 'ending');
  await controller.close();
  log.info({}, 'ended');
}

export function thisMachine(): Machine {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const addresses = all.filter(({ internal }) => !internal).map(({ address }) => address.replace(/%.*$/, ''));
  return { hostName: hostname(), addresses: [...new Set(addresses)] };
}
