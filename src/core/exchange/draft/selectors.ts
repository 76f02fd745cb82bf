// Algebra of selectors: both, either, but-not, and two careful questions, "may these meet" and "is this within that".
// Not the grammar of selectors. Where a question has no sure answer, it is answered so that an importer permits less.

import { isInternet, type Prefix, prefixHas, prefixText, type Selector } from '#model';

export const ANYONE: Selector = { kind: 'any' };
/** Holds for no end. */
export const NOBODY: Selector = { kind: 'not', of: ANYONE };

export function prefixed(prefix: Prefix): Selector {
  return { kind: 'prefix', prefix };
}

export function labelled(key: string, value: string): Selector {
  return { kind: 'label', key, value };
}

export function isNobody(selector: Selector): boolean {
  if (selector.kind === 'not') return selector.of.kind === 'any';
  return selector.kind === 'all' && selector.of.some(isNobody);
}

export function eitherOf(parts: readonly Selector[]): Selector {
  const flat = unique(parts.flatMap((part) => (part.kind === 'either' ? part.of : [part])).filter((p) => !isNobody(p)));
  if (flat.some(({ kind }) => kind === 'any')) return ANYONE;
  const [first] = flat;
  if (first === undefined) return NOBODY;
  return flat.length === 1 ? first : { kind: 'either', of: flat };
}

export function allOf(parts: readonly Selector[]): Selector {
  const flat = unique(parts.flatMap((part) => (part.kind === 'all' ? part.of : [part])));
  const kept = flat.filter(({ kind }) => kind !== 'any');
  if (kept.some(isNobody) || haveNothingInCommon(kept)) return NOBODY;
  const least =
    kept.length > LOOKED_MAX
      ? kept
      : kept.filter((part, at) => !kept.some((other, where) => isTighter(other, part, where < at)));
  const [first] = least;
  if (first === undefined) return ANYONE;
  return least.length === 1 ? first : { kind: 'all', of: least };
}

/** Whether `other` says all that `part` says; of two that say the same, the earlier stays. */
function isTighter(other: Selector, part: Selector, isEarlier: boolean): boolean {
  return other !== part && isWithin(other, part) && (isEarlier || !isWithin(part, other));
}

/** Conjunctions longer than this are not looked through: the looking is quadratic. */
const LOOKED_MAX = 64;

function haveNothingInCommon(parts: readonly Selector[]): boolean {
  if (parts.length > LOOKED_MAX) return false;
  return parts.some((a, at) => parts.slice(at + 1).some((b) => !mayMeet(a, b)));
}

export function notOf(selector: Selector): Selector {
  if (selector.kind === 'not') return selector.of;
  return { kind: 'not', of: selector };
}

export function butNot(selector: Selector, without: Selector): Selector {
  if (!mayMeet(selector, without)) return selector;
  if (isWithin(selector, without)) return NOBODY;
  const parts = without.kind === 'either' ? without.of.filter((part) => mayMeet(selector, part)) : [without];
  return allOf([selector, ...parts.map(notOf)]);
}

function unique(parts: readonly Selector[]): readonly Selector[] {
  const seen = new Map<string, Selector>();
  for (const part of parts) {
    const key = keyOf(part);
    if (!seen.has(key)) seen.set(key, part);
  }
  return [...seen.values()];
}

/** The same for selectors that are written alike. Recursion is as deep as the selector, which importers build a few levels deep. */
export function keyOf(selector: Selector): string {
  switch (selector.kind) {
    case 'any':
    case 'internet':
      return selector.kind;
    case 'element':
      return `element ${selector.id}`;
    case 'element-kind':
      return `kind ${selector.value}`;
    case 'label':
      return `label ${selector.key}=${selector.value}`;
    case 'prefix':
      return `${selector.prefix.version} ${prefixText(selector.prefix)}`;
    case 'mac':
      return `mac ${selector.mac}`;
    case 'name':
      return `name ${selector.pattern}`;
    case 'not':
      return `!(${keyOf(selector.of)})`;
    case 'all':
    case 'either':
      return `${selector.kind}(${selector.of.map(keyOf).join(';')})`;
  }
}

/** False only where no end can satisfy both. */
export function mayMeet(a: Selector, b: Selector): boolean {
  if (isNobody(a) || isNobody(b)) return false;
  if (a.kind === 'either') return a.of.some((part) => mayMeet(part, b));
  if (b.kind === 'either') return b.of.some((part) => mayMeet(a, part));
  if (a.kind === 'all') return a.of.every((part) => mayMeet(part, b));
  if (b.kind === 'all') return b.of.every((part) => mayMeet(a, part));
  if (a.kind === 'not') return !isWithin(b, a.of);
  if (b.kind === 'not') return !isWithin(a, b.of);
  return leavesMayMeet(a, b);
}

function leavesMayMeet(a: Selector, b: Selector): boolean {
  if (a.kind === 'prefix' && b.kind === 'prefix')
    return prefixWithin(a.prefix, b.prefix) || prefixWithin(b.prefix, a.prefix);
  // An element has one value for a key, so two values of one key never meet.
  if (a.kind === 'label' && b.kind === 'label') return a.key !== b.key || a.value === b.value;
  if (a.kind === 'element' && b.kind === 'element') return a.id === b.id;
  if (a.kind === 'element-kind' && b.kind === 'element-kind') return a.value === b.value;
  if (a.kind === 'prefix' && b.kind === 'internet') return mayBeInternet(a.prefix);
  if (a.kind === 'internet' && b.kind === 'prefix') return mayBeInternet(b.prefix);
  return true;
}

function prefixWithin(inner: Prefix, outer: Prefix): boolean {
  return inner.version === outer.version && inner.length >= outer.length && prefixHas(outer, inner.bytes);
}

/** The shortest IPv4 block that is wholly outside the internet is a /3 (99 of 128 bits), so wider prefixes always reach it. */
function mayBeInternet(prefix: Prefix): boolean {
  const last = prefix.bytes.slice();
  for (let bit = prefix.length; bit < 128; bit++) last[bit >> 3] = (last[bit >> 3] ?? 0) | (128 >> (bit & 7));
  // Both edges outside prove nothing for a wide prefix; for a /8 and longer the special blocks are not cut through.
  const width = prefix.version === 4 ? prefix.length - 96 : prefix.length;
  return width < 24 || isInternet(prefix.bytes) || isInternet(last);
}

/** True only where every end of `inner` satisfies `outer`. */
export function isWithin(inner: Selector, outer: Selector): boolean {
  if (outer.kind === 'any' || isNobody(inner)) return true;
  if (inner.kind === 'either') return inner.of.every((part) => isWithin(part, outer));
  if (outer.kind === 'all') return outer.of.every((part) => isWithin(inner, part));
  if (inner.kind === 'all' && inner.of.some((part) => isWithin(part, outer))) return true;
  if (outer.kind === 'either') return outer.of.some((part) => isWithin(inner, part));
  if (outer.kind === 'not') return inner.kind === 'not' ? isWithin(outer.of, inner.of) : !mayMeet(inner, outer.of);
  if (inner.kind === 'prefix' && outer.kind === 'prefix') return prefixWithin(inner.prefix, outer.prefix);
  return keyOf(inner) === keyOf(outer);
}

/** Conditions in it, for bounding work. */
export function sizeOf(selector: Selector): number {
  if (selector.kind === 'not') return sizeOf(selector.of);
  return selector.kind === 'all' || selector.kind === 'either'
    ? selector.of.reduce((sum, part) => sum + sizeOf(part), 0)
    : 1;
}

/** Characters that the selector takes in a policy, at most. */
export function textLength(selector: Selector): number {
  switch (selector.kind) {
    case 'not':
      return 3 + textLength(selector.of);
    case 'all':
    case 'either':
      return selector.of.reduce((sum, part) => sum + 5 + textLength(part), 0);
    default:
      return keyOf(selector).length + 5;
  }
}
