// What the people room is given. Nothing is read past it: no clock, no network, no files.

import type { Recorder } from '#ledger';
import type { Store } from '#store';
import type { IssuerOptions } from './oidc/issuer.ts';

export interface PeopleOptions {
  readonly store: Store;
  /** Everything that changes somebody's rights goes through it. */
  readonly recorder: Pick<Recorder, 'perform'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Bytes that nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
  /** Name of this controller in browsers; passkeys are bound to it, so it never changes. */
  readonly publicName: string;
  /** Where browsers reach this controller, without a slash at the end: `https://picket.example:7443`. */
  readonly origin: string;
  readonly issuers?: readonly IssuerOptions[];
  /** Told of a logon that failed; nothing of what was tried is in it. */
  readonly logonFailed?: (failure: { readonly address: string; readonly means: string; readonly code: string }) => void;
  /** Told why an identity provider could not be used: for the log only. */
  readonly trouble?: (error: unknown) => void;
}
