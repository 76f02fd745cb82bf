// Handlers of a domain's policy.

import { type AreaHandlers, type policyRoutes, Refusal, revisionTag } from '#routes';
import {
  changePolicy,
  checkPolicy,
  confirmPolicy,
  diffRevisions,
  policyHistory,
  rollbackPolicy,
  type ServiceParts,
  showPolicy,
  showRevision,
} from '#service';
import { changeReply, changeRequest, deliveryValue, revisionSeen } from './changing.ts';
import { readCursor, writeCursor } from './cursor.ts';

const PLAN = { isPlanOnly: true, confirmSeconds: null, mayLoseSession: false, why: null, waitSeconds: 0 } as const;

/** The policy of a domain as agents get it; null where it waits for its confirmation. */
export type SignedPolicy = (domain: string) => Promise<Uint8Array | null>;

export function policyHandlers(parts: ServiceParts, signed: SignedPolicy): AreaHandlers<typeof policyRoutes> {
  return {
    show: async ({ params }) => {
      const value = await showPolicy(parts, params.domain);
      return { value, etag: revisionTag(value.revision.revision) };
    },
    revisions: async ({ params, query }) => {
      const before = revisionCursor(readCursor(query.cursor));
      const { items, next } = await policyHistory(parts, params.domain, { before, limit: query.limit });
      return { value: { items: [...items], next: writeCursor(next) } };
    },
    revision: async ({ params }) => ({ value: await showRevision(parts, params.domain, params.revision) }),
    signed: async ({ params: { domain } }) => {
      const content = await signed(domain);
      if (content === null) throw notConfirmed();
      return { value: { mediaType: 'application/json', name: `policy-${domain}.signed`, content: once(content) } };
    },
    diff: async ({ params, query }) => {
      const { from, to, changes } = await diffRevisions(parts, params.domain, query);
      return { value: { from, to, changes: changes.map((change) => ({ ...change, fields: [...change.fields] })) } };
    },
    check: async ({ body }) => {
      const { tests, warnings } = checkPolicy(parts, body);
      return { value: { tests: [...tests], warnings: [...warnings] } };
    },
    plan: async (asked) => {
      const { text, file, days } = asked.body;
      const request = changeRequest(asked, { ...PLAN, days });
      return changeReply(await changePolicy(parts, request, () => whole(text, file)));
    },
    apply: async (asked) => {
      const { text, file, ...how } = asked.body;
      const request = changeRequest(asked, how, revisionSeen(asked));
      return changeReply(await changePolicy(parts, request, () => whole(text, file)));
    },
    confirm: async ({ actor, params, body }) => {
      const { revision, delivery } = await confirmPolicy(parts, { actor, domain: params.domain, ...body });
      return { value: { revision, delivery: deliveryValue(delivery) }, etag: revisionTag(revision) };
    },
    rollback: async ({ actor, params, body }) => {
      const { revision, delivery } = await rollbackPolicy(parts, { actor, domain: params.domain, ...body });
      return { value: { revision, delivery: deliveryValue(delivery) }, etag: revisionTag(revision) };
    },
  };
}

function whole(text: string, file: string) {
  return { text, file, why: 'policy applied', isLoosening: false };
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

function notConfirmed(): Refusal {
  return new Refusal({
    code: 'PICKET-C719',
    message: 'the policy waits for its confirmation, and is not given out before',
    help: 'picket policy confirm, or picket policy rollback',
  });
}

function revisionCursor(text: string | null): number | null {
  if (text === null) return null;
  const revision = Number(text);
  if (Number.isSafeInteger(revision)) return revision;
  throw badCursor();
}

export function badCursor(): Refusal {
  return new Refusal({
    code: 'PICKET-C422',
    message: 'the cursor is none that a page of this list gave',
    help: 'begin with the first page',
    where: 'query.cursor',
  });
}
