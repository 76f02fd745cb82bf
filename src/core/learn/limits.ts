// Limits of a draft: sizes, volume, hours, operations, each only where the evidence carries it; and the remarks that say why one is missing.

import { HOUR, type HourSpan, type Hours, type Limits, NO_LIMITS, PROTOCOL, type Size, type Volume } from '#model';
import {
  BURST_FACTOR,
  FLOOR_WINDOWS_MIN,
  HOURS_DAYS_MIN,
  HOURS_EMPTY_MIN,
  SIZED_PACKETS_MIN,
  VOLUME_FACTOR,
  VOLUME_FACTOR_FEW,
  VOLUME_HOURS_FEW,
  VOLUME_ROOM,
  VOLUME_WINDOWS_MIN,
} from './bounds.ts';
import type { Draft } from './drafts.ts';
import type { Sizes, Sketch } from './sketch.ts';

export interface LimitsInput {
  /** All sketches of the draft together. */
  readonly whole: Sketch;
  readonly timezone: string;
  /** Whole hours that the learning spans. */
  readonly hours: number;
}

export interface Limited {
  readonly limits: Limits;
  readonly remarks: readonly string[];
}

export function limitsOf(draft: Draft, input: LimitsInput): Limited {
  const remarks: string[] = [];
  const sizes = sizeLimits(draft, input.whole, remarks);
  const volumes = volumeLimits(draft, input, remarks);
  const operations = operationLimits(input.whole, remarks);
  const hours = hourLimits(input, remarks);
  return { limits: { ...NO_LIMITS, sizes, volumes, operations, hours }, remarks };
}

/** Exact bounds: after five days 1 of about 28,000 later packets fell outside, so no margin is added. */
function sizeLimits({ parts }: Draft, { sent, received }: Sketch, remarks: string[]): readonly Size[] {
  const hasTcp = parts.some(({ protocol }) => protocol === PROTOCOL.tcp);
  const sizes: Size[] = [];
  for (const [direction, seen] of [
    ['sent', sent],
    ['received', received],
  ] as const) {
    if (seen.unsized > 0 && seen.count === 0) {
      remarks.push(`no size limit ${direction}: the input does not tell packet sizes`);
      continue;
    }
    if (seen.unsized > 0) {
      remarks.push(`no size limit ${direction}: ${seen.unsized} packets came as fragments or flow records`);
      continue;
    }
    if (seen.count === 0) continue;
    if (seen.count < SIZED_PACKETS_MIN)
      remarks.push(`no size limit ${direction}: ${seen.count} packets are too few (${SIZED_PACKETS_MIN} needed)`);
    // A floor on TCP packets can not be held: an acknowledgement has no payload.
    else sizes.push({ min: hasTcp ? null : seen.min, max: seen.max, direction });
  }
  return sizes;
}

/** The two largest hours of any one element. */
export function largestHours(sketches: readonly Sketch[]): {
  readonly max: number;
  readonly second: number;
  readonly filled: number;
} {
  let largest = { max: 0, second: 0, filled: 0 };
  for (const { hours } of sketches) {
    let max = 0;
    let second = 0;
    for (const { bytes } of hours.values()) {
      if (bytes > max) {
        second = max;
        max = bytes;
      } else if (bytes > second) second = bytes;
    }
    if (max > largest.max) largest = { max, second, filled: hours.size };
  }
  return largest;
}

function volumeLimits(draft: Draft, { whole, hours }: LimitsInput, remarks: string[]): readonly Volume[] {
  if (hours < VOLUME_WINDOWS_MIN) {
    remarks.push(`no volume limit: ${hours} whole hours were seen, ${VOLUME_WINDOWS_MIN} are needed`);
    return [];
  }
  if (whole.isHoursCut) {
    remarks.push('no volume limit: the table of hours was full');
    return [];
  }
  const { max, second, filled } = largestHours(draft.sketches);
  const isBurst = filled >= VOLUME_WINDOWS_MIN && max > BURST_FACTOR * second && max - second > VOLUME_ROOM;
  if (isBurst)
    remarks.push(
      `review: one hour of ${max} B stands over the next of ${second} B; the ceiling is that hour, not more`,
    );
  const factor = isBurst ? 1 : filled < VOLUME_HOURS_FEW ? VOLUME_FACTOR_FEW : VOLUME_FACTOR;
  remarks.push(`volume: at most ${factor} times the largest of ${filled} hours with traffic, at least 64 KiB over it`);
  const ceiling: Volume = {
    minBytes: null,
    maxBytes: isBurst ? max : Math.max(factor * max, max + VOLUME_ROOM),
    window: { kind: 'fixed', length: HOUR },
    direction: 'both',
    scope: 'pair',
  };
  const floor = floorLimit(draft, hours);
  return floor === null ? [ceiling] : [ceiling, floor];
}

/** Only for what was never silent: quiet devices have empty hours, and a floor would cry at each. */
function floorLimit({ sketches, members }: Draft, hours: number): Volume | null {
  const [sketch] = sketches;
  if (sketch === undefined || members.length > 1 || hours < FLOOR_WINDOWS_MIN) return null;
  const numbers = [...sketch.hours.keys()].toSorted((one, other) => one - other);
  // The first and the last hour are parts of hours.
  const inner = numbers.slice(1, -1);
  if (inner.length < hours) return null;
  const least = Math.min(...inner.map((number) => sketch.hours.get(number)?.bytes ?? 0));
  const minBytes = Math.floor(least / 2);
  if (minBytes <= 0) return null;
  return { minBytes, maxBytes: null, window: { kind: 'fixed', length: HOUR }, direction: 'both', scope: 'rule' };
}

function operationLimits(whole: Sketch, remarks: string[]): readonly string[] | null {
  if (whole.operations.size === 0) return null;
  if (!whole.isOperationsCut) return [...whole.operations].sort();
  remarks.push('no operations limit: too many different operations were seen');
  return null;
}

const ALL_DAYS = 127;

function hourLimits({ whole, timezone }: LimitsInput, remarks: string[]): Hours | null {
  if (whole.localDays.size < HOURS_DAYS_MIN) return null;
  const isUsed = [...whole.localHours].map((packets) => packets > 0);
  const empty = isUsed.filter((used) => !used).length;
  if (empty < HOURS_EMPTY_MIN) return null;
  // One hour wider at each edge: people do not keep to the minute, and daylight saving moves them by one.
  const isOpen = isUsed.map(
    (used, hour) => used || isUsed[(hour + 1) % 24] === true || isUsed[(hour + 23) % 24] === true,
  );
  if (isOpen.every(Boolean)) return null;
  remarks.push(`hours: ${empty} of 24 were empty on all of ${whole.localDays.size} days; edges widened by one hour`);
  return { zone: timezone, spans: spansOf(isOpen) };
}

/** Runs of open hours around the clock; a run over midnight is one span. */
function spansOf(isOpen: readonly boolean[]): HourSpan[] {
  const spans: HourSpan[] = [];
  for (let hour = 0; hour < 24; hour++) {
    if (isOpen[hour] !== true || isOpen[(hour + 23) % 24] === true) continue;
    let length = 1;
    while (length < 24 && isOpen[(hour + length) % 24] === true) length++;
    const end = (hour + length) % 24;
    spans.push({ days: ALL_DAYS, fromMinute: hour * 60, toMinute: end === 0 ? 1_440 : end * 60 });
  }
  return spans;
}

/** The application, where it was told on every conversation and always the same. */
export function applicationOf({ applications, conversations }: Sketch): string | null {
  const [only, ...others] = [...applications];
  if (only === undefined || others.length > 0) return null;
  const [name, count] = only;
  return name !== 'unknown' && count >= conversations ? name : null;
}

/** The band in which most packets lie, for comments: 5th to 95th percentile to the half octave. */
export function sizeBand({ histogram, count, min, max }: Sizes): string {
  if (count === 0) return 'none';
  const at = (share: number): number => {
    let sum = 0;
    for (const [bucket, packets] of histogram.entries()) {
      sum += packets;
      if (sum >= share * count) return bucket;
    }
    return histogram.length - 1;
  };
  const low = Math.max(min, Math.round(2 ** (at(0.05) / 2)));
  const high = Math.min(max, Math.round(2 ** ((at(0.95) + 1) / 2)));
  return `${min}-${max} B (nine in ten ${low}-${high} B)`;
}
