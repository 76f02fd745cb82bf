// Five texts that say who spoke to whom, as the ends of an observation. For formats that have no field names of their own to word faults with.

import { type AddressTable, NO_ADDRESS, NO_PORT, type Observation } from '#model';
import { NO_OPERATIONS } from './facts.ts';
import { addressOf, hasPorts, portOf, protocolOf, shown } from './values.ts';

export interface TupleTexts {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly sourcePort: string;
  readonly destinationPort: string;
}

/** Fills the ends and clears the rest; the reason why it cannot, or null. `at` and the counts are the caller's. */
export function fillTuple(observation: Observation, texts: TupleTexts, addresses: AddressTable): string | null {
  const source = addressOf(addresses, texts.source);
  const destination = addressOf(addresses, texts.destination);
  if (source === NO_ADDRESS) return `the source is "${shown(texts.source)}", which is no address`;
  if (destination === NO_ADDRESS) return `the destination is "${shown(texts.destination)}", which is no address`;
  const protocol = protocolOf(texts.protocol, addresses.version(source));
  if (protocol < 0) return `the protocol is "${shown(texts.protocol)}", which is none`;
  const isPorted = hasPorts(protocol);
  const sourcePort = isPorted ? portOf(texts.sourcePort) : NO_PORT;
  const destinationPort = isPorted ? portOf(texts.destinationPort) : NO_PORT;
  if (isPorted && sourcePort < 0) return `the source port is "${shown(texts.sourcePort)}", which is none`;
  if (isPorted && destinationPort < 0)
    return `the destination port is "${shown(texts.destinationPort)}", which is none`;
  Object.assign(observation, { source, destination, protocol, sourcePort, destinationPort });
  observation.sourceMac = -1;
  observation.destinationMac = -1;
  observation.packets = 0;
  observation.bytes = 0;
  observation.packetSize = -1;
  observation.tcpFlags = -1;
  observation.initiator = 0;
  observation.application = '';
  observation.operations = NO_OPERATIONS;
  return null;
}
