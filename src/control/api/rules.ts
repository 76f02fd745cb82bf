// Handlers of rules.

import type { AreaHandlers, ruleRoutes } from '#routes';
import { listRules, type RuleView, type ServiceParts, showRule } from '#service';
import { readCursor, writeCursor } from './cursor.ts';
import { badCursor } from './policies.ts';

export function ruleHandlers(parts: ServiceParts): AreaHandlers<typeof ruleRoutes> {
  return {
    list: async ({ params, query: { limit, cursor } }) => {
      const after = placeOf(readCursor(cursor));
      const { items, next } = await listRules(parts, params.domain, { after, limit });
      return { value: { items: items.map(ruleValue), next: writeCursor(next) } };
    },
    show: async ({ params }) => ({ value: ruleValue(await showRule(parts, params.domain, params.rule)) }),
  };
}

function placeOf(text: string | null): number {
  const place = text === null ? 0 : Number(text);
  if (Number.isSafeInteger(place) && place >= 0) return place;
  throw badCursor();
}

function ruleValue(view: RuleView) {
  return { ...view, to: [...view.to] };
}
