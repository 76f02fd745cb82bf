// Values of clauses: addresses, ports, protocols, hours; each from the text that nft and iptables print.

import { type HourSpan, type PortRange, PROTOCOL, type Prefix } from '#model';
import { looseRange, rangePrefixes } from '../draft/prefixes.ts';

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, `10.0.0.0/255.0.0.0`. Null for anything else. */
export function rangeOf(text: string): readonly Prefix[] | null {
  const [first = '', last, ...more] = text.split('-');
  if (last !== undefined) return more.length > 0 ? null : rangePrefixes(first, last);
  const [address = '', mask] = text.split('/');
  const length = mask?.includes('.') === true ? maskLength(mask) : mask;
  if (length === null) return null;
  const prefix = looseRange(length === undefined ? address : `${address}/${length}`);
  return prefix === null ? null : [prefix];
}

function maskLength(mask: string): string | null {
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) && bits.length === 32 ? String(bits.lastIndexOf('1') + 1) : null;
}

/** Names that nft prints for ports unless it is told to print numbers. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['tftp', 69],
  ['http', 80],
  ['ntp', 123],
  ['imap2', 143],
  ['snmp', 161],
  ['https', 443],
  ['mdns', 5353],
]);

export function portOf(text: string): PortRange | null {
  const [first = '', last = first, ...more] = text.split(/[-:]/);
  const [from, to] = [portNumber(first === '' ? '0' : first), portNumber(last === '' ? '65535' : last)];
  return from === null || to === null || from > to || more.length > 0 ? null : { from, to };
}

function portNumber(text: string): number | null {
  const known = SERVICES.get(text);
  if (known !== undefined) return known;
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(PROTOCOL),
  ['ipv6-icmp', PROTOCOL.icmpv6],
  ['ipip', 4],
  ['ipencap', 4],
  ['ipv6', 41],
  ['comp', 108],
  ['ospf', 89],
  ['vrrp', 112],
  ['udplite', 136],
]);

export function protocolOf(text: string): number | null {
  const known = PROTOCOLS.get(text.toLowerCase());
  if (known !== undefined) return known;
  return /^[0-9]{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : null;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const EVERY_DAY = 0b111_1111;

/** Days by name (`Monday`, `Mon`) as bits from Monday. Iptables counts 1 to 7 from Monday, nft 0 to 6 from Sunday; numbers are not read. */
export function dayBits(texts: readonly string[]): number | null {
  let bits = 0;
  for (const text of texts) {
    const at = DAYS.indexOf(text.slice(0, 3).toLowerCase());
    if (at < 0) return null;
    bits |= 1 << at;
  }
  return bits === 0 ? null : bits;
}

/** `08:00-18:00`, seconds allowed where they are zero. The end is exclusive, which permits a second less than nft. */
export function spanOf(text: string, days: number): HourSpan | null {
  const [, from = '', to = ''] = /^([0-9:]+)-([0-9:]+)$/.exec(text) ?? [];
  const fromMinute = minuteOf(from);
  const toMinute = minuteOf(to);
  // Past midnight the two systems disagree on the day, so such a span is not carried.
  if (fromMinute === null || toMinute === null || toMinute <= fromMinute) return null;
  return { days, fromMinute, toMinute };
}

function minuteOf(text: string): number | null {
  const [, hour = '', minute = '', second = '00'] = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$/.exec(text) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59) return null;
  if (second === '59') return Number(hour) * 60 + Number(minute) + 1;
  return second === '00' ? Number(hour) * 60 + Number(minute) : null;
}
