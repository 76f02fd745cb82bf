// What `live` says of a mark, in one word: which chain its packets go through and which limits to ask for. Not the limits.

import type { Limits, Volume } from '#model';
import { mark, type Nft } from '#nft';
import { inDirection, isTooMuch } from './holdable.ts';
import type { MarkSpec } from './marks.ts';
import { type NumberSources, TERMS_MAX } from './numbers.ts';

/** The chain of a mark's packets, in the four highest bits. */
const CHAIN = { plain: 1, usual: 2, rich: 3, tls: 4, ssh: 5 } as const;
export type ChainName = keyof typeof CHAIN;

const CHAIN_UNIT = 2 ** 28;
export const CHAIN_BITS = 0xf000_0000;
/** Something is asked when a session opens. */
export const OPENS_BIT = 0x0800_0000;
/** There are hours: the whole word is in `open` while they are. */
export const TIMED_BIT = 0x0400_0000;
/** There are sizes: the whole word begins keys of `sizes_sent` and `sizes_received`. */
export const SIZED_BIT = 0x0200_0000;
export const RATED_BIT = 0x0100_0000;
/** INVARIANT: the lowest bit, and no number of terms reaches it. */
export const CAPPED_BIT = TERMS_MAX;

interface Life {
  readonly chain: ChainName;
  readonly opens: boolean;
  readonly isTimed: boolean;
  readonly isSized: boolean;
  readonly isRated: boolean;
  readonly isCapped: boolean;
  /** A number below all bits that tells hours and sizes from others; 0 where there are none. */
  readonly terms: number;
}

export function lifeWord(life: Life): Nft {
  const bits =
    (life.opens ? OPENS_BIT : 0) +
    (life.isTimed ? TIMED_BIT : 0) +
    (life.isSized ? SIZED_BIT : 0) +
    (life.isRated ? RATED_BIT : 0) +
    (life.isCapped ? CAPPED_BIT : 0);
  return mark(CHAIN[life.chain] * CHAIN_UNIT + bits + life.terms);
}

/** The word of what is not limited at all. */
export const PLAIN = lifeWord({
  chain: 'plain',
  opens: false,
  isTimed: false,
  isSized: false,
  isRated: false,
  isCapped: false,
  terms: 0,
});

/** What a mark's limits make of it, once its application is proven or none is asked for. */
export function lifeOf(spec: MarkSpec, book: NumberSources): Life {
  const { rule, isTcp, gates, rails, logon } = spec;
  const { limits } = rule;
  // A rule that is only recorded may say more than the table has room for; the rest of it is judged elsewhere.
  const counted = isTooMuch(limits) ? { rates: [], volumes: [], connections: [] } : limits;
  const isTimed = limits.hours !== null;
  const isSized = limits.sizes.length > 0 && !isTcp;
  const terms = [limits.hours, limits.drain, isSized ? [sizeIn(limits, 'sent'), sizeIn(limits, 'received')] : null];
  return {
    chain: chainOf(spec),
    opens:
      isTimed ||
      isSized ||
      logon !== null ||
      gates.length + rails.length + counted.connections.length > 0 ||
      limits.lifetime !== null,
    isTimed,
    isSized,
    isRated: counted.rates.length > 0,
    isCapped: counted.volumes.some(hasCeiling),
    terms: isTimed || isSized ? book.terms.of(JSON.stringify(terms)) : 0,
  };
}

/** The shortest chain that holds all of a rule's limits. */
function chainOf({ rule: { limits }, isTcp }: MarkSpec): ChainName {
  const ceilings = limits.volumes.filter(hasCeiling);
  const crowded = (['sent', 'received'] as const).some(
    (way) => inDirection(ceilings, way).length > 1 || inDirection(limits.rates, way).length > 1,
  );
  if (crowded || limits.lifetime !== null || (isTcp && limits.sizes.length > 0)) return 'rich';
  const isLimited = limits.hours !== null || ceilings.length + limits.rates.length + limits.sizes.length > 0;
  return isLimited ? 'usual' : 'plain';
}

export function hasCeiling(volume: Volume): volume is Volume & { readonly maxBytes: number } {
  return volume.maxBytes !== null;
}

export interface SizeSpan {
  readonly min: number;
  readonly max: number;
}

const LENGTH_MAX = 65_535;

/** Lengths that all sizes of one direction permit. */
export function sizeIn({ sizes }: Limits, way: 'sent' | 'received'): SizeSpan {
  const own = inDirection(sizes, way);
  return {
    min: Math.max(0, ...own.map(({ min }) => min ?? 0)),
    max: Math.min(LENGTH_MAX, ...own.map(({ max }) => max ?? LENGTH_MAX)),
  };
}
