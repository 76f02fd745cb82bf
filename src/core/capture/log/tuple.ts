// Five texts that say who spoke to whom, as the ends of an observation. Formats find the texts; what they are called is theirs to say.

import { type AddressTable, hasPorts, NO_ADDRESS, NO_PORT, type Observation } from '#model';
import { NO_OPERATIONS } from './facts.ts';
import { portOf, protocolOf, shown } from './values.ts';

interface TupleTexts {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly sourcePort: string;
  readonly destinationPort: string;
}

/** What the texts are called where a format has no names of its own. */
const NAMES: TupleTexts = {
  source: 'the source',
  destination: 'the destination',
  protocol: 'the protocol',
  sourcePort: 'the source port',
  destinationPort: 'the destination port',
};

/** What `fillTuple` works with: `names` are for messages. */
interface TupleTarget {
  readonly addresses: AddressTable;
  readonly names?: TupleTexts;
}

/** Fills the ends and clears the rest; the reason why it cannot, or null. `at` and the counts are the caller's. */
export function fillTuple(
  observation: Observation,
  texts: TupleTexts,
  { addresses, names = NAMES }: TupleTarget,
): string | null {
  const source = addresses.intern(texts.source);
  const destination = addresses.intern(texts.destination);
  if (source === NO_ADDRESS) return faulty(names.source, texts.source, 'address');
  if (destination === NO_ADDRESS) return faulty(names.destination, texts.destination, 'address');
  const protocol = protocolOf(texts.protocol, addresses.version(source));
  if (protocol < 0) return faulty(names.protocol, texts.protocol, 'protocol');
  const isPorted = hasPorts(protocol);
  const sourcePort = isPorted ? portOf(texts.sourcePort) : NO_PORT;
  const destinationPort = isPorted ? portOf(texts.destinationPort) : NO_PORT;
  if (isPorted && sourcePort < 0) return faulty(names.sourcePort, texts.sourcePort, 'port');
  if (isPorted && destinationPort < 0) return faulty(names.destinationPort, texts.destinationPort, 'port');
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

/** Words for a text that is not what it has to be. */
export function faulty(name: string, text: string, needed: string): string {
  return `${name} is "${shown(text)}", which is no ${needed}`;
}
