// What the authority is given: store, recorder, clock, randomness, folder, secrets, and a way to tell the other controllers. Not how it works.

import type { IdentityKind } from '#identity';
import type { Doer, Recorder } from '#ledger';
import type { Store } from '#store';
import type { SealSource } from './seal.ts';

/** What changed, for the other controllers and the hub; small enough for a notification. */
export interface AuthorityNotice {
  readonly domain: string;
  /** keys: bundle or keys changed. revocations: the list changed. */
  readonly what: 'keys' | 'revocations';
  readonly sequence: number;
}

export interface AuthorityOptions {
  readonly store: Store;
  readonly recorder: Pick<Recorder, 'perform'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Holds root keys, one file each, and the sealing key where none is given. */
  readonly folder: string;
  /** Seals what is in the database. Without it a key file in `folder` does, made at the first start. */
  readonly seal?: SealSource;
  /** Protects root key files beside their rights. */
  readonly rootPassphrase?: string;
  /** Addresses (`host:port`) of the agents' port of every controller that serves; told at enrolment and renewal. */
  readonly agentAddresses?: () => readonly string[];
  /** Shorter lives of leaves than their kinds may have; a longer one is cut to that, because agents refuse it. */
  readonly leafSeconds?: Readonly<Partial<Record<IdentityKind, number>>>;
  /** Tells the other controllers; called after the change is on the disk. */
  readonly announce?: (notice: AuthorityNotice) => Promise<void>;
}

/** Days an issuing certificate lives. At half of that a new one is made, if the root is at hand. */
export const ISSUING_DAYS = 30;
/** Years a root lives. */
export const ROOT_YEARS = 10;

/** Who does what happens by itself: a new issuing certificate, a rotation's last step. */
export const SYSTEM: Doer = Object.freeze({ kind: 'system', id: 'authority', name: 'authority' });
