// Limits as text, in the words that the grammar reads. Pure printing; parsing is in budgets.ts, hours.ts and conditions.ts.

import type { ConnectionLimit, Direction, Limits, Rate, Scope, Size, Volume, Window } from '#model';
import { defaultBurst } from './budgets.ts';
import { logonText, operationTexts } from './conditions.ts';
import { hoursText } from './hours.ts';
import { bytesText, durationText, windowLengthText } from './quantities.ts';

type LimitTexts = readonly (readonly [key: string, texts: readonly string[]])[];

/** Every limit that is set, in the document's order of keys. `zone` is the policy's: hours and calendars there name none. */
export function limitTexts(limits: Limits, zone: string): LimitTexts {
  const rows: (readonly [string, readonly string[]])[] = [
    ['hours', limits.hours === null ? [] : [hoursText(limits.hours, zone)]],
    ['volume', limits.volumes.map((volume) => volumeText(volume, zone))],
    ['size', limits.sizes.map(sizeText)],
    ['rate', limits.rates.map(rateText)],
    ['connections', limits.connections.map((limit) => connectionsText(limit, zone))],
    ['lifetime', limits.lifetime === null ? [] : [durationText(limits.lifetime)]],
    ['logon', limits.logon === null ? [] : [logonText(limits.logon)]],
    ['operations', limits.operations === null ? [] : operationTexts(limits.operations)],
    ['drain', limits.drain === 0 ? [] : [durationText(limits.drain)]],
  ];
  return rows.filter(([, texts]) => texts.length > 0);
}

/** All limits in one line, for reports: `hours Mon-Fri 06:00-22:00; volume <= 2 GB per hour`, or `no limits`. */
export function limitsText(limits: Limits, zone = 'UTC'): string {
  const parts = limitTexts(limits, zone).map(([key, texts]) => `${key} ${texts.join(', ')}`);
  return parts.length === 0 ? 'no limits' : parts.join('; ');
}

export function volumeText({ minBytes, maxBytes, window, direction, scope }: Volume, zone: string): string {
  return joined(
    boundsText(minBytes, maxBytes),
    `per ${windowText(window, zone)}`,
    directionText(direction),
    scopeText(scope),
  );
}

export function sizeText({ min, max, direction }: Size): string {
  return joined(sizeBoundsText(min, max), directionText(direction));
}

export function rateText(rate: Rate): string {
  const isDefault = rate.burst === defaultBurst(rate);
  const burst = rate.unit === 'bytes' ? bytesText(rate.burst) : String(rate.burst);
  return joined(
    speedText(rate),
    isDefault ? '' : `burst ${burst}`,
    directionText(rate.direction),
    scopeText(rate.scope),
  );
}

export function connectionsText(limit: ConnectionLimit, zone: string): string {
  const what = limit.kind === 'open' ? 'open' : `per ${windowText(limit.window, zone)}`;
  return joined(String(limit.max), what, scopeText(limit.scope));
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function boundsText(min: number | null, max: number | null): string {
  if (min === null) return `<= ${bytesText(max ?? 0)}`;
  return max === null ? `>= ${bytesText(min)}` : `${bytesText(min)} - ${bytesText(max)}`;
}

/** Sizes stay in bytes, as people know them: 1500 B. */
function sizeBoundsText(min: number | null, max: number | null): string {
  if (min === null) return `<= ${max ?? 0} B`;
  return max === null ? `>= ${min} B` : `${min} - ${max} B`;
}

function windowText(window: Window, zone: string): string {
  switch (window.kind) {
    case 'fixed':
      return windowLengthText(window.length);
    case 'rolling':
      return `${windowLengthText(window.length)} rolling`;
    case 'calendar':
      return window.zone === zone ? window.unit : `${window.unit} in ${window.zone}`;
  }
}

function directionText(direction: Direction): string {
  return direction === 'both' ? '' : direction;
}

function scopeText(scope: Scope): string {
  return scope === 'rule' ? 'for the rule' : '';
}

const BIT_PRINT: readonly (readonly [string, number])[] = [
  ['Gbit/s', 1e9 / 8],
  ['Mbit/s', 1e6 / 8],
  ['kbit/s', 1e3 / 8],
];

function speedText({ unit, perSecond }: Rate): string {
  if (unit === 'packets') return `${numberText(perSecond)} packets/s`;
  const [name, size] = BIT_PRINT.find(([, each]) => perSecond >= each && perSecond % each === 0) ?? ['B/s', 1];
  return `${numberText(perSecond / size)} ${name}`;
}

/** Digits without an exponent; sixteen decimals hold every rate that the grammar can write. */
function numberText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(16).replace(/\.?0+$/, '') : text;
}
