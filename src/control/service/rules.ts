// Rules and guardrails of the policy in force, with how often recorded conversations used each. Their changes are changes of the text.

import { type RuleWords, rulesInWords } from '#policy';
import { Refusal, timeOf } from '#routes';
import { ruleUses } from '#store';
import type { Page } from './paging.ts';
import type { ServiceParts } from './parts.ts';

export interface RuleView extends RuleWords {
  /** Conversations of the last days that it permitted, and that its limits denied. */
  readonly openings: number;
  readonly denials: number;
  readonly lastUsed: string | null;
}

interface Listing {
  /** How many were on the pages before. */
  readonly after: number;
  readonly limit: number;
}

const DAY_MS = 86_400_000;
const DAYS = 7;

/** In the order in which they are judged, because the first that matches governs. */
export async function listRules(
  parts: ServiceParts,
  domain: string,
  { after, limit }: Listing,
): Promise<Page<RuleView>> {
  const rules = await viewsOf(parts, domain);
  const end = after + limit;
  return { items: rules.slice(after, end), next: rules.length > end ? String(end) : null };
}

export async function showRule(parts: ServiceParts, domain: string, id: string): Promise<RuleView> {
  const found = (await viewsOf(parts, domain)).find((rule) => rule.id === id);
  if (found !== undefined) return found;
  throw new Refusal({
    code: 'PICKET-C733',
    message: `the policy has no rule or guardrail "${id}"`,
    help: 'picket rules lists them',
    where: 'path.rule',
  });
}

async function viewsOf({ shelf, store, now }: ServiceParts, domain: string): Promise<readonly RuleView[]> {
  const { policy } = await shelf.inForce(store.db, domain);
  const uses = await ruleUses(store.db, domain, now() - DAYS * DAY_MS);
  return rulesInWords(policy).map((rule) => {
    const use = uses.get(rule.id);
    return {
      ...rule,
      openings: use?.openings ?? 0,
      denials: use?.denials ?? 0,
      lastUsed: use === undefined ? null : timeOf(use.lastMs),
    };
  });
}
