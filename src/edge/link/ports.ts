// What the link asks of the agent, and what it is given. Types only.

import type { Instant } from '#model';
import type { Applied, QuarantineStatement, Report } from '#wire';
import type { Held } from './held.ts';
import type { Membership } from './membership.ts';

/** Puts in force what was taken. Its promises say what became of it; they do not reject for a policy that cannot be held. */
export interface Applier {
  /** The revision of the domain that is in force, 0 for none. */
  readonly inForce: number;
  /** `skewMs`: the controller's clock minus this one. */
  apply(held: Held, skewMs: number): Promise<Pick<Applied, 'outcome' | 'problem'>>;
  /** The whole list: who is no longer in it is released, where the controller had quarantined it. */
  quarantine(
    list: QuarantineStatement,
  ): Promise<{ readonly held: readonly string[]; readonly failed: readonly string[] }>;
}

/** What became of a policy that came in a file. */
export interface Carried extends Pick<Applied, 'outcome' | 'problem'> {
  readonly revision: number;
}

/** Everything of a report but what the link knows itself. */
export type Collected = Omit<Report, 'kind' | 'sequence' | 'bundleSequence'>;

export interface LinkOptions {
  /** Where keys, certificate and the newest policy are. */
  readonly folder: string;
  readonly version: string;
  readonly now: () => Instant;
  /** From 0 to 1: scatters tries, reports and renewals. */
  readonly random: () => number;
  readonly applier: Applier;
  /** Rows since the last call; called again only after they were kept by a controller. */
  readonly collect: () => Collected;
  /** Asks for a leaf with the renewal key; not given: over the API. */
  readonly renewAsleep?: (membership: Membership) => Promise<Membership>;
  readonly log: (line: string) => void;
}

export interface LinkView {
  readonly domain: string;
  readonly id: string;
  readonly addresses: readonly string[];
  readonly isConnected: boolean;
  readonly controller: string | null;
  readonly address: string | null;
  readonly sinceMs: number | null;
  /** When anything was heard last. */
  readonly heardMs: number | null;
  /** The newest revision that is held, and the one that the controller named as current. */
  readonly revision: number | null;
  readonly currentRevision: number | null;
  readonly certificateEndsMs: number;
  /** Why there is no connection, or what was refused last. */
  readonly trouble: { readonly code: string; readonly message: string } | null;
}
