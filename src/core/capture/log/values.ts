// Texts of log fields as the numbers of the model: instants, protocols, ports, counts. Strict: what is none is null or -1, never a guess.

import { APPLICATIONS, type Instant, instantOf, PROTOCOL, SECOND } from '#model';

const PROTOCOL_NAMES: ReadonlyMap<string, number> = new Map([
  ['tcp', PROTOCOL.tcp],
  ['udp', PROTOCOL.udp],
  ['icmp', PROTOCOL.icmp],
  ['icmp6', PROTOCOL.icmpv6],
  ['icmpv6', PROTOCOL.icmpv6],
  ['ipv6-icmp', PROTOCOL.icmpv6],
  ['sctp', PROTOCOL.sctp],
  ['igmp', PROTOCOL.igmp],
  ['gre', PROTOCOL.gre],
  ['esp', PROTOCOL.esp],
  ['ah', PROTOCOL.ah],
  ['ipip', 4],
  ['ipv6', 41],
  ['rsvp', 46],
  ['ospf', 89],
  ['pim', 103],
  ['vrrp', 112],
  ['udplite', 136],
]);

/** Names that logs give applications and that are not ours. */
const SERVICE_NAMES: ReadonlyMap<string, string> = new Map([
  ['ssl', 'tls'],
  ['https', 'tls'],
  ...APPLICATIONS.map((name): [string, string] => [name, name]),
]);
/** Services looked at of one record; Zeek lists all that its analysers confirmed. */
const SERVICES_MAX = 16;

/** Text of a faulty field for a message: short, and printable whatever it holds. */
export function shown(text: string): string {
  return text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');
}

/** Digits of milliseconds since 1970, from 2001 to 2286, as Zeek writes them on request (JSON::TS_MILLIS); as seconds they were past the year 31,000. */
const MILLIS = /^\d{13}(\.\d+)?$/;
const MICROS_PER_MILLI = SECOND / 1_000;

/**
 * Seconds since 1970 with up to nine decimals, cut to microseconds; 13 digits are milliseconds; or ISO 8601 with a zone. Null when none of
 * them, and past the year 2255, where microseconds are no exact numbers any more.
 */
export function instantOfText(text: string): Instant | null {
  const instant = writtenInstant(text);
  return Number.isSafeInteger(instant) ? instant : null;
}

function writtenInstant(text: string): Instant | null {
  if (MILLIS.test(text)) return Math.floor(Number(text) * MICROS_PER_MILLI);
  const match = /^(-?)(\d{1,10})(?:\.(\d+))?$/.exec(text);
  if (match === null) return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(text) ? isoInstant(text) : null;
  const instant = instantOf(Number(match[2]), Number((match[3] ?? '').slice(0, 9).padEnd(9, '0')));
  return match[1] === '-' ? -instant : instant;
}

/** `Date.parse` keeps milliseconds only, so the fraction is read by hand; it also wants a colon in the zone. */
function isoInstant(text: string): Instant | null {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const millis = Date.parse(text.replace(/\.\d+/, '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (Number.isNaN(millis)) return null;
  return (millis / 1_000) * SECOND + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Microseconds of a duration in seconds, 0 where there is none. */
export function microsOfText(text: string): number {
  return /^\d{1,10}(\.\d+)?$/.test(text) ? Math.round(Number(text) * SECOND) : 0;
}

/** IANA number of a protocol by name or number, -1 when it is none. `icmp` over IPv6 is ICMPv6. */
export function protocolOf(name: string, version: 4 | 6): number {
  const text = name.toLowerCase();
  if (text === 'icmp' && version === 6) return PROTOCOL.icmpv6;
  const known = PROTOCOL_NAMES.get(text);
  if (known !== undefined) return known;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : -1;
}

/** A port in decimal, -1 when it is none. */
export function portOf(text: string): number {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : -1;
}

/** A count as text, also `12.0` as some exporters write it; null when there is none. */
export function countOf(text: string): number | null {
  return /^\d{1,15}(\.0+)?$/.test(text) ? Number(text) : null;
}

/** The first service of a list with commas that is an application of ours, else ''. */
export function applicationOf(service: string): string {
  if (service === '') return '';
  for (const name of service.split(',', SERVICES_MAX)) {
    const application = SERVICE_NAMES.get(name.trim().toLowerCase());
    if (application !== undefined) return application;
  }
  return '';
}
