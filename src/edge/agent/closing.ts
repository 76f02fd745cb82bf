// What holds while no table can: after a restart of the machine the closed table of the last policy in force stands before anything else is
// tried, and goes when the table is up. Where the agent cannot begin it stays. Not the table.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closedTable, OPEN_LINE } from '#enforce';
import type { Policy } from '#model';
import { writeWhole } from './files.ts';
import type { Settled } from './options.ts';

export const CLOSED_FILE = 'closed.nft';
const TOOL_MS_MAX = 30_000;

/** Writes down what stays closed without a table. What cannot be written stops nobody: it is told, and the next start writes it. */
export function keepClosed({ stateDirectory, log }: Pick<Settled, 'stateDirectory' | 'log'>, policy: Policy): void {
  try {
    writeWhole(join(stateDirectory, CLOSED_FILE), closedTable(policy));
  } catch (error) {
    log(`closed table not kept: ${error}`);
  }
}

/** Loads what was kept, where no table of an earlier agent holds more than that. Says whether something is closed now. */
export async function closeUntilUp({
  stateDirectory,
  prefix,
}: Pick<Settled, 'stateDirectory' | 'prefix'>): Promise<boolean> {
  const path = join(stateDirectory, CLOSED_FILE);
  if (!existsSync(path)) return false;
  const tables = await nft(prefix, 'list', 'tables');
  if (/^table inet picket$/m.test(tables)) return false;
  await nft(prefix, '-f', path);
  return true;
}

export async function openAgain(prefix: readonly string[]): Promise<void> {
  await nft(prefix, OPEN_LINE);
}

async function nft(prefix: readonly string[], ...words: readonly string[]): Promise<string> {
  const [program = 'nft', ...rest] = [...prefix, 'nft', ...words];
  return (await promisify(execFile)(program, rest, { timeout: TOOL_MS_MAX })).stdout;
}
