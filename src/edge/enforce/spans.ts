// Address space cut into spans in which every prefix of a policy either holds or does not. Not what an end means.

import {
  type AddressBytes,
  type Element,
  type Policy,
  type Prefix,
  parsePrefix,
  prefixHas,
  type Selector,
  SPECIAL_PREFIXES,
} from '#model';

/** An inclusive range of addresses of one version, as 16 bytes. */
export interface Span {
  readonly version: 4 | 6;
  readonly from: AddressBytes;
  readonly to: AddressBytes;
}

export interface AddressSpace {
  /** Ranges that together hold every address once. */
  readonly ranges: readonly Span[];
  /** Single addresses that the policy names; they come before the ranges. */
  readonly singles: readonly Span[];
}

const EXACT = 128;
const WHOLE: readonly Prefix[] = ['0.0.0.0/0', '::/0', 'ff00::/8', '224.0.0.0/4'].flatMap(
  (text) => parsePrefix(text) ?? [],
);

/** Every prefix that tells one end from another: of elements, of selectors, and those of the words internet and group. */
export function addressSpace(policy: Policy, more: readonly Prefix[] = NO_MORE): AddressSpace {
  const known = spaces.get(policy);
  if (known !== undefined && known.more === more) return known.space;
  const space = spaceOf(policy, more);
  spaces.set(policy, { more, space });
  return space;
}

const NO_MORE: readonly Prefix[] = [];
/** A policy does not change once made, and is asked more than once for each of its tables. */
const spaces = new WeakMap<Policy, { readonly more: readonly Prefix[]; readonly space: AddressSpace }>();
const selectors = new WeakMap<Policy, readonly Selector[]>();

function spaceOf(policy: Policy, more: readonly Prefix[]): AddressSpace {
  const prefixes = [
    ...more,
    ...policy.elements.flatMap(({ addresses }: Element) => addresses),
    ...selectorsOf(policy).flatMap(prefixesOf),
  ];
  const wide = [...WHOLE, ...SPECIAL_PREFIXES, ...prefixes.filter(({ length }) => length < EXACT)];
  const exact = prefixes.filter((prefix) => prefix.length === EXACT && prefixHas(prefix, prefix.bytes));
  const singles = new Map(exact.map((prefix) => [bigOf(prefix.bytes), spanOf(prefix)]));
  return {
    ranges: [...cut(wide, 4), ...cut(wide, 6)],
    singles: [...singles.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, span]) => span),
  };
}

/** Every selector of a policy, elements that are named by nothing but their id once each. */
export function selectorsOf(policy: Policy): readonly Selector[] {
  const known = selectors.get(policy);
  if (known !== undefined) return known;
  const found: Selector[] = [];
  const elements = new Set<string>();
  const take = (selector: Selector): void => {
    if (selector.kind === 'element') {
      if (elements.has(selector.id)) return;
      elements.add(selector.id);
    }
    found.push(selector);
  };
  for (const owners of [policy.rules, policy.never, policy.require])
    for (const { from, to } of owners) {
      take(from);
      for (const { on } of to) take(on);
    }
  for (const { on } of policy.services) take(on);
  selectors.set(policy, found);
  return found;
}

const NOTHING: readonly Prefix[] = [];

function prefixesOf(selector: Selector): readonly Prefix[] {
  if (selector.kind === 'prefix') return [selector.prefix];
  if (selector.kind === 'not') return prefixesOf(selector.of);
  return selector.kind === 'all' || selector.kind === 'either' ? selector.of.flatMap(prefixesOf) : NOTHING;
}

/** IPv4 lies at ::ffff:0:0/96; the addresses of that block exist as IPv4 only. */
const MAPPED_FIRST = 0xffff_0000_0000n;
const MAPPED_LAST = 0xffff_ffff_ffffn;
const LAST = (1n << 128n) - 1n;

function cut(prefixes: readonly Prefix[], version: 4 | 6): readonly Span[] {
  const starts = new Set<bigint>();
  for (const prefix of prefixes) {
    if (prefix.version !== version) continue;
    const first = bigOf(prefix.bytes);
    starts.add(first);
    starts.add(first + (1n << BigInt(EXACT - prefix.length)));
  }
  if (version === 6) for (const edge of [MAPPED_FIRST, MAPPED_LAST + 1n]) starts.add(edge);
  const end = version === 4 ? MAPPED_LAST : LAST;
  const sorted = [...starts].filter((start) => start <= end).sort((one, other) => (one < other ? -1 : 1));
  return sorted.flatMap((start, at) => {
    if (version === 6 && start >= MAPPED_FIRST && start <= MAPPED_LAST) return [];
    const next = sorted[at + 1] ?? end + 1n;
    return [{ version, from: bytesOf(start), to: bytesOf(next - 1n) }];
  });
}

function spanOf(prefix: Prefix): Span {
  return { version: prefix.version, from: prefix.bytes, to: prefix.bytes };
}

export function bigOf(bytes: AddressBytes): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

export function bytesOf(value: bigint): AddressBytes {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, value >> 64n);
  view.setBigUint64(8, value & ((1n << 64n) - 1n));
  return bytes;
}

/** Ranges that touch become one. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const touches = last !== undefined && last.version === span.version && bigOf(last.to) + 1n === bigOf(span.from);
    if (touches) joined[joined.length - 1] = { version: span.version, from: last.from, to: span.to };
    else joined.push(span);
  }
  return joined;
}
