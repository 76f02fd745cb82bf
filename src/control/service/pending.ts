// The change that waits to be confirmed, as it is told. What ends it: endings.ts.

import { timeOf } from '#routes';
import { type PolicyHead, policyRevision } from '#store';
import type { ServiceParts } from './parts.ts';

export interface PendingView {
  readonly revision: number;
  readonly by: string;
  readonly at: string;
  readonly deadline: string;
  /** The revision whose text comes back. */
  readonly revertsTo: number;
  /** Whether somebody else than its author has to confirm it. */
  readonly needsSecond: boolean;
}

/** Null where nothing waits. */
export async function pendingView(parts: ServiceParts, domain: string, head: PolicyHead): Promise<PendingView | null> {
  const { pending, deadline, confirmed } = head;
  if (pending === null || deadline === null) return null;
  const row = await policyRevision(parts.store.db, domain, pending);
  if (row === undefined) return null;
  return {
    revision: pending,
    by: row.author_name,
    at: timeOf(row.at),
    deadline: timeOf(deadline),
    revertsTo: confirmed,
    needsSecond: row.needs_second === 1,
  };
}
