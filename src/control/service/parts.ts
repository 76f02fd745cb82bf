// What the use cases work with: the store, the bus, the ledger, and small ports for what other rooms know. Nothing is read past them.

import type { Bus } from '#bus';
import type { Act } from '#ledger';
import type { PolicyChange } from '#policy';
import type { Actor } from '#routes';
import type { Db, Store } from '#store';
import type { BusiestHour } from './amounts.ts';
import type { PolicyShelf } from './shelf.ts';

/** Conversations between two ends on one service, summed over the time asked for. */
export interface Conversation {
  readonly fromElement: string | null;
  readonly fromAddress: string;
  readonly toElement: string | null;
  readonly toAddress: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly openings: number;
  readonly lastMs: number;
  readonly busiestHour: BusiestHour;
}

export interface Conversations {
  readonly rows: readonly Conversation[];
  /** True where there are more than were asked for; the busiest come. */
  readonly isCut: boolean;
}

/** One agent as the store knows it. */
export interface AgentFacts {
  readonly id: string;
  readonly isConnected: boolean;
  readonly revision: number | null;
  /** The revision that its outcome is of. */
  readonly spokeOf: number | null;
  readonly outcome: 'applying' | 'applied' | 'failed' | 'reverted' | 'refused' | null;
  readonly problem: string | null;
  readonly lastSeenMs: number | null;
}

/** Every change with its record, as the ledger's recorder does it. */
export interface Recording {
  perform<T>(actor: Actor, work: (db: Db, note: (act: Act) => void) => Promise<T>): Promise<T>;
}

export interface ServiceParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly recorder: Recording;
  readonly shelf: PolicyShelf;
  /** Told of what went wrong beside a change that holds. */
  readonly onTrouble: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Seconds that a change waits for its confirmation where nobody says another time. */
  readonly confirmSeconds: number;
  readonly conversations: (
    domain: string,
    query: { readonly sinceMs: number; readonly limit: number },
  ) => Promise<Conversations>;
  /** Every agent of the domain. */
  readonly agents: (domain: string) => Promise<readonly AgentFacts[]>;
  /** Whether the change needs another approver than its author to be confirmed. */
  readonly needsSecond: (domain: string, change: FourEyesChange) => Promise<boolean>;
  /** Own addresses at which people reach this controller, and the port. */
  readonly ownEnds: { readonly addresses: readonly string[]; readonly port: number };
}

export interface FourEyesChange {
  readonly actor: Actor;
  readonly changes: readonly PolicyChange[];
  /** Services that the changed rules speak of; null where the change may touch any. */
  readonly services: readonly string[] | null;
}
