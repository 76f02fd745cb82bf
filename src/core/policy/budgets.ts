// Limits that count: volume, rate, connections, and packet size. Text to limit; the way back is in limits-text.ts.

import {
  type ConnectionLimit,
  DAY,
  type Direction,
  type Micros,
  type Rate,
  type Scope,
  SECOND,
  type Size,
  type Volume,
  type Window,
} from '#model';
import { isZone } from './calendar.ts';
import { zoneTrouble } from './hours.ts';
import { parseBytes, parseCount, parseDuration } from './quantities.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';

/** Longest window: a budget that outlives a year is a decision for a person. */
const WINDOW_MAX: Micros = 366 * DAY;
/** A packet's length field has 16 bits. */
export const SIZE_MAX = 65_535;
/** The least burst of a byte rate unless one is stated: one full segmentation-offload burst fits. */
const BURST_BYTES_MIN = 65_536;
const BURST_PACKETS_MIN = 10;

interface Extras {
  readonly rest: string;
  readonly direction: Direction;
  readonly scope: Scope;
  readonly isRolling: boolean;
  readonly zone: string | null;
  /** Words found, to refuse those that the limit has no use for. */
  readonly found: ReadonlySet<string>;
}

const EXTRAS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['sent', /\bsent$/],
  ['received', /\breceived$/],
  ['both', /\bboth ways$/],
  ['rule', /\bfor the rule$/],
  ['pair', /\b(?:for )?each pair$/],
  ['rolling', /\brolling$/],
  ['zone', /\bin ([A-Za-z][A-Za-z0-9_+/-]*)$/],
];

/** Cuts the trailing words that most limits share; each at most once. */
function extrasOf(text: string): Extras {
  const found = new Set<string>();
  let rest = text.trim().replace(/\s+/g, ' ');
  let zone: string | null = null;
  for (let round = 0; round < EXTRAS.length; round++) {
    const hit = EXTRAS.find(([name, pattern]) => !found.has(name) && pattern.test(rest));
    if (hit === undefined) break;
    if (hit[0] === 'zone') zone = hit[1].exec(rest)?.[1] ?? null;
    found.add(hit[0]);
    rest = rest.replace(hit[1], '').trim();
  }
  const direction = found.has('sent')
    ? found.has('received')
      ? 'both'
      : 'sent'
    : found.has('received')
      ? 'received'
      : 'both';
  return { rest, direction, scope: found.has('rule') ? 'rule' : 'pair', isRolling: found.has('rolling'), zone, found };
}

interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

/** `1 MB - 2 GB`, `<= 2 GB`, `at most 2 GB`, `up to 2 GB`, `>= 2 kB`, `at least 2 kB`; null when it is none of these. */
function parseBounds(text: string): Bounds | null {
  const most = /^(?:<=|≤|at most|up to) ?(.+)$/i.exec(text)?.[1];
  if (most !== undefined) return bounded({ min: null, max: parseBytes(most) });
  const least = /^(?:>=|≥|at least) ?(.+)$/i.exec(text)?.[1];
  if (least !== undefined) return bounded({ min: parseBytes(least), max: null });
  const [, from = '', to = ''] = /^(.+?) ?[-–] ?(.+)$/.exec(text) ?? [];
  const max = parseBytes(to);
  // `40 - 1500 B`: the unit may be left to the second number.
  const unit = /[A-Za-z]+$/.exec(to)?.[0] ?? '';
  const min = parseBytes(/^[0-9.]+$/.test(from) ? `${from} ${unit}` : from);
  return min === null || max === null ? null : { min, max };
}

function bounded(bounds: Bounds): Bounds | null {
  return bounds.min === null && bounds.max === null ? null : bounds;
}

const VOLUME_HELP = 'write for instance "1 MB - 2 GB per hour", "<= 2 GB per day" or ">= 2 kB per 10 min"';

export function parseVolume(text: string, zone: string): Volume | Trouble {
  const extras = extrasOf(text);
  const [, amount = '', span = ''] = /^(.+) per (.+)$/.exec(extras.rest) ?? [];
  const bounds = parseBounds(amount);
  if (bounds === null) return trouble('PICKET-P027', `cannot read the volume ${quoted(text)}`, VOLUME_HELP);
  const window = parseWindow(span, extras, zone);
  if (isTrouble(window)) return window;
  if (bounds.min !== null && bounds.max !== null && bounds.min > bounds.max)
    return trouble(
      'PICKET-P028',
      `the volume floor is above the ceiling in ${quoted(text)}`,
      'lower the floor or raise the ceiling',
    );
  if (bounds.max === 0) return trouble('PICKET-P034', 'a volume of 0 permits nothing', 'delete the rule instead');
  return { minBytes: bounds.min, maxBytes: bounds.max, window, direction: extras.direction, scope: extras.scope };
}

/** `hour`, `10 min`, `day`, `month`; `rolling` and `in <zone>` come from the trailing words. */
function parseWindow(text: string, extras: Extras, zone: string): Window | Trouble {
  if (extras.zone !== null && !isZone(extras.zone)) return zoneTrouble(extras.zone);
  const unit = /^(?:1 ?)?(day|d|week|month)$/.exec(text)?.[1];
  const calendar = unit === 'd' ? 'day' : unit === 'day' || unit === 'week' || unit === 'month' ? unit : null;
  if (calendar !== null && !extras.isRolling) return { kind: 'calendar', unit: calendar, zone: extras.zone ?? zone };
  if (calendar === 'month')
    return trouble('PICKET-P027', 'a month has no length of its own to roll', 'write "per 30 d rolling"');
  if (extras.zone !== null)
    return trouble('PICKET-P027', 'only windows of a day, week or month have a zone', 'delete "in …"');
  const length = parseDuration(/^[a-z]/i.test(text) ? `1 ${text}` : text);
  if (length === null) return trouble('PICKET-P027', `cannot read the window ${quoted(`per ${text}`)}`, VOLUME_HELP);
  if (length <= 0 || length > WINDOW_MAX)
    return trouble('PICKET-P027', 'a window lasts up to 366 days, and not nothing');
  if (!extras.isRolling) return { kind: 'fixed', length };
  // Rolling windows are judged in sixtieths of whole microseconds.
  if (length % 60 !== 0) return trouble('PICKET-P027', 'a rolling window must be a whole multiple of 3 s', 'round it');
  return { kind: 'rolling', length };
}

const SIZE_HELP = 'write for instance "<= 1500 B", "40 - 1500 B" or ">= 60 B"';

export function parseSize(text: string): Size | Trouble {
  const extras = extrasOf(text);
  const bounds = parseBounds(extras.rest);
  if (bounds === null || usesAny(extras, ['rule', 'pair', 'rolling', 'zone']))
    return trouble('PICKET-P030', `cannot read the size ${quoted(text)}`, SIZE_HELP);
  if (bounds.min !== null && bounds.max !== null && bounds.min > bounds.max)
    return trouble('PICKET-P032', `the smallest size is above the largest in ${quoted(text)}`, 'exchange them');
  if ((bounds.max ?? 0) > SIZE_MAX || (bounds.min ?? 0) > SIZE_MAX)
    return trouble(
      'PICKET-P032',
      `no packet is larger than ${SIZE_MAX} B, as asked in ${quoted(text)}`,
      'sizes are IP total lengths',
    );
  if (bounds.max === 0) return trouble('PICKET-P032', 'a largest size of 0 permits nothing', SIZE_HELP);
  return { min: bounds.min, max: bounds.max, direction: extras.direction };
}

function usesAny({ found }: Extras, words: readonly string[]): boolean {
  return words.some((word) => found.has(word));
}

const RATE_HELP = 'write for instance "20 Mbit/s", "2 MB/s burst 64 KiB" or "50 packets/s burst 100"';

const BIT_UNITS: ReadonlyMap<string, number> = new Map([
  ['bit', 1],
  ['kbit', 1e3],
  ['mbit', 1e6],
  ['gbit', 1e9],
]);

const BYTE_RATE_UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
]);

export function parseRate(text: string): Rate | Trouble {
  const extras = extrasOf(text);
  const [, digits, unitText, burstText] =
    /^([0-9]{1,16}(?:\.[0-9]{1,16})?) ?([A-Za-z]+)(?:\/s|ps| per second)(?: burst (.+))?$/.exec(extras.rest) ?? [];
  if (digits === undefined || unitText === undefined || usesAny(extras, ['rolling', 'zone']))
    return trouble('PICKET-P033', `cannot read the rate ${quoted(text)}`, RATE_HELP);
  const speed = speedOf(Number(digits), unitText.toLowerCase());
  if (speed === null) return trouble('PICKET-P033', `${quoted(unitText)} is not a unit of rate`, RATE_HELP);
  if (speed.perSecond <= 0) return trouble('PICKET-P034', 'a rate of 0 permits nothing', 'delete the rule instead');
  const burst = burstText === undefined ? defaultBurst(speed) : parseBurst(burstText, speed.unit);
  if (burst === null) return trouble('PICKET-P033', `cannot read the burst ${quoted(burstText ?? '')}`, RATE_HELP);
  if (burst === 0) return trouble('PICKET-P034', 'a burst of 0 permits nothing', 'leave it out, or name a size');
  return { ...speed, burst, direction: extras.direction, scope: extras.scope };
}

type Speed = Pick<Rate, 'unit' | 'perSecond'>;

function speedOf(value: number, unit: string): Speed | null {
  if (/^(packets?|pkts?)$/.test(unit)) return { unit: 'packets', perSecond: value };
  const bits = BIT_UNITS.get(unit);
  if (bits !== undefined) return { unit: 'bytes', perSecond: (value * bits) / 8 };
  const bytes = BYTE_RATE_UNITS.get(unit);
  return bytes === undefined ? null : { unit: 'bytes', perSecond: value * bytes };
}

/** One second's worth, and never less than what one ordinary burst needs. */
export function defaultBurst({ unit, perSecond }: Speed): number {
  return Math.max(Math.ceil(perSecond), unit === 'bytes' ? BURST_BYTES_MIN : BURST_PACKETS_MIN);
}

function parseBurst(text: string, unit: Rate['unit']): number | null {
  return unit === 'bytes' ? parseBytes(text) : parseCount(text.replace(/ packets?$/, ''));
}

const CONNECTIONS_HELP = 'write for instance "4 open" or "10 per min"';

export function parseConnections(text: string, zone: string): ConnectionLimit | Trouble {
  const extras = extrasOf(text);
  const [, digits, span] = /^([0-9]{1,15}) (?:(?:new )?per (.+)|open)$/.exec(extras.rest) ?? [];
  if (digits === undefined || usesAny(extras, ['sent', 'received', 'both']))
    return trouble('PICKET-P035', `cannot read the connections ${quoted(text)}`, CONNECTIONS_HELP);
  const max = Number(digits);
  if (max === 0) return trouble('PICKET-P034', 'a limit of 0 connections permits nothing', 'delete the rule instead');
  if (span === undefined) {
    if (usesAny(extras, ['rolling', 'zone']))
      return trouble('PICKET-P035', `cannot read the connections ${quoted(text)}`, CONNECTIONS_HELP);
    return { kind: 'open', max, scope: extras.scope };
  }
  const window = parseWindow(span, extras, zone);
  return isTrouble(window) ? window : { kind: 'period', max, window, scope: extras.scope };
}

/** Longest lifetime, drain and logon age. */
const DURATION_MAX: Micros = 3_660 * DAY;

/** A duration of a limit; `least` is 1 for those that may not be nothing. */
export function parseLimitDuration(text: string, { least, what }: { least: Micros; what: string }): Micros | Trouble {
  const micros = parseDuration(text);
  if (micros === null)
    return trouble(
      'PICKET-P036',
      `cannot read the ${what} ${quoted(text)}`,
      'write for instance 90 s, 15 min, 12 h or 2 d',
    );
  if (micros < least) return trouble('PICKET-P034', `a ${what} of 0 permits nothing`, 'name a longer one');
  if (micros > DURATION_MAX) return trouble('PICKET-P036', `the ${what} ${quoted(text)} is longer than ten years`);
  return micros === 0 ? 0 : Math.max(micros, SECOND / 1_000_000);
}
