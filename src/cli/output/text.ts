// Numbers, sizes, durations and times as people read them. Not for data: CSV and JSON print exact values.

import { DAY, HOUR, type Instant, MILLISECOND, MINUTE, type Micros, SECOND } from '#model';

/** `1,234,567`. */
export function countText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1 packet`, `2 packets`. */
export function counted(value: number, noun: string): string {
  return `${countText(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, three digits: `532 B`, `1.25 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? 'B'}`;
}

const DURATION_UNITS = [
  ['d', DAY],
  ['h', HOUR],
  ['min', MINUTE],
  ['s', SECOND],
  ['ms', MILLISECOND],
] as const;

/** The two largest units: `2 d 3 h`, `12 min`, `1.5 ms` as `1 ms`. */
export function durationText(micros: Micros): string {
  if (micros < MILLISECOND) return `${micros} µs`;
  const first = DURATION_UNITS.findIndex(([, size]) => micros >= size);
  const parts: string[] = [];
  let rest = micros;
  for (const [name, size] of DURATION_UNITS.slice(first, first + 2)) {
    const whole = Math.floor(rest / size);
    if (whole > 0) parts.push(`${whole} ${name}`);
    rest -= whole * size;
  }
  return parts.join(' ');
}

/** `12.3 %`; small shares keep two digits that say something. */
export function percentText(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const share = (100 * part) / whole;
  if (share === 0 || share >= 10) return `${Number(share.toFixed(1))} %`;
  return `${Number(share.toPrecision(2))} %`;
}

/** Local time of day of the reader, to the second: `2021-03-08 16:22:15`. */
export function localTimeText(at: Instant): string {
  const date = new Date(Math.floor(at / MILLISECOND));
  if (Number.isNaN(date.getTime())) return 'beyond the calendar';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local time in a zone: `2021-03-08 16:22:15`. */
export function zonedText(at: Instant, zone: string): string {
  const date = new Date(Math.floor(at / MILLISECOND));
  if (Number.isNaN(date.getTime())) return 'beyond the calendar';
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(date);
}

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [41, 'ipv6'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmpv6'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [132, 'sctp'],
]);

/** Name of an IANA protocol number, or `protocol 99`. */
export function protocolText(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `protocol ${protocol}`;
}

/** `10.0.0.1:443`, `[2001:db8::1]:443`, or the address alone where there is no port. */
export function endText(address: string, port: number): string {
  if (port < 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Text of several lines, safe for a terminal: as `safeText`, but lines and tabs stay, and the escapes are those of JSON. */
export function safeLines(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(character.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** Lines of at most `width` characters, broken at spaces; a longer word stays whole. */
export function wrapLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** A word as a shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Text of one line that came from outside, safe for a terminal: control and invisible characters are escaped. */
export function safeText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
