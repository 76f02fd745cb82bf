// What holds while no table can: after a restart of the machine the closed table of the last policy in force stands before anything else is
// tried, and goes when the table is up. Where the agent cannot begin it stays. Not the table.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { closedTable, OPEN_LINE } from '#enforce';
import type { Policy } from '#model';
import { writeWhole } from './files.ts';

const TOOL_MS_MAX = 30_000;

/** Writes down what stays closed without a table. */
export function keepClosed(path: string, policy: Policy): void {
  writeWhole(path, closedTable(policy));
}

/** Loads what was kept, where no table of an earlier agent holds more than that. Says whether something is closed now. */
export async function closeUntilUp(path: string, prefix: readonly string[]): Promise<boolean> {
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
