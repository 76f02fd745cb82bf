// One record of a conn log as observations: the originator's direction, and the responder's when it sent anything.
// Not a parser of lines (log-fields.ts), not a judge of what the record means.

import {
  type AddressTable,
  APPLICATIONS,
  type Instant,
  instantOf,
  NO_ADDRESS,
  NO_PORT,
  type Observation,
  PROTOCOL,
  parseMac,
  SECOND,
} from '#model';
import type { Fields } from './log-fields.ts';

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
]);
/** Zeek's names that are not ours. */
const SERVICE_NAMES: ReadonlyMap<string, string> = new Map([
  ['ssl', 'tls'],
  ...APPLICATIONS.map((name): [string, string] => [name, name]),
]);
/** Services looked at of one record; Zeek lists all that its analysers confirmed. */
const SERVICES_MAX = 16;

/** Fills `observation` with the originator's direction; the reason why it cannot, or null. */
export function fillOriginator(fields: Fields, addresses: AddressTable, observation: Observation): string | null {
  const at = instantOfText(fields('ts'));
  if (at === null) return `ts is "${shown(fields('ts'))}", which is no time`;
  const source = addresses.intern(fields('id.orig_h'));
  const destination = addresses.intern(fields('id.resp_h'));
  if (source === NO_ADDRESS) return `id.orig_h is "${shown(fields('id.orig_h'))}", which is no address`;
  if (destination === NO_ADDRESS) return `id.resp_h is "${shown(fields('id.resp_h'))}", which is no address`;
  const protocol = protocolOf(fields('proto').toLowerCase(), addresses.version(source));
  if (protocol < 0) return `proto is "${shown(fields('proto'))}", which is no protocol`;
  const hasPorts = protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === PROTOCOL.sctp;
  const sourcePort = hasPorts ? portOf(fields('id.orig_p')) : NO_PORT;
  const destinationPort = hasPorts ? portOf(fields('id.resp_p')) : NO_PORT;
  if (hasPorts && sourcePort < 0) return `id.orig_p is "${shown(fields('id.orig_p'))}", which is no port`;
  if (hasPorts && destinationPort < 0) return `id.resp_p is "${shown(fields('id.resp_p'))}", which is no port`;
  Object.assign(observation, { at, source, destination, protocol, sourcePort, destinationPort });
  observation.sourceMac = parseMac(fields('orig_l2_addr')) ?? -1;
  observation.destinationMac = parseMac(fields('resp_l2_addr')) ?? -1;
  observation.packets = countOf(fields('orig_pkts')) ?? 1;
  observation.bytes = countOf(fields('orig_ip_bytes')) ?? countOf(fields('orig_bytes')) ?? 0;
  observation.packetSize = -1;
  observation.tcpFlags = -1;
  observation.initiator = 1;
  observation.application = applicationOf(fields('service'));
  return null;
}

/** Turns a filled originator's observation into the responder's; false when the responder sent nothing. */
export function turnToResponder(fields: Fields, observation: Observation): boolean {
  const packets = countOf(fields('resp_pkts'));
  const bytes = countOf(fields('resp_ip_bytes')) ?? countOf(fields('resp_bytes')) ?? 0;
  if ((packets ?? 0) === 0 && bytes === 0) return false;
  const { source, sourcePort, sourceMac } = observation;
  observation.source = observation.destination;
  observation.sourcePort = observation.destinationPort;
  observation.sourceMac = observation.destinationMac;
  observation.destination = source;
  observation.destinationPort = sourcePort;
  observation.destinationMac = sourceMac;
  observation.packets = packets ?? 1;
  observation.bytes = bytes;
  observation.initiator = 2;
  return true;
}

/** Text of a faulty field for a message: short, and printable whatever it holds. */
function shown(text: string): string {
  return text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');
}

/** Seconds since 1970 with up to nine decimals, cut to microseconds; or ISO 8601 with a zone. Null when neither. */
function instantOfText(text: string): Instant | null {
  const match = /^(-?)(\d{1,10})(?:\.(\d+))?$/.exec(text);
  if (match === null) return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(text) ? isoInstant(text) : null;
  const instant = instantOf(Number(match[2]), Number((match[3] ?? '').slice(0, 9).padEnd(9, '0')));
  return match[1] === '-' ? -instant : instant;
}

/** `Date.parse` keeps milliseconds only, so the fraction is read by hand. */
function isoInstant(text: string): Instant | null {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const millis = Date.parse(text.replace(/\.\d+/, ''));
  if (Number.isNaN(millis)) return null;
  return (millis / 1_000) * SECOND + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

function protocolOf(text: string, version: 4 | 6): number {
  if (text === 'icmp' && version === 6) return PROTOCOL.icmpv6;
  // Zeek's word for a protocol that it does not know: recorded as number 0, which is no transport.
  if (text === 'unknown_transport') return 0;
  const known = PROTOCOL_NAMES.get(text);
  if (known !== undefined) return known;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : -1;
}

function portOf(text: string): number {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : -1;
}

/** A count as text, also `12.0` as some exporters write it; null when there is none. */
function countOf(text: string): number | null {
  return /^\d{1,15}(\.0+)?$/.test(text) ? Number(text) : null;
}

/** The first service of Zeek's list that is an application of ours, else ''. */
function applicationOf(service: string): string {
  if (service === '') return '';
  for (const name of service.split(',', SERVICES_MAX)) {
    const application = SERVICE_NAMES.get(name.toLowerCase());
    if (application !== undefined) return application;
  }
  return '';
}
