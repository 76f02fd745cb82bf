// How a ledger says that it takes no records: state, code, reason, way out. Decides nothing.

import { LedgerError } from './trouble.ts';
import type { LedgerHealth } from './types.ts';

export type Trouble = Exclude<LedgerHealth, { readonly state: 'ready' }>;

export function damaged(folder: string, damage: string): Trouble {
  return {
    state: 'broken',
    code: 'PICKET-C203',
    why: `the ledger in "${folder}" was changed from outside: ${damage}`,
    help: 'keep the folder as it is and look: picket audit verify FOLDER; see picket explain PICKET-C203',
  };
}

export function full(why: string): Trouble {
  return {
    state: 'full',
    code: 'PICKET-C204',
    why: `the ledger could not be written: ${why}`,
    help: 'make room on the disk of the data folder; it goes on by itself then',
  };
}

export function failed(why: string): Trouble {
  return {
    state: 'broken',
    code: 'PICKET-C206',
    why: `the disk of the ledger failed: ${why}`,
    help: 'look at the disk, then start the controller anew: what was acknowledged is read from the disk again',
  };
}

export function unsignable(why: string): Trouble {
  return {
    state: 'full',
    code: 'PICKET-C209',
    why: `too many records wait for a signed checkpoint: ${why}`,
    help: 'the key that signs checkpoints must be there and usable; it goes on by itself then',
  };
}

export function behindStore(folder: string, why: string): Trouble {
  return {
    state: 'broken',
    code: 'PICKET-C214',
    why: `the ledger in "${folder}" is not the one that the database belongs to: ${why}`,
    help: 'put back both from the same backup; see picket explain PICKET-C214',
  };
}

export const CLOSED: Trouble = {
  state: 'closed',
  code: 'PICKET-C210',
  why: 'the ledger was closed: the controller is ending',
  help: 'ask again when it runs',
};

/** The refusal that a trouble means for whoever wanted to record something. */
export function refusalOf({ code, why, help }: Trouble): LedgerError {
  return new LedgerError({ code, message: `${why}; nothing was recorded`, help });
}
