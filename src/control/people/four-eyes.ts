// Which changes need a second person. Whether a second person confirmed is asked where changes are confirmed.

import { fourEyesOf } from '#store';
import type { Parts } from './parts.ts';
import { type FourEyes, WHOLE_POLICY } from './users.ts';

/** What a change touches, as the comparison of two policies says it. */
export interface Touched {
  readonly section: string;
  readonly id: string;
}

export async function fourEyesIn({ store }: Pick<Parts, 'store'>, domain: string): Promise<FourEyes> {
  const named = await fourEyesOf(store.db, domain);
  return {
    isWholePolicy: named.includes(WHOLE_POLICY),
    services: named.filter((service) => service !== WHOLE_POLICY),
  };
}

/**
 * Whether the change has to be confirmed by another approver than its author. `services` are those that the changed rules and services
 * speak of. A change without a service that is known (elements, guardrails, settings) may touch any, so it counts as touching all.
 */
export async function needsSecond(
  parts: Pick<Parts, 'store'>,
  domain: string,
  { changes, services }: { readonly changes: readonly Touched[]; readonly services: readonly string[] | null },
): Promise<boolean> {
  const { isWholePolicy, services: guarded } = await fourEyesIn(parts, domain);
  if (changes.length === 0 || (!isWholePolicy && guarded.length === 0)) return false;
  if (isWholePolicy || services === null) return true;
  const named = [...services, ...changes.flatMap(({ section, id }) => (section === 'services' ? [id] : []))];
  return named.some((service) => guarded.includes(service));
}
