// The newest checkpoint of a folder, to be kept elsewhere. Looks at its signature and at nothing else: the rest is the verification's.

import { join } from 'node:path';
import { readCheckpoint, signatureTrouble } from './checkpoint.ts';
import { CHECKPOINTS_FILE, endOf } from './segments.ts';
import { LedgerError } from './trouble.ts';
import type { Checkpoint } from './types.ts';

/** Throws a `LedgerError` where there is none. */
export async function newestCheckpoint(folder: string): Promise<Checkpoint> {
  const line = (await endOf(join(folder, CHECKPOINTS_FILE)))?.lines.at(-1);
  const checkpoint = line === undefined ? 'there is none' : readCheckpoint(line.toString('utf8'));
  const why = typeof checkpoint === 'string' ? checkpoint : signatureTrouble(checkpoint, null);
  if (typeof checkpoint !== 'string' && why === null) return checkpoint;
  throw new LedgerError({
    code: 'PICKET-C207',
    message: `cannot read the newest checkpoint in "${folder}": ${why}`,
    help: 'name the ledger folder in the data folder of a controller; look with picket audit verify FOLDER',
  });
}
