// Weekly hours: `Mon-Fri 06:00-22:00; Sat 08:00-12:00 in Europe/Berlin`. Text to hours and back. Not a calendar: nothing is opened here.

import type { HourSpan, Hours } from '#model';
import { isZone } from './calendar.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const DAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const EVERY_DAY = 0b111_1111;
const MINUTES_A_DAY = 1_440;
/** Spans of one rule: seven days of a dozen are plenty. */
const SPANS_MAX = 84;

const HELP = 'write for instance "Mon-Fri 06:00-22:00", "Sat,Sun 22:00-06:00", "daily 08:00-18:00" or "always"';

/** `texts`: one or several, each with spans joined by `;`. */
export function parseHours(texts: readonly string[], zone: string): Hours | Trouble {
  const spans: HourSpan[] = [];
  let stated: string | null = null;
  for (const text of texts) {
    const [, list = '', named] = /^(.*?)(?:\s+in\s+(\S+)\s*)?$/s.exec(text) ?? [];
    if (named !== undefined && stated !== null && named !== stated)
      return trouble(
        'PICKET-P025',
        `the hours name two zones, ${quoted(stated)} and ${quoted(named)}`,
        'one rule has one zone',
      );
    stated = named ?? stated;
    for (const part of list.split(';').filter((each) => each.trim() !== '')) {
      const span = parseSpan(part.trim());
      if (isTrouble(span)) return span;
      spans.push(span);
    }
  }
  if (spans.length > SPANS_MAX) return trouble('PICKET-P025', `the hours have more than ${SPANS_MAX} spans`);
  if (spans.length === 0) return trouble('PICKET-P026', 'these hours never open', 'name a span, or delete the rule');
  if (stated !== null && !isZone(stated)) return zoneTrouble(stated);
  return { zone: stated ?? zone, spans };
}

export function zoneTrouble(zone: string): Trouble {
  return trouble('PICKET-P010', `${quoted(zone)} is not a time zone`, 'use an IANA name such as Europe/Berlin or UTC');
}

function parseSpan(text: string): HourSpan | Trouble {
  if (/^always$/i.test(text)) return { days: EVERY_DAY, fromMinute: 0, toMinute: MINUTES_A_DAY };
  if (/^(never|none)$/i.test(text)) return trouble('PICKET-P026', 'these hours never open', 'delete the rule instead');
  const [, dayText, from, to] = /^(.*\S)\s+([0-9:]+)\s*[-–]\s*([0-9:]+)$/.exec(text) ?? [];
  if (dayText === undefined || from === undefined || to === undefined)
    return trouble('PICKET-P025', `cannot read the hours ${quoted(text)}`, HELP);
  const days = parseDays(dayText);
  if (days === null) return trouble('PICKET-P025', `cannot read the days ${quoted(dayText)}`, HELP);
  const fromMinute = parseClock(from);
  const toMinute = parseClock(to);
  if (fromMinute === null || fromMinute === MINUTES_A_DAY)
    return trouble(
      'PICKET-P025',
      `${quoted(from)} is not a time at which hours can open`,
      'times go from 00:00 to 23:59',
    );
  if (toMinute === null) return trouble('PICKET-P025', `${quoted(to)} is not a time`, 'times go from 00:00 to 24:00');
  return { days, fromMinute, toMinute: toMinute === 0 ? MINUTES_A_DAY : toMinute };
}

/** Minute of the day of `hh:mm`, 0 to 1440, or null. */
export function parseClock(text: string): number | null {
  const [, hours, minutes] = /^([0-9]{1,2}):([0-9]{2})$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined || Number(minutes) > 59) return null;
  const minute = Number(hours) * 60 + Number(minutes);
  return minute <= MINUTES_A_DAY ? minute : null;
}

/** 0 Monday … 6 Sunday of `Mon` or `Monday`, any case; or -1. */
export function parseDay(text: string): number {
  const lower = text.trim().toLowerCase();
  if (lower.length < 3) return -1;
  return DAY_NAMES.findIndex((name) => name === lower || name.slice(0, 3) === lower);
}

function parseDays(text: string): number | null {
  if (/^(daily|every day)$/i.test(text)) return EVERY_DAY;
  let days = 0;
  for (const part of text.split(',')) {
    const [first = '', last = first, ...rest] = part.split(/[-–]/);
    const from = parseDay(first);
    const to = parseDay(last);
    if (from < 0 || to < 0 || rest.length > 0) return null;
    for (let step = 0; step <= (to - from + 7) % 7; step++) days |= 1 << ((from + step) % 7);
  }
  return days;
}

/** Canonical text, with the zone only where it is not the policy's. */
export function hoursText(hours: Hours, zone: string | null = null): string {
  const spans = hours.spans.map(spanText).join('; ');
  return hours.zone === zone ? spans : `${spans} in ${hours.zone}`;
}

function spanText({ days, fromMinute, toMinute }: HourSpan): string {
  if (days === EVERY_DAY && fromMinute === 0 && toMinute === MINUTES_A_DAY) return 'always';
  return `${daysText(days)} ${clockText(fromMinute)}-${clockText(toMinute)}`;
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** `daily`, or runs in the week's order: `Mon-Fri`, `Mon,Wed`, `Sat,Sun`. */
function daysText(days: number): string {
  if (days === EVERY_DAY) return 'daily';
  const parts: string[] = [];
  for (let day = 0; day < 7; day++) {
    if (((days >> day) & 1) === 0) continue;
    let last = day;
    while (last < 6 && (days >> (last + 1)) & 1) last++;
    parts.push(...(last - day >= 2 ? [`${DAYS[day]}-${DAYS[last]}`] : DAYS.slice(day, last + 1)));
    day = last;
  }
  return parts.join(',');
}
