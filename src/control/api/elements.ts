// Handlers of elements and newcomers.

import type { AreaHandlers, elementRoutes } from '#routes';
import {
  approveNewcomer,
  labelElement,
  listElements,
  listNewcomers,
  removeElement,
  type ServiceParts,
  setMode,
  showElement,
} from '#service';
import { changeReply, changeRequest } from './changing.ts';
import { readCursor, writeCursor } from './cursor.ts';

export function elementHandlers(parts: ServiceParts): AreaHandlers<typeof elementRoutes> {
  return {
    list: async ({ params, query }) => {
      const { limit, cursor, kind = null, mode = null, label = null } = query;
      const { items, next } = await listElements(parts, params.domain, {
        after: readCursor(cursor),
        limit,
        kind,
        mode,
        label,
      });
      return { value: { items: items.map(elementValue), next: writeCursor(next) } };
    },
    show: async ({ params }) => ({ value: elementValue(await showElement(parts, params.domain, params.element)) }),
    label: async (asked) => {
      const { labels, ...how } = asked.body;
      const { element } = asked.params;
      return changeReply(await labelElement(parts, changeRequest(asked, how), { element, labels }));
    },
    remove: async (asked) =>
      changeReply(await removeElement(parts, changeRequest(asked, asked.body), asked.params.element)),
    mode: async (asked) => {
      const { selector, mode, ...how } = asked.body;
      return changeReply(await setMode(parts, changeRequest(asked, how), { selector, mode }));
    },
    newcomers: async ({ params, query: { limit, cursor } }) => {
      const { items, next } = await listNewcomers(parts, params.domain, { after: readCursor(cursor), limit });
      const values = items.map((one) => ({ ...one, addresses: [...one.addresses], names: [...one.names] }));
      return { value: { items: values, next: writeCursor(next) } };
    },
    approve: async (asked) => {
      const { name, kind, labels, ...how } = asked.body;
      const approval = { newcomer: asked.params.newcomer, name, kind, labels };
      return changeReply(await approveNewcomer(parts, changeRequest(asked, how), approval));
    },
  };
}

function elementValue(view: Awaited<ReturnType<typeof showElement>>) {
  const { addresses, macs, labels, data, protect } = view;
  return {
    ...view,
    addresses: [...addresses],
    macs: [...macs],
    labels: { ...labels },
    data: [...data],
    protect: [...protect],
  };
}
