// How a change that waits ends: confirmed from a new session, taken back by somebody, or taken back because its time is over.

import { type Actor, Refusal } from '#routes';
import {
  confirmRevision,
  type PolicyHead,
  type PolicyRevisionRow,
  policyHead,
  policyRevision,
  reopenProposals,
  revertRevision,
} from '#store';
import { announce } from './announce.ts';
import { awaitDelivery, type DeliveryView } from './delivery.ts';
import type { ServiceParts } from './parts.ts';
import { noDomain, noRevision } from './shelf.ts';
import { notAPerson, nothingWaits, otherAuthor, ownChange, sameSession, tooLate } from './trouble.ts';

export interface EndingView {
  /** The revision in force now. */
  readonly revision: number;
  readonly delivery: DeliveryView;
}

interface Ending {
  readonly actor: Actor;
  readonly domain: string;
  /** The revision that is meant; null: whichever waits. */
  readonly revision: number | null;
  readonly waitSeconds: number;
}

/** Keeps what waits. Throws a `Refusal` for whoever cannot show that a new session can be opened. */
export async function confirmPolicy(
  parts: ServiceParts,
  { actor, domain, revision, waitSeconds }: Ending,
): Promise<EndingView> {
  const waiting = await waitingOf(parts, domain, revision);
  refuseConfirmation(waiting, actor);
  const at = parts.now();
  await parts.recorder.perform(actor, async (db, note) => {
    if (!(await confirmRevision(db, domain, { revision: waiting.revision, by: actor.id, at })))
      throw tooLate(waiting.revision);
    note({ action: 'policy.confirm', subject: `revision ${waiting.revision}`, domain });
  });
  await announce(parts, 'policies', { domain, revision: waiting.revision });
  const delivery = await awaitDelivery(parts, { domain, revision: waiting.revision, seconds: waitSeconds });
  return { revision: waiting.revision, delivery };
}

/** The proof that nobody is locked out: somebody logged on after the change was in force. */
function refuseConfirmation(waiting: PolicyRevisionRow, actor: Actor): void {
  const { revision, author_id: author, author_name: name, session, at } = waiting;
  if (actor.kind === 'token') throw notAPerson();
  const isAuthor = actor.id === author;
  if (waiting.needs_second === 1 && isAuthor) throw ownChange(revision);
  // What a token applied is confirmed by any approver: the token cannot.
  const isOthers = waiting.needs_second === 1 || session === null;
  if (!isOthers && !isAuthor) throw otherAuthor(revision, name);
  const isNew = actor.session !== session && actor.authenticatedAt !== null && actor.authenticatedAt > at;
  if (!isNew) throw sameSession(revision);
}

/** What was confirmed before comes back as a new revision. */
export async function rollbackPolicy(
  parts: ServiceParts,
  { actor, domain, revision, waitSeconds }: Ending,
): Promise<EndingView> {
  const waiting = await waitingOf(parts, domain, revision);
  const next = await revert(parts, {
    actor,
    domain,
    revision: waiting.revision,
    why: `revision ${waiting.revision} taken back`,
  });
  if (next === null) throw nothingWaits();
  const delivery = await awaitDelivery(parts, { domain, revision: next, seconds: waitSeconds });
  return { revision: next, delivery };
}

/** Null where another controller was first, or it was confirmed meanwhile. */
export async function revert(
  parts: ServiceParts,
  what: { readonly actor: Actor; readonly domain: string; readonly revision: number; readonly why: string },
): Promise<number | null> {
  const { actor, domain, revision, why } = what;
  const next = await parts.recorder.perform(actor, async (db, note) => {
    const made = await revertRevision(db, domain, {
      revision,
      by: actor.id,
      authorName: actor.name,
      at: parts.now(),
      why,
    });
    if (made === null) return null;
    await reopenProposals(db, domain, revision);
    note({ action: 'policy.revert', subject: `revision ${revision}`, domain, detail: { revision: made, why } });
    return made;
  });
  if (next !== null) await announce(parts, 'policies', { domain, revision: next });
  return next;
}

async function waitingOf(parts: ServiceParts, domain: string, revision: number | null): Promise<PolicyRevisionRow> {
  const head: PolicyHead | undefined = await policyHead(parts.store.db, domain);
  if (head === undefined) throw noDomain(domain);
  if (head.pending === null) throw nothingWaits();
  if (revision !== null && revision !== head.pending)
    throw new Refusal({
      code: 'PICKET-C412',
      message: `revision ${head.pending} waits, and not ${revision}; nothing was changed`,
      help: 'look at what waits: picket policy history',
    });
  const row = await policyRevision(parts.store.db, domain, head.pending);
  if (row === undefined) throw noRevision(head.pending);
  return row;
}
