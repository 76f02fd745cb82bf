// Runs an agent in the foreground until it is told to end: by a signal, or over its socket. And takes back what an agent left that is no more.

import { join } from 'node:path';
import process from 'node:process';
import { AddressTable } from '#model';
import { Agent, type AgentEnd } from './agent.ts';
import { makeFolder } from './files.ts';
import { takeLock } from './lock.ts';
import type { AgentOptions } from './options.ts';
import { Ports } from './ports.ts';
import { purge, restore, STATE } from './state-files.ts';
import { Table } from './table.ts';

export interface RunOptions
  extends Omit<AgentOptions, 'elapsed' | 'timezone'>,
    Partial<Pick<AgentOptions, 'elapsed' | 'timezone'>> {
  /** Ends the run as a signal does. */
  readonly signal?: AbortSignal;
  /** Told when it answers at its socket. */
  readonly onReady?: (socket: string) => void;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves with how it ended: `stop` leaves the table, `down` and `purge` took everything back. Rejects with an `AgentError` where it cannot begin. */
export async function runAgent({ signal, onReady, ...options }: RunOptions): Promise<AgentEnd> {
  const agent = new Agent({
    elapsed: () => Number(process.hrtime.bigint() / 1_000n),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...options,
  });
  const told = tellSignals(signal);
  try {
    await agent.start();
    onReady?.(agent.socket);
    const how = await Promise.race([agent.ended, told.end]);
    if (how === 'stop') await agent.stop();
    else await agent.down({ isPurge: how === 'purge' });
    return how;
  } finally {
    told.forget();
  }
}

/** Signals of the whole run: one that comes during the start ends it right after. */
function tellSignals(signal: AbortSignal | undefined): { readonly end: Promise<AgentEnd>; forget(): void } {
  let tell: (end: AgentEnd) => void = () => {};
  const end = new Promise<AgentEnd>((resolve) => {
    tell = resolve;
  });
  const stop = (): void => tell('stop');
  for (const name of SIGNALS) process.on(name, stop);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  return {
    end,
    forget() {
      for (const name of SIGNALS) process.off(name, stop);
      signal?.removeEventListener('abort', stop);
    },
  };
}

/** Takes the table and every setting back where no agent runs: it crashed, or was stopped and left them. */
export async function takeDown(
  options: Pick<RunOptions, 'stateDirectory' | 'prefix' | 'now' | 'log' | 'onStep'> & { readonly isPurge?: boolean },
): Promise<void> {
  const { stateDirectory, prefix = [], now, log = () => {}, onStep = () => {}, isPurge = false } = options;
  makeFolder(stateDirectory);
  const lock = await takeLock(join(stateDirectory, STATE.lock));
  const table = new Table({ prefix, now, log, usagePath: join(stateDirectory, STATE.usage) });
  const ports = new Ports({
    layout: null,
    prefix,
    addresses: new AddressTable(),
    path: join(stateDirectory, STATE.bridge),
    log,
  });
  try {
    await restore({ table, ports }, { stateDirectory, prefix, onStep });
    if (isPurge) purge(stateDirectory);
  } finally {
    table.close();
    ports.close();
    lock.release();
  }
}
