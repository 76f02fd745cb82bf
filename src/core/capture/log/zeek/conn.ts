// One record of a conn log as observations: the originator's direction, and the responder's when it sent anything.

import { type AddressTable, NO_ADDRESS, NO_PORT, type Observation, parseMac } from '#model';
import { turnRound } from '../ends.ts';
import { applicationOf, countOf, hasPorts, instantOfText, portOf, protocolOf, shown } from '../values.ts';
import type { Fields } from './fields.ts';

/** Fills the ends of any Zeek record: time, addresses, ports, protocol; the reason why it cannot, or null. `proto` stands in for a log that has no such field. */
export function fillEnds(
  fields: Fields,
  { addresses, observation, proto = '' }: { addresses: AddressTable; observation: Observation; proto?: string },
): string | null {
  const at = instantOfText(fields.text('ts'));
  if (at === null) return `ts is "${shown(fields.text('ts'))}", which is no time`;
  const source = addresses.intern(fields.text('id.orig_h'));
  const destination = addresses.intern(fields.text('id.resp_h'));
  if (source === NO_ADDRESS) return `id.orig_h is "${shown(fields.text('id.orig_h'))}", which is no address`;
  if (destination === NO_ADDRESS) return `id.resp_h is "${shown(fields.text('id.resp_h'))}", which is no address`;
  const protocol = zeekProtocol(fields.text('proto') || proto, addresses.version(source));
  if (protocol < 0) return `proto is "${shown(fields.text('proto'))}", which is no protocol`;
  const isPorted = hasPorts(protocol);
  const sourcePort = isPorted ? portOf(fields.text('id.orig_p')) : NO_PORT;
  const destinationPort = isPorted ? portOf(fields.text('id.resp_p')) : NO_PORT;
  if (isPorted && sourcePort < 0) return `id.orig_p is "${shown(fields.text('id.orig_p'))}", which is no port`;
  if (isPorted && destinationPort < 0) return `id.resp_p is "${shown(fields.text('id.resp_p'))}", which is no port`;
  Object.assign(observation, { at, source, destination, protocol, sourcePort, destinationPort });
  observation.sourceMac = parseMac(fields.text('orig_l2_addr')) ?? -1;
  observation.destinationMac = parseMac(fields.text('resp_l2_addr')) ?? -1;
  observation.packetSize = -1;
  observation.tcpFlags = -1;
  observation.initiator = 1;
  observation.operations = NO_OPERATIONS;
  return null;
}

export const NO_OPERATIONS: readonly string[] = Object.freeze([]);

function zeekProtocol(text: string, version: 4 | 6): number {
  // Zeek's word for a protocol that it does not know: recorded as number 0, which is no transport.
  return text.toLowerCase() === 'unknown_transport' ? 0 : protocolOf(text, version);
}

/** Fills `observation` with the originator's direction; the reason why it cannot, or null. */
export function fillOriginator(fields: Fields, addresses: AddressTable, observation: Observation): string | null {
  const reason = fillEnds(fields, { addresses, observation });
  if (reason !== null) return reason;
  observation.packets = countOf(fields.text('orig_pkts')) ?? 1;
  observation.bytes = countOf(fields.text('orig_ip_bytes')) ?? countOf(fields.text('orig_bytes')) ?? 0;
  observation.application = applicationOf(fields.text('service'));
  return null;
}

/** Turns a filled originator's observation into the responder's; false when the responder sent nothing. */
export function turnToResponder(fields: Fields, observation: Observation): boolean {
  const packets = countOf(fields.text('resp_pkts'));
  const bytes = countOf(fields.text('resp_ip_bytes')) ?? countOf(fields.text('resp_bytes')) ?? 0;
  if ((packets ?? 0) === 0 && bytes === 0) return false;
  turnRound(observation, { packets: packets ?? 1, bytes });
  return true;
}
