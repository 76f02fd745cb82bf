// A request that changes a policy, as the use cases take it; and their answer, as the API tells it. Shared by the areas that edit policies.

import { type Actor, type Asked, Refusal, type RequestFacts, type Route, revisionOfTag, revisionTag } from '#routes';
import { type ChangeRequest, type ChangeView, detailOf } from '#service';

interface How {
  readonly isPlanOnly: boolean;
  readonly confirmSeconds: number | null;
  readonly mayLoseSession: boolean;
  readonly why: string | null;
  readonly days: number;
  readonly waitSeconds: number;
}

interface Changing {
  readonly actor: Actor;
  readonly params: { readonly domain: string };
  readonly facts: RequestFacts;
}

/** `after`: the revision that was seen, where the whole text is sent. */
export function changeRequest(
  { actor, params, facts }: Changing,
  how: How,
  after: number | null = null,
): ChangeRequest {
  const { isPlanOnly, confirmSeconds, mayLoseSession, why, days, waitSeconds } = how;
  return {
    actor,
    domain: params.domain,
    how: { isPlanOnly, confirmSeconds, mayLoseSession, why, days, waitSeconds, after, peerAddress: facts.peerAddress },
  };
}

/** The revision that `If-Match` names. */
export function revisionSeen({ ifMatch }: Pick<Asked<Route>, 'ifMatch'>): number {
  const revision = revisionOfTag(ifMatch);
  if (revision !== null) return revision;
  throw new Refusal({
    code: 'PICKET-C412',
    message: 'the header "If-Match" names no revision of a policy; nothing was changed',
    help: 'read the policy first, and send its "ETag" as "If-Match"',
    where: 'header.if-match',
  });
}

export function changeReply(view: ChangeView) {
  const { changes, problems, plan, ownConnection, delivery, ...rest } = view;
  const revision = view.revision ?? view.after;
  return {
    value: {
      ...rest,
      changes: changes.map((change) => ({ ...change, fields: [...change.fields] })),
      problems: problems.map(detailOf),
      plan: {
        ...plan,
        denied: [...plan.denied],
        permitted: [...plan.permitted],
        exceeding: [...plan.exceeding],
        unjudged: [...plan.unjudged],
      },
      ownConnection: ownConnection === null ? null : { ...ownConnection, reasons: [...ownConnection.reasons] },
      delivery: delivery === null ? null : deliveryValue(delivery),
    },
    etag: revisionTag(revision),
  };
}

export function deliveryValue(delivery: NonNullable<ChangeView['delivery']>) {
  return { ...delivery, agents: [...delivery.agents] };
}
