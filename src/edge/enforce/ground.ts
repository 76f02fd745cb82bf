// Whatever leads to a table besides its rules, the logons and the time: on another ground everything is worked out anew, and with other ends
// their classes are. Not the rules.

import type { Policy } from '#model';
import type { Facts } from './compile-types.ts';

export type Ground = readonly (readonly unknown[])[];

export function groundOf(policy: Policy, { book, names }: Facts): Ground {
  const { mode, services, never, require } = policy;
  // Without sets of names no class and no entry tells of them.
  const named = names === undefined || names.sets.length === 0 ? [] : [names.epoch, names.sets.length];
  return [[book, mode], named, services, never, require];
}

/** What tells ends apart, besides what rules ask of them. */
export function endsGroundOf({ elements }: Policy, { quarantined, neighbours }: Facts): Ground {
  return [[neighbours], elements, [...(quarantined ?? [])].sort()];
}

/** By identity: an edit keeps the objects that it leaves alone. */
export function isSameGround(one: Ground, other: Ground): boolean {
  return one.length === other.length && one.every((parts, at) => isSameList(parts, other[at] ?? []));
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
