// A policy that was read again, with the objects of an earlier one wherever both say the same: what works by identity then finds what changed.
// Meaning is compared, not text. Not what the changes are: that is diff.ts.

import type { Policy } from '#model';

/** The later policy, frozen parts of the earlier one in it. */
export function reuseParts(before: Policy, after: Policy): Policy {
  const services = reused(before.services, after.services);
  const byService = new Map(after.services.map((service, at) => [service, services[at] ?? service]));
  const named = <Owner extends Pick<Policy['rules'][number], 'to'>>(owner: Owner): Owner =>
    owner.to.some((service) => byService.has(service))
      ? { ...owner, to: owner.to.map((service) => byService.get(service) ?? service) }
      : owner;
  return {
    ...after,
    services,
    elements: reused(before.elements, after.elements),
    rules: reused(before.rules, after.rules.map(named)),
    never: reused(before.never, after.never.map(named)),
    require: reused(before.require, after.require.map(named)),
  };
}

function reused<Part extends { readonly id: string }>(
  before: readonly Part[],
  after: readonly Part[],
): readonly Part[] {
  const old = new Map(before.map((part) => [part.id, part]));
  const parts = after.map((part) => {
    const known = old.get(part.id);
    return known !== undefined && isSame(known, part) ? known : part;
  });
  return parts.length === before.length && parts.every((part, at) => part === before[at]) ? before : parts;
}

/** Plain data, as a policy is: values, lists, records and bytes of addresses. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (isList(one) || isList(other))
    return (
      isList(one) && isList(other) && one.length === other.length && one.every((part, at) => isSame(part, other[at]))
    );
  const own = Object.entries(one);
  const others = new Map<string, unknown>(Object.entries(other));
  return own.length === others.size && own.every(([key, value]) => others.has(key) && isSame(value, others.get(key)));
}

function isList(value: object): value is readonly unknown[] | Uint8Array {
  return Array.isArray(value) || value instanceof Uint8Array;
}
