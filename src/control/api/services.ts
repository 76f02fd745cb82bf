// Handlers of services.

import { type AreaHandlers, notFound, type serviceRoutes } from '#routes';
import { listServices, protectService, type ServiceParts, showService, unprotectService } from '#service';
import { changeReply, changeRequest } from './changing.ts';
import { readCursor, writeCursor } from './cursor.ts';

export function serviceHandlers(parts: ServiceParts): AreaHandlers<typeof serviceRoutes> {
  return {
    list: async ({ params, query: { limit, cursor } }) => {
      const { items, next } = await listServices(parts, params.domain, { after: readCursor(cursor), limit });
      return { value: { items: items.map(serviceValue), next: writeCursor(next) } };
    },
    show: async ({ params }) => {
      const service = await showService(parts, params.domain, params.service);
      if (service === null) throw notFound('the service');
      return { value: serviceValue(service) };
    },
    protect: async (asked) => {
      const { service, element, allow, ...how } = asked.body;
      return changeReply(await protectService(parts, changeRequest(asked, how), { service, element, allow }));
    },
    unprotect: async (asked) => {
      const { service, element, ...how } = asked.body;
      return changeReply(await unprotectService(parts, changeRequest(asked, how), { service, element }));
    },
  };
}

function serviceValue(view: NonNullable<Awaited<ReturnType<typeof showService>>>) {
  return { ...view, rules: [...view.rules], enforcedOn: [...view.enforcedOn], peers: [...view.peers] };
}
