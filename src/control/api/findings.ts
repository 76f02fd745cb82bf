// Handlers of findings and mutes.

import type { AreaHandlers, findingRoutes } from '#routes';
import {
  acknowledge,
  findingCursor,
  listFindings,
  listMutes,
  mute,
  type ServiceParts,
  showFinding,
  unmute,
} from '#service';
import { readCursor, writeCursor } from './cursor.ts';
import { badCursor } from './policies.ts';

export function findingHandlers(parts: ServiceParts): AreaHandlers<typeof findingRoutes> {
  return {
    list: async ({ params, query }) => {
      const { limit, cursor, state = null, muted } = query;
      const { items, next } = await listFindings(parts, params.domain, {
        limit,
        state,
        isWithMuted: muted,
        after: afterOf(readCursor(cursor)),
      });
      return { value: { items: [...items], next: writeCursor(next) } };
    },
    show: async ({ params }) => ({ value: await showFinding(parts, params.domain, params.finding) }),
    acknowledge: async ({ actor, params }) => ({
      value: await acknowledge(parts, { actor, domain: params.domain, id: params.finding }),
    }),
    mute: async ({ actor, params, body }) => ({
      value: await mute(parts, {
        actor,
        domain: params.domain,
        id: params.finding,
        until: Date.parse(body.until),
        why: body.why,
      }),
    }),
    unmute: async ({ actor, params }) => {
      await unmute(parts, { actor, domain: params.domain, id: params.finding });
      return { value: null };
    },
    mutes: async ({ params }) => ({ value: { items: [...(await listMutes(parts, params.domain))] } }),
  };
}

function afterOf(text: string | null) {
  if (text === null) return null;
  const cursor = findingCursor(text);
  if (cursor === null) throw badCursor();
  return cursor;
}
