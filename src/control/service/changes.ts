// One change of a domain's policy: checked, rehearsed on recorded traffic, written as a revision, sent to agents. Confirming and taking back: endings.ts.

import { MILLISECOND, type Policy, type Problem } from '#model';
import { type Draft, diffPolicies, type PolicyChange } from '#policy';
import type { Actor } from '#routes';
import { applyRevision, quarantineList } from '#store';
import { announce } from './announce.ts';
import { checkedPolicy, WHY_CHARS_MAX } from './checked.ts';
import { awaitDelivery, type DeliveryView } from './delivery.ts';
import { type OwnConnectionView, ownConnection } from './own-connection.ts';
import type { ServiceParts } from './parts.ts';
import { type PendingView, pendingView } from './pending.ts';
import { type RehearsalView, rehearse } from './rehearsal.ts';
import type { HeldPolicy } from './shelf.ts';
import { busy, losesSession, moved, secondNeeded, tokenUnsaid, unchanged } from './trouble.ts';

/** How a change is put in force. */
export interface ChangeHow {
  /** Only say what would happen. */
  readonly isPlanOnly: boolean;
  /** The revision that the author saw in force; null where the change is of single entries of whatever is in force. */
  readonly after: number | null;
  /** Seconds until it reverts by itself unless confirmed; 0: confirmed at once; null: as usual. */
  readonly confirmSeconds: number | null;
  readonly mayLoseSession: boolean;
  readonly why: string | null;
  /** Days of recorded traffic that the plan is tried on. */
  readonly days: number;
  /** Seconds that the answer waits for the agents. */
  readonly waitSeconds: number;
  /** Other end of the connection that it was asked over. */
  readonly peerAddress: string;
}

export interface ChangeView {
  readonly isApplied: boolean;
  /** The new revision; null where it was only planned. */
  readonly revision: number | null;
  /** The revision that was in force before. */
  readonly after: number;
  readonly changes: readonly PolicyChange[];
  readonly plan: RehearsalView;
  readonly ownConnection: OwnConnectionView | null;
  readonly pending: PendingView | null;
  readonly problems: readonly Problem[];
  readonly delivery: DeliveryView | null;
  readonly text: string;
}

/** Conversations that a plan is tried on: the busiest of the days. More would take seconds. */
const CONVERSATIONS_MAX = 20_000;
const DAY_MS = 86_400_000;
/** Longest wait for a confirmation. */
export const CONFIRM_SECONDS_MAX = 24 * 3_600;

export interface ChangeRequest {
  readonly actor: Actor;
  readonly domain: string;
  readonly how: ChangeHow;
}

/** `draft` makes the new text from what is in force. */
export async function changePolicy(
  parts: ServiceParts,
  { actor, domain, how }: ChangeRequest,
  draft: (held: HeldPolicy) => Draft,
): Promise<ChangeView> {
  const held = await parts.shelf.inForce(parts.store.db, domain);
  if (how.after !== null && how.after !== held.head.revision) throw moved(held.head, how.after);
  const next = draft(held);
  const { policy, problems } = checkedPolicy(next.text, { file: next.file, now: parts.now() * MILLISECOND });
  const own = ownConnection(policy, {
    peerAddress: how.peerAddress,
    ends: parts.ownEnds,
    now: parts.now() * MILLISECOND,
  });
  const view = {
    after: held.head.revision,
    changes: diffPolicies(held.policy, policy),
    plan: await planOf(parts, domain, { before: held.policy, after: policy, days: how.days }),
    ownConnection: own,
    problems,
    text: next.text,
  };
  if (how.isPlanOnly)
    return {
      ...view,
      isApplied: false,
      revision: null,
      pending: await pendingView(parts, domain, held.head),
      delivery: null,
    };
  const waits = await pendingView(parts, domain, held.head);
  if (waits !== null) throw busy(waits, parts.now());
  if (next.text === held.text) throw unchanged(held.head);
  if (own?.isPermitted === false && !how.mayLoseSession) throw losesSession(own);
  const needsSecond = await parts.needsSecond(domain, {
    actor,
    changes: view.changes,
    services: touchedServices(view.changes, [held.policy, policy]),
  });
  const seconds = confirmSeconds(parts, { how, draft: next, needsSecond, actor });
  const revision = await writeRevision(parts, {
    actor,
    domain,
    draft: next,
    held,
    seconds,
    how,
    changes: view.changes,
    needsSecond,
  });
  await announce(parts, 'policies', { domain, revision });
  const delivery = await awaitDelivery(parts, { domain, revision, seconds: how.waitSeconds });
  const { head } = await parts.shelf.inForce(parts.store.db, domain);
  return { ...view, isApplied: true, revision, pending: await pendingView(parts, domain, head), delivery };
}

async function planOf(
  parts: ServiceParts,
  domain: string,
  { before, after, days }: { readonly before: Policy; readonly after: Policy; readonly days: number },
): Promise<RehearsalView> {
  const sinceMs = parts.now() - days * DAY_MS;
  const seen = await parts.conversations(domain, { sinceMs, limit: CONVERSATIONS_MAX });
  const { rows } = await quarantineList(parts.store.db, domain);
  return rehearse({ before, after, sinceMs, seen, quarantined: rows.map(({ element }) => element) });
}

/** Services that the changed rules speak of, before and after; null where something else than rules, services and tests was changed. */
function touchedServices(changes: readonly PolicyChange[], policies: readonly Policy[]): readonly string[] | null {
  if (changes.some(({ section }) => section !== 'rules' && section !== 'services' && section !== 'tests')) return null;
  const rules = new Set(changes.filter(({ section }) => section === 'rules').map(({ id }) => id));
  const touched = policies.flatMap((policy) => policy.rules.filter(({ id }) => rules.has(id)).flatMap(({ to }) => to));
  // A service that is written inside a rule has no name, and may be any.
  return touched.some(({ id }) => id === '') ? null : [...new Set(touched.map(({ id }) => id))];
}

/** A change that only loosens locks nobody out, so nobody has to confirm it; what needs a second person always waits for that one. */
function confirmSeconds(
  parts: ServiceParts,
  { how, draft, needsSecond, actor }: { how: ChangeHow; draft: Draft; needsSecond: boolean; actor: Actor },
): number {
  const usual = draft.isLoosening ? 0 : parts.confirmSeconds;
  const wanted = Math.min(CONFIRM_SECONDS_MAX, Math.max(0, Math.ceil(how.confirmSeconds ?? usual)));
  if (needsSecond && wanted === 0) {
    if (how.confirmSeconds === null) return parts.confirmSeconds;
    throw secondNeeded();
  }
  // A program has no second session to confirm from: it says that it needs no confirmation, or a person confirms for it.
  if (wanted > 0 && actor.kind === 'token' && how.confirmSeconds === null) throw tokenUnsaid();
  return wanted;
}

interface Writing extends Omit<ChangeRequest, 'how'> {
  readonly draft: Draft;
  readonly held: HeldPolicy;
  readonly seconds: number;
  readonly how: ChangeHow;
  readonly changes: readonly PolicyChange[];
  readonly needsSecond: boolean;
}

function writeRevision(parts: ServiceParts, writing: Writing): Promise<number> {
  const { actor, domain, draft, held, seconds, how, changes, needsSecond } = writing;
  const at = parts.now();
  const why = (how.why ?? draft.why).slice(0, WHY_CHARS_MAX);
  return parts.recorder.perform(actor, async (db, note) => {
    const revision = await applyRevision(db, domain, {
      text: draft.text,
      authorId: actor.id,
      authorName: actor.name,
      why,
      at,
      after: held.head.revision,
      deadline: seconds === 0 ? null : at + seconds * 1_000,
      session: actor.session,
      sessionAt: actor.authenticatedAt,
      needsSecond,
    });
    if (revision === null) throw moved(held.head, how.after ?? held.head.revision);
    note({
      action: 'policy.apply',
      subject: `revision ${revision}`,
      domain,
      detail: {
        why,
        after: held.head.revision,
        confirmSeconds: seconds,
        changes: changes.length,
        first: firstChanges(changes),
      },
    });
    return revision;
  });
}

/** Changes that the ledger names; the revision has the rest. */
const NAMED_MAX = 20;

function firstChanges(changes: readonly PolicyChange[]): readonly string[] {
  return changes.slice(0, NAMED_MAX).map(({ section, id, kind }) => `${kind} ${section}.${id}`);
}
