// What the ledger holds and says, as plain data. Not the form on disk: that is line.ts.

import type { Json } from './json.ts';

/** One thing that was done: a verb with its collection (`policy.apply`), what it was done to, in which domain. */
export interface Act {
  readonly action: string;
  readonly subject: string;
  readonly domain: string;
  /** Facts that a reader needs to judge the act. Never a secret. */
  readonly detail?: Json;
}

/** Who did it. Every `Actor` of the route table is one. */
export interface Doer {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

/** What is handed to the ledger. `id` is the caller's own, so that he can tell after a crash whether it was recorded. */
export interface Entry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: Doer;
  readonly act: Act;
}

export interface LedgerRecord {
  /** From 1, without a gap. */
  readonly sequence: number;
  readonly at: number;
  readonly chain: string;
  readonly id: string;
  readonly actor: Doer;
  readonly act: Required<Act>;
  /** Hash of the record before; of the chain's name for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** The newest record of a chain; sequence 0 where there is none. */
export interface Head {
  readonly chain: string;
  readonly sequence: number;
  readonly hash: string;
}

/** A signed statement that the chain had this hash at this sequence. */
export interface Checkpoint extends Head {
  readonly at: number;
  readonly algorithm: 'ES256' | 'EdDSA';
  /** Public key as SubjectPublicKeyInfo, base64. */
  readonly key: string;
  /** Hash of the checkpoint before; of the chain's name for the first. */
  readonly previous: string;
  /** Base64. */
  readonly signature: string;
}

/** How the ledger is. Only a ready one takes records; `full` may become ready again by itself, `broken` never does. */
export type LedgerHealth =
  | { readonly state: 'ready' }
  | {
      readonly state: 'full' | 'broken' | 'closed';
      readonly code: string;
      readonly why: string;
      readonly help: string;
    };

/** Where the first thing is that is wrong. */
export interface WrongPlace {
  readonly file: string;
  /** Null where it is not in a line: something is missing. */
  readonly line: number | null;
  /** Number of the record that has to stand there; null where no record is meant. */
  readonly sequence: number | null;
  readonly why: string;
}
