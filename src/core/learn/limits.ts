// Limits of a draft: sizes, volume, hours, operations, each only where the evidence carries it; and the remarks that say why one is missing.

import { HOUR, type HourSpan, type Hours, type Limits, NO_LIMITS, PROTOCOL, type Size, type Volume } from '#model';
import {
  BURST_FACTOR,
  FLOOR_WINDOWS_MIN,
  HOURS_DAYS_MIN,
  HOURS_EMPTY_MIN,
  HOURS_REGULAR_MIN,
  SIZE_ROOM,
  SIZE_USUAL_MAX,
  SIZED_PACKETS_MIN,
  VOLUME_FACTOR,
  VOLUME_FACTOR_FEW,
  VOLUME_FACTOR_YOUNG,
  VOLUME_HOURS_FEW,
  VOLUME_ROOM,
  VOLUME_WINDOWS_MIN,
  VOLUME_YOUNG,
} from './bounds.ts';
import type { Draft } from './draft.ts';
import type { Sizes, Sketch } from './sketch.ts';

interface LimitsInput {
  /** All sketches of the draft together. */
  readonly whole: Sketch;
  readonly timezone: string;
  /** Whole hours that the learning spans. */
  readonly hours: number;
}

export interface Limited {
  readonly limits: Limits;
  /** The ceiling over the largest hour, or null where there is none. */
  readonly volumeFactor: number | null;
  readonly remarks: readonly string[];
}

export function limitsOf(draft: Draft, input: LimitsInput): Limited {
  const remarks: string[] = [];
  const sizes = sizeLimits(draft, input.whole, remarks);
  const volumes = volumeLimits(draft, input, remarks);
  const operations = operationLimits(input.whole, remarks);
  const hours = hourLimits(input, remarks);
  const { tunnels } = input.whole;
  if (tunnels.size > 0)
    remarks.push(
      `carries ${[...tunnels].sort().join(', ')}: the limits hold for the tunnel, not for what is inside it`,
    );
  return {
    limits: { ...NO_LIMITS, sizes, volumes: volumes.limits, operations, hours },
    volumeFactor: volumes.factor,
    remarks,
  };
}

const TOO_FEW = 'too few packets';
const DIRECTIONS = ['sent', 'received'] as const;

/** Exact bounds where many packets were seen: after five days 1 of about 28,000 later packets fell outside. Some room where they were few. */
function sizeLimits({ parts }: Draft, whole: Sketch, remarks: string[]): readonly Size[] {
  const hasTcp = parts.some(({ protocol }) => protocol === PROTOCOL.tcp);
  const heard = DIRECTIONS.filter((direction) => whole[direction].count + whole[direction].unsized > 0);
  const isOlder = hasTcp && whole.unopened > 0 && whole.unopened === whole.conversations;
  const missing = new Map(
    heard.flatMap((direction) => {
      const why = isOlder ? 'no opening was recorded' : whyUnsized(whole[direction]);
      return why === null ? [] : [[direction, why] as const];
    }),
  );
  // Too few packets is said once, at the top of the proposal.
  const whys = new Set([...missing.values()].filter((why) => why !== TOO_FEW));
  for (const why of whys) {
    const directions = heard.filter((direction) => missing.get(direction) === why);
    const which = directions.length === heard.length ? '' : ` ${directions.join(' and ')}`;
    remarks.push(`no size limit${which}: ${why}`);
  }
  return heard
    .filter((direction) => !missing.has(direction))
    .map((direction) => {
      const { min, max } = roomy(whole[direction]);
      // A floor on TCP packets can not be held: an acknowledgement has no payload.
      return { min: hasTcp ? null : min, max, direction };
    });
}

function whyUnsized({ count, unsized }: Sizes): string | null {
  if (unsized > 0) return count === 0 ? 'the input tells none' : 'some packets were fragments or flow records';
  return count < SIZED_PACKETS_MIN ? TOO_FEW : null;
}

function roomy({ min, max, count }: Sizes): { readonly min: number; readonly max: number } {
  const share = SIZE_ROOM.find(({ packets }) => count < packets)?.share ?? 0;
  return {
    min: Math.floor(min * (1 - share)),
    max: Math.max(max, Math.min(SIZE_USUAL_MAX, Math.ceil(max * (1 + share)))),
  };
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

interface Volumes {
  readonly limits: readonly Volume[];
  readonly factor: number | null;
}

function volumeLimits(draft: Draft, { whole, hours }: LimitsInput, remarks: string[]): Volumes {
  // Said once, at the top of the proposal.
  if (hours < VOLUME_WINDOWS_MIN) return { limits: [], factor: null };
  if (whole.isHoursCut) {
    remarks.push('no volume limit: the table of hours was full');
    return { limits: [], factor: null };
  }
  const { max, second, filled } = largestHours(draft.sketches);
  const isBurst = filled >= VOLUME_WINDOWS_MIN && max > BURST_FACTOR * second && max - second > VOLUME_ROOM;
  if (isBurst) remarks.push('REVIEW: one hour stands far above the next; the ceiling is that hour');
  const factor = isBurst ? 1 : volumeFactor(filled, hours);
  const ceiling: Volume = {
    minBytes: null,
    maxBytes: roundedUp(isBurst ? max : Math.max(factor * max, max + VOLUME_ROOM)),
    window: { kind: 'fixed', length: HOUR },
    direction: 'both',
    scope: 'pair',
  };
  const floor = floorLimit(draft, hours);
  return { limits: floor === null ? [ceiling] : [ceiling, floor], factor };
}

/** To two digits: nobody reads more of a ceiling that is a multiple. */
function roundedUp(bytes: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(bytes)) - 1);
  return Math.ceil(bytes / step) * step;
}

function volumeFactor(filled: number, hours: number): number {
  if (hours < VOLUME_YOUNG) return VOLUME_FACTOR_YOUNG;
  return filled < VOLUME_HOURS_FEW ? VOLUME_FACTOR_FEW : VOLUME_FACTOR;
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
  if (whole.operations.size === 0 && !whole.isOperationsCut) return null;
  if (whole.unreadable > UNREADABLE_SHARE_MAX * whole.asking) {
    remarks.push(
      `no operations limit: ${whole.unreadable} of ${whole.asking} packets with operations could not be read`,
    );
    return null;
  }
  if (!whole.isOperationsCut) return [...whole.operations].sort();
  remarks.push('no operations limit: too many different ones, or some that no policy can name');
  return null;
}

/** Packets with operations that may be unreadable, since captures lose some; a limit denies those. More, and it would deny what is usual. */
const UNREADABLE_SHARE_MAX = 0.01;

const ALL_DAYS = 127;

function hourLimits({ whole, timezone }: LimitsInput, remarks: string[]): Hours | null {
  const days = whole.localDays.size;
  if (days < HOURS_DAYS_MIN) return null;
  const isUsed = [...whole.localHours].map((packets) => packets > 0);
  const empty = isUsed.filter((used) => !used).length;
  if (empty < HOURS_EMPTY_MIN || whole.hours.size < HOURS_REGULAR_MIN * days * (24 - empty)) return null;
  // One hour wider at each edge: people do not keep to the minute, and daylight saving moves them by one.
  const isOpen = isUsed.map(
    (used, hour) => used || isUsed[(hour + 1) % 24] === true || isUsed[(hour + 23) % 24] === true,
  );
  if (isOpen.every(Boolean)) return null;
  remarks.push(`hours: ${empty} of 24 were silent on all of ${days} days; one hour of room at each edge`);
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
  return low === high ? `${low} B` : `${low}-${high} B`;
}
