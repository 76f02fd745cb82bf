// The ends of any Zeek record: time, addresses, ports, protocol. Not its counts (conn.ts) nor its names.

import { type AddressTable, NO_ADDRESS, NO_PORT, type Observation, parseMac } from '#model';
import { NO_OPERATIONS } from '../facts.ts';
import { addressOf, hasPorts, instantOfText, portOf, protocolOf, shown } from '../values.ts';
import type { Fields } from './fields.ts';

/** What `fillEnds` fills. `protocol` stands in for a log that has no such field. */
export interface EndsTarget {
  readonly addresses: AddressTable;
  readonly observation: Observation;
  readonly protocol?: string;
}

/** Fills the ends of any Zeek record; the reason why it cannot, or null. */
export function fillEnds(fields: Fields, { addresses, observation, protocol: known = '' }: EndsTarget): string | null {
  const at = instantOfText(fields.text('ts'));
  if (at === null) return faulty(fields, 'ts', 'time');
  const source = addressOf(addresses, fields.text('id.orig_h'));
  const destination = addressOf(addresses, fields.text('id.resp_h'));
  if (source === NO_ADDRESS) return faulty(fields, 'id.orig_h', 'address');
  if (destination === NO_ADDRESS) return faulty(fields, 'id.resp_h', 'address');
  const protocol = zeekProtocol(fields.text('proto') || known, addresses.version(source));
  if (protocol < 0) return faulty(fields, 'proto', 'protocol');
  const isPorted = hasPorts(protocol);
  const sourcePort = isPorted ? portOf(fields.text('id.orig_p')) : NO_PORT;
  const destinationPort = isPorted ? portOf(fields.text('id.resp_p')) : NO_PORT;
  if (isPorted && sourcePort < 0) return faulty(fields, 'id.orig_p', 'port');
  if (isPorted && destinationPort < 0) return faulty(fields, 'id.resp_p', 'port');
  Object.assign(observation, { at, source, destination, protocol, sourcePort, destinationPort });
  observation.sourceMac = parseMac(fields.text('orig_l2_addr')) ?? -1;
  observation.destinationMac = parseMac(fields.text('resp_l2_addr')) ?? -1;
  observation.packets = 0;
  observation.bytes = 0;
  observation.packetSize = -1;
  observation.tcpFlags = -1;
  observation.initiator = 1;
  observation.application = '';
  observation.operations = NO_OPERATIONS;
  return null;
}

/** Words for a field that is not what it has to be. */
export function faulty(fields: Fields, name: string, needed: string): string {
  return `${name} is "${shown(fields.text(name))}", which is no ${needed}`;
}

function zeekProtocol(text: string, version: 4 | 6): number {
  // Zeek's word for a protocol that it does not know: recorded as number 0, which is no transport.
  return text.toLowerCase() === 'unknown_transport' ? 0 : protocolOf(text, version);
}
