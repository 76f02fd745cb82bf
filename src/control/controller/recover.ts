// Recovery of a controller whose last owner lost access: whoever has its machine makes a new owner. No route leads here, and the controller is down meanwhile.

import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createLog } from '#events';
import { openBase } from './base.ts';
import { Closers } from './closers.ts';
import type { Config } from './config.ts';
import { dataFolder } from './folder.ts';
import { openPeople } from './logon.ts';
import { type RunOptions, thisMachine } from './run.ts';
import { settle } from './settled.ts';
import { ControllerError } from './trouble.ts';

export interface RecoverOptions extends Pick<RunOptions, 'now' | 'elapsed' | 'out'> {
  readonly config: Config;
  /** What the new owner is called. */
  readonly person: string;
}

export interface Recovered {
  /** Good once. */
  readonly page: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

/** Rejects with an error that has a code, and then nothing was changed: so also while the controller runs on the folder. */
export async function recoverController({ config, person, now, elapsed, out }: RecoverOptions): Promise<Recovered> {
  const owner = await ownerOf(config);
  const settled = await settle(config, thisMachine());
  const uid = process.getuid?.() ?? 0;
  become(owner);
  const log = createLog({ level: 'error', now, out });
  const closers = new Closers();
  try {
    const outside = { now, elapsed, newId: randomUUID, random: Math.random, log };
    const base = await openBase(settled, outside, closers);
    const origin = `https://${settled.names[0] ?? 'localhost'}:${settled.listen.port}`;
    const reportTelling = { logonFailed: () => {} };
    const people = await openPeople({ base, settled, outside, origin, reportTelling }, closers);
    return await people.recover({ kind: 'local', id: `uid ${uid}`, name: `user ${uid} of this machine` }, person);
  } finally {
    await closers.close((error) => log.error({ error }, 'could not be closed'));
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whose the data folder is. INVARIANT: nobody but they and root goes on, whatever the rights of the folder are. */
async function ownerOf({ data, database }: Config): Promise<Owner> {
  const folder = dataFolder(data);
  const mine = process.getuid?.() ?? 0;
  const found = await stat(folder.path).catch(() => null);
  if (found === null) throw refused(`"${folder.path}" is not there`);
  if (mine !== 0 && found.uid !== mine) throw refused(`"${folder.path}" is another user's`);
  const sign = database === undefined ? folder.database : folder.ledgerKey;
  if ((await stat(sign).catch(() => null)) === null) throw refused(`no controller was on "${folder.path}" yet`);
  return found;
}

/** Root would leave files that the controller may not open. The process keeps these rights to its end. */
function become({ uid, gid }: Owner): void {
  if (process.getuid?.() === uid) return;
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

function refused(why: string): ControllerError {
  return new ControllerError({
    code: 'PICKET-C819',
    message: `cannot recover: ${why}; nothing was changed`,
    help: 'run it as root or as the user of the controller, with the --config or --data that the controller is started with',
  });
}
