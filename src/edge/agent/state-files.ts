// The names of what an agent keeps in its state directory, and how all of it is taken back. Touches no file of another name.

import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSED_FILE, openAgain } from './closing.ts';
import type { Settled } from './options.ts';
import type { Ports } from './ports.ts';
import { restoreSettings } from './settings.ts';
import type { Table } from './table.ts';

export const STATE = {
  lock: 'lock',
  head: 'head.json',
  revisions: 'revisions',
  settings: 'settings.json',
  quarantines: 'quarantines.json',
  memory: 'memory.json',
  usage: 'usage.json',
  bridge: 'bridge.json',
  closed: CLOSED_FILE,
  link: 'link',
} as const;

/** Takes the table away and puts the settings back. A crash in between is finished by the next `down`: the note of the settings goes last. */
export async function restore(
  { table, ports }: { readonly table: Table; readonly ports: Ports },
  settled: Pick<Settled, 'stateDirectory' | 'prefix' | 'onStep'>,
): Promise<void> {
  await ports.release();
  settled.onStep('bridge-released');
  await table.down();
  await openAgain(settled.prefix);
  settled.onStep('table-down');
  await restoreSettings({ path: join(settled.stateDirectory, STATE.settings), prefix: settled.prefix });
  settled.onStep('settings-restored');
}

/** Forgets the state; the folder itself goes where nothing else is in it. */
export function purge(folder: string): void {
  for (const name of Object.values(STATE)) rmSync(join(folder, name), { recursive: true, force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
