// A review's questions to a controller: the policy in force, what a new one would change, and putting it in force. Shows nothing.

import type { Desk } from '../context.ts';
import { EXIT } from '../exits.ts';
import { answeredBy } from '../remote/asking.ts';
import type { Controller } from '../remote/controller.ts';
import type { Applied, Review } from './review.ts';

/** Refusals that mean for a build the same as a failed check. */
const EXITS = new Map([
  ['PICKET-C701', EXIT.policyFailed],
  ['PICKET-C702', EXIT.policyFailed],
]);
/** The text is in force: nothing to do, and no failure. */
const IN_FORCE = 'PICKET-C706';

export interface Current {
  readonly text: string;
  readonly revision: number;
  /** What an apply names as the revision it is made on top of. */
  readonly etag: string;
}

export async function policyInForce(desk: Desk, { client, routes, domain }: Controller): Promise<Current> {
  const asked = client.call(routes.policies.show, { params: { domain: domain() } });
  const { value, etag } = await answeredBy(desk, asked);
  return { text: value.text, revision: value.revision.revision, etag: etag ?? String(value.revision.revision) };
}

export type Planned = Pick<Review, 'changes' | 'rehearsed'>;

export async function plannedBy(
  desk: Desk,
  { client, routes, domain }: Controller,
  { text, file }: { readonly text: string; readonly file: string },
): Promise<Planned> {
  const outcome = await client.call(routes.policies.plan, { params: { domain: domain() }, body: { text, file } });
  if (outcome.kind === 'refused' && outcome.problem.code === IN_FORCE) return { changes: [], rehearsed: null };
  const { value } = await answeredBy(desk, Promise.resolve(outcome), { exits: EXITS });
  return { changes: value.changes, rehearsed: value.plan };
}

export interface ApplyHow {
  readonly text: string;
  readonly file: string;
  readonly etag: string;
  readonly why: string | null;
  /** Null: as usual. 0: kept at once. */
  readonly confirmSeconds: number | null;
}

export async function appliedBy(
  desk: Desk,
  { client, routes, domain }: Controller,
  { etag, ...body }: ApplyHow,
): Promise<Applied> {
  const outcome = await client.call(routes.policies.apply, { params: { domain: domain() }, body, ifMatch: etag });
  if (outcome.kind === 'refused' && outcome.problem.code === IN_FORCE)
    return { revision: null, deadline: null, agents: [] };
  const { value } = await answeredBy(desk, Promise.resolve(outcome), { exits: EXITS });
  return {
    revision: value.revision,
    deadline: value.pending?.deadline ?? null,
    agents: value.delivery?.agents ?? [],
  };
}
