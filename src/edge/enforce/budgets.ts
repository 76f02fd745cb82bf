// Volumes, rates and connection limits as kernel objects: quotas, token buckets, counts. INVARIANT: never wider than the limit;
// where the kernel's arithmetic differs, it is held more tightly. Not the maps that lead to them.

import { windowAt } from '#engine';
import { type ConnectionLimit, DAY, type Instant, type Micros, type Rate, type Volume } from '#model';
import { type Nft, nft } from '#nft';
import type { KernelObject } from './content.ts';
import type { NumberSources } from './numbers.ts';
import { budgetName } from './usage.ts';

export interface Made {
  readonly object: KernelObject;
  /** Counts what the object lets through, where it cannot say so itself. */
  readonly tally: KernelObject | null;
  /** When it has to be replaced, or null. */
  readonly until: Instant | null;
}

interface Moment {
  readonly book: NumberSources;
  readonly rule: string;
  /** Names the budget: rule, limits, kind, place, and the pair where it counts for one. */
  readonly budget: string;
  readonly now: Instant;
}

/** A quota that begins anew with each window. */
export function quotaOf(volume: Volume & { readonly maxBytes: number }, { rule, budget, now }: Moment): Made {
  const { start, end } = windowAt(volume.window, now);
  const bytes = heldBytes(volume);
  const name = budgetName('q', `${budget}|${start}`);
  const kept = { rule, kind: 'volume', windowStart: start, windowEnd: end, max: bytes } as const;
  return {
    object: { kind: 'quota', name, body: nft`over ${bytes} bytes`, budget: kept, tally: null },
    tally: null,
    until: end,
  };
}

/** A rolling interval touches at most two aligned windows of its length, so half of its ceiling in each holds it. */
export function heldBytes({ maxBytes, window }: Volume & { readonly maxBytes: number }): number {
  return window.kind === 'rolling' ? Math.floor(maxBytes / 2) : maxBytes;
}

export function rateOf(rate: Rate, { book, budget }: Moment): Made {
  const name = `l${book.things.of(`rate|${budget}`)}`;
  const body = rate.unit === 'bytes' ? byteRate(rate) : packetRate(rate);
  return { object: { kind: 'limit', name, body, budget: null, tally: null }, tally: null, until: null };
}

/**
 * The kernel's bucket of a byte rate holds `rate + burst` bytes for the unit of a second. So a burst below the rate lowers the rate
 * to the burst: tighter, never wider.
 */
function byteRate({ perSecond, burst }: Rate): Nft {
  const bucket = Math.floor(Math.min(burst, BUCKET_BYTES_MAX));
  const rate = Math.floor(Math.min(perSecond, bucket));
  const more = Math.min(bucket - rate, BURST_MAX);
  return more === 0 ? nft`rate over ${rate} bytes/second` : nft`rate over ${rate} bytes/second burst ${more} bytes`;
}

/** Whether a byte rate had to be lowered to be held, or a fraction was cut. */
export function isRateTightened({ unit, perSecond, burst }: Rate): boolean {
  if (unit === 'bytes')
    return !Number.isInteger(perSecond) || !Number.isInteger(burst) || perSecond > burst || burst > BURST_MAX;
  return ![perSecond, perSecond * 60, perSecond * 3_600, perSecond * 86_400].some(Number.isInteger);
}

/** Bytes of a bucket that the kernel holds in 64 bits of nanoseconds: 144 Gbit. */
const BUCKET_BYTES_MAX = 1.8e10;
/** The kernel's burst has 32 bits. */
const BURST_MAX = 2 ** 32 - 1;

const UNITS = [
  [1, nft`second`],
  [60, nft`minute`],
  [3_600, nft`hour`],
  [86_400, nft`day`],
] as const;

/** The unit in which the rate is a whole number; else the longest, cut down. */
function packetRate({ perSecond, burst }: Rate): Nft {
  const [seconds, unit] = UNITS.find(([length]) => Number.isInteger(perSecond * length)) ?? UNITS[3];
  const count = Math.max(Math.floor(perSecond * seconds), 1);
  return nft`rate over ${count}/${unit} burst ${Math.floor(Math.min(burst, BURST_MAX))} packets`;
}

/**
 * Admitted openings in a window: a bucket of `max` that gains one in a week, replaced at each window's end. INVARIANT: a longer window
 * holds as many fewer as the bucket may gain in it; what leaves nothing to hold permits nothing.
 */
export function periodOf(
  limit: Extract<ConnectionLimit, { kind: 'period' }>,
  { book, rule, budget, now }: Moment,
): Made {
  const { start, end } = windowAt(limit.window, now);
  const max = heldOpenings(limit);
  const name = `l${book.things.of(`period|${budget}|${start}`)}`;
  const kept = { rule, kind: 'openings', windowStart: start, windowEnd: end, max } as const;
  const tally = budgetName('c', `${budget}|${start}`);
  return {
    object: { kind: 'limit', name, body: openingsLeft(max), budget: kept, tally },
    tally: { kind: 'counter', name: tally, body: openingsHad(0), budget: kept, tally: null },
    until: end,
  };
}

/** A bucket of one byte, which no packet fits, where nothing is left: the kernel takes a burst of none for one of five. */
export function openingsLeft(left: number): Nft {
  return left <= 0 ? nft`rate over 1 bytes/second` : nft`rate over 1/week burst ${left} packets`;
}

export function openingsHad(count: number): Nft {
  return nft`packets ${count} bytes 0`;
}

const WEEK: Micros = 7 * DAY;
/** A week with a clock set back, and the longest month, gain one and five. */
const GAINED = { day: 0, week: 1, month: 5 } as const;

/** Openings that the bucket is given; 0 when none can be held. */
export function heldOpenings({ max, window }: Extract<ConnectionLimit, { kind: 'period' }>): number {
  const gained = window.kind === 'calendar' ? GAINED[window.unit] : Math.floor(window.length / WEEK);
  const held = window.kind === 'rolling' ? Math.floor(max / 2) : max;
  return Math.max(held - gained, 0);
}
