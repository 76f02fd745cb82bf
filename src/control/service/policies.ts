// The policy of a domain as people read it: in force, an earlier revision, the history, differences, a check that changes nothing.

import { MILLISECOND, type Mode } from '#model';
import { diffPolicies, type PolicyChange } from '#policy';
import { timeOf } from '#routes';
import { type PolicyHead, policyRevision, policyRevisions, type RevisionHead } from '#store';
import { checkedPolicy, type TestView, testResults } from './checked.ts';
import { countModes } from './elements.ts';
import { type Page, pageOfRead } from './paging.ts';
import type { ServiceParts } from './parts.ts';
import { type PendingView, pendingView } from './pending.ts';
import { noRevision } from './shelf.ts';

export interface RevisionView {
  readonly revision: number;
  readonly state: 'pending' | 'confirmed' | 'reverted' | 'superseded';
  readonly by: string;
  readonly at: string;
  readonly why: string;
  /** The revision whose text it has again. */
  readonly restores: number | null;
  readonly needsSecond: boolean;
  readonly endedBy: string | null;
  readonly endedAt: string | null;
}

export interface PolicyView {
  readonly revision: RevisionView;
  /** The last one that was confirmed. */
  readonly confirmed: number;
  readonly pending: PendingView | null;
  readonly mode: Mode;
  readonly elements: Readonly<Record<Mode, number>>;
  readonly services: number;
  readonly rules: number;
  readonly text: string;
}

/** The policy in force, waiting or confirmed. */
export async function showPolicy(parts: ServiceParts, domain: string): Promise<PolicyView> {
  const { head } = await parts.shelf.inForce(parts.store.db, domain);
  return viewOf(parts, domain, { head, revision: head.revision });
}

export async function showRevision(parts: ServiceParts, domain: string, revision: number): Promise<PolicyView> {
  const { head } = await parts.shelf.inForce(parts.store.db, domain);
  return viewOf(parts, domain, { head, revision });
}

async function viewOf(
  parts: ServiceParts,
  domain: string,
  { head, revision }: { readonly head: PolicyHead; readonly revision: number },
): Promise<PolicyView> {
  const row = await policyRevision(parts.store.db, domain, revision);
  if (row === undefined) throw noRevision(revision);
  const { policy, text } = await parts.shelf.revision(parts.store.db, domain, revision);
  return {
    revision: revisionView(row),
    confirmed: head.confirmed,
    pending: await pendingView(parts, domain, head),
    mode: policy.mode,
    elements: countModes(policy),
    services: policy.services.length,
    rules: policy.rules.length,
    text,
  };
}

/** Newest first. The cursor is the last revision of the page before. */
export async function policyHistory(
  parts: ServiceParts,
  domain: string,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<Page<RevisionView>> {
  await parts.shelf.inForce(parts.store.db, domain);
  const rows = await policyRevisions(parts.store.db, domain, { before, limit: limit + 1 });
  return pageOfRead(rows, { limit, view: revisionView, cursor: ({ revision }) => String(revision) });
}

export function revisionView(row: RevisionHead): RevisionView {
  return {
    revision: row.revision,
    state: row.state,
    by: row.author_name,
    at: timeOf(row.at),
    why: row.why,
    restores: row.restores,
    needsSecond: row.needs_second === 1,
    endedBy: row.ended_by,
    endedAt: row.ended_at === null ? null : timeOf(row.ended_at),
  };
}

export interface DiffView {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly PolicyChange[];
}

/** What changed from one revision to another, in entries. */
export async function diffRevisions(
  parts: ServiceParts,
  domain: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<DiffView> {
  const before = await parts.shelf.revision(parts.store.db, domain, from);
  const after = await parts.shelf.revision(parts.store.db, domain, to);
  return { from, to, changes: diffPolicies(before.policy, after.policy) };
}

export interface CheckView {
  readonly tests: readonly TestView[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly where: string | null }[];
}

/** Checks a text and its tests; refuses as an apply would. Changes nothing. */
export function checkPolicy(
  parts: ServiceParts,
  { text, file }: { readonly text: string; readonly file: string },
): CheckView {
  const now = parts.now() * MILLISECOND;
  const { policy, problems } = checkedPolicy(text, { file, now });
  return {
    tests: testResults(policy, now),
    warnings: problems.map(({ code, message, place }) => ({
      code,
      message,
      where: place === null ? null : `${place.file}:${place.line}:${place.column}`,
    })),
  };
}
