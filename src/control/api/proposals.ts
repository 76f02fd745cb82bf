// Handlers of proposals.

import type { AreaHandlers, proposalRoutes } from '#routes';
import { acceptProposals, listProposals, rejectProposals, type ServiceParts, showProposal } from '#service';
import { changeReply, changeRequest } from './changing.ts';
import { readCursor, writeCursor } from './cursor.ts';

export function proposalHandlers(parts: ServiceParts): AreaHandlers<typeof proposalRoutes> {
  return {
    list: async ({ params, query: { limit, cursor, state } }) => {
      const { items, next } = await listProposals(parts, params.domain, { after: readCursor(cursor), limit, state });
      return { value: { items: [...items], next: writeCursor(next) } };
    },
    show: async ({ params }) => {
      const { told, ...rest } = await showProposal(parts, params.domain, params.proposal);
      return { value: { ...rest, told: [...told] } };
    },
    accept: async (asked) => {
      const { ids, ...how } = asked.body;
      return changeReply(await acceptProposals(parts, changeRequest(asked, how), ids));
    },
    reject: async ({ actor, params, body }) => {
      await rejectProposals(parts, { actor, domain: params.domain, ids: body.ids });
      return { value: null };
    },
  };
}
