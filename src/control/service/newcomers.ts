// Who agents saw and is no element yet, and the taking in of one. Everything here is a claim: names are what somebody says of itself.

import { approveDraft, freeName, newcomerOf } from '#policy';
import { timeOf } from '#routes';
import { forgetNewcomer, type NewcomerSeenRow, newcomer, newcomers } from '#store';
import { type ChangeRequest, type ChangeView, changePolicy } from './changes.ts';
import { unlessRefused } from './checked.ts';
import { type Page, pageOfRead } from './paging.ts';
import type { ServiceParts } from './parts.ts';

export interface NewcomerView {
  readonly id: string;
  readonly mac: string | null;
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  readonly agent: string;
  readonly interface: string | null;
  /** A name that is free in the policy. */
  readonly proposedName: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** In the order of their ids. */
export async function listNewcomers(
  parts: ServiceParts,
  domain: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Page<NewcomerView>> {
  const { policy } = await parts.shelf.inForce(parts.store.db, domain);
  const taken = new Set(policy.elements.map(({ id }) => id));
  const rows = await newcomers(parts.store.db, domain, { after, limit: limit + 1 });
  return pageOfRead(rows, { limit, view: (row) => viewOf(row, taken), cursor: ({ id }) => id });
}

export interface Approval {
  /** Id or MAC. */
  readonly newcomer: string;
  readonly name: string | null;
  readonly kind: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Takes a newcomer into the policy. It leaves the inbox with the next report that knows it as an element. */
export async function approveNewcomer(
  parts: ServiceParts,
  request: ChangeRequest,
  approval: Approval,
): Promise<ChangeView> {
  const { domain } = request;
  const found = await newcomer(parts.store.db, domain, approval.newcomer);
  const change = await changePolicy(parts, request, (held) => {
    const taken = new Set(held.policy.elements.map(({ id }) => id));
    const { labels, name, kind } = approval;
    const view = unlessRefused(newcomerOf(found === undefined ? [] : [viewOf(found, taken)], approval.newcomer));
    const wanted = { labels, ...(name === null ? {} : { name }), ...(kind === null ? {} : { kind }) };
    return unlessRefused(approveDraft(held, view, wanted));
  });
  if (change.isApplied && found !== undefined) await forgetNewcomer(parts.store.db, domain, found.id);
  return change;
}

function viewOf(row: NewcomerSeenRow, taken: ReadonlySet<string>): NewcomerView {
  return {
    id: row.id,
    mac: row.mac,
    addresses: textsOf(row.addresses),
    names: textsOf(row.names),
    agent: row.agent,
    interface: row.interface,
    proposedName: freeName(row.proposed_name, taken),
    firstSeen: timeOf(row.first_seen),
    lastSeen: timeOf(row.last_seen),
  };
}

/** A list of texts that was written as JSON; what is no such list is none. */
function textsOf(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
