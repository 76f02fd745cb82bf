// Handlers of quarantines.

import { type AreaHandlers, isRoleAtLeast, type quarantineRoutes, Refusal, roleIn } from '#routes';
import { endQuarantineOf, listQuarantines, quarantineElement, type ServiceParts } from '#service';
import { readCursor, writeCursor } from './cursor.ts';

export function quarantineHandlers(parts: ServiceParts): AreaHandlers<typeof quarantineRoutes> {
  return {
    list: async ({ params, query: { limit, cursor } }) => {
      const { items, next } = await listQuarantines(parts, params.domain, { after: readCursor(cursor), limit });
      return { value: { items: [...items], next: writeCursor(next) } };
    },
    put: async ({ actor, params, body }) => {
      const { domain, element } = params;
      if (body.isForced && !isRoleAtLeast(roleIn(actor, domain), 'approver'))
        throw new Refusal({
          code: 'PICKET-C403',
          message: 'your role does not allow to force a quarantine: the role approver is needed; nothing was changed',
          where: 'body.isForced',
        });
      return { value: await quarantineElement(parts, { actor, domain, element, ...body }) };
    },
    end: async ({ actor, params }) => {
      await endQuarantineOf(parts, { actor, ...params });
      return { value: null };
    },
  };
}
