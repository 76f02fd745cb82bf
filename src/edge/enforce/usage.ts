// What is used of each budget, so that neither another agent nor another boot begins it anew. Names of budgets are the same in every
// process: they are made from what the budget is. Not the counting: that is the kernel's.

import { createHash } from 'node:crypto';
import type { Instant } from '#model';
import type { Content } from './content.ts';

/** One budget in one of its windows. `used` counts bytes, or openings; a volume that is shut is used up. */
export interface BudgetUsage {
  readonly name: string;
  readonly rule: string;
  readonly kind: 'volume' | 'openings';
  readonly windowStart: Instant;
  readonly windowEnd: Instant;
  readonly used: number;
  readonly max: number;
}

/** Plain data, to be kept over a restart. */
export interface Usage {
  readonly at: Instant;
  readonly budgets: readonly BudgetUsage[];
}

/** What the kernel's objects had used, by their names. */
export type Used = ReadonlyMap<string, number>;

/** Bytes of a budget's name: no two budgets of any policy share one. */
const NAME_DIGITS = 24;

/** The name of a budget's object. `key`: everything that makes the budget, its window's begin as well. */
export function budgetName(letter: 'q' | 'c', key: string): string {
  return letter + createHash('sha256').update(key).digest('hex').slice(0, NAME_DIGITS);
}

const UNITS: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1_024, mbytes: 1_048_576 };

/** Reads what `nft list quotas` and `nft list counters` print. */
export function usedIn(listing: string): Used {
  const used = new Map<string, number>();
  for (const [, name = '', , amount = '0', unit = 'bytes'] of listing.matchAll(QUOTA))
    used.set(name, Number(amount) * (UNITS[unit] ?? 1));
  for (const [, name = '', packets = '0'] of listing.matchAll(COUNTER)) used.set(name, Number(packets));
  return used;
}

const QUOTA = /quota (q[0-9a-f]{24}) \{\s*over (\d+ \w+) used (\d+) (\w+)/g;
const COUNTER = /counter (c[0-9a-f]{24}) \{\s*packets (\d+) /g;

/** The budgets of content with what was used of them. */
export function usageOf({ objects }: Content, used: Used, at: Instant): Usage {
  const budgets = [...objects.values()].flatMap(({ name, kind, budget }) =>
    budget === null || kind === 'limit' ? [] : [{ ...budget, name, used: Math.min(used.get(name) ?? 0, budget.max) }],
  );
  return { at, budgets };
}

/** Of several sources, whatever says most. What is no whole number from 0 is left out: it came from a file. */
export function mostUsed(sources: readonly (Used | Usage | null)[]): Used {
  const most = new Map<string, number>();
  for (const source of sources) {
    const pairs =
      source === null
        ? []
        : 'budgets' in source
          ? source.budgets.map(({ name, used }) => [name, used] as const)
          : source;
    for (const [name, used] of pairs)
      if (Number.isSafeInteger(used) && used >= 0) most.set(name, Math.max(most.get(name) ?? 0, used));
  }
  return most;
}
