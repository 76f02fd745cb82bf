// The ends of any Zeek record: time, addresses, ports, protocol. Not its counts (conn.ts) nor its names.

import { type AddressTable, type Observation, parseMac } from '#model';
import { faulty, fillTuple } from '../tuple.ts';
import { instantOfText } from '../values.ts';
import type { Fields } from './fields.ts';

/** Zeek's names of the fields. */
const NAMES = {
  source: 'id.orig_h',
  destination: 'id.resp_h',
  protocol: 'proto',
  sourcePort: 'id.orig_p',
  destinationPort: 'id.resp_p',
} as const;

/** What `fillEnds` fills. `protocol` stands in for a log that has no such field. */
interface EndsTarget {
  readonly addresses: AddressTable;
  readonly observation: Observation;
  readonly protocol?: string;
}

/** Fills the ends of any Zeek record; the reason why it cannot, or null. */
export function fillEnds(fields: Fields, { addresses, observation, protocol = '' }: EndsTarget): string | null {
  const at = instantOfText(fields.text('ts'));
  if (at === null) return faultyField(fields, 'ts', 'time');
  const texts = {
    source: fields.text(NAMES.source),
    destination: fields.text(NAMES.destination),
    protocol: protocolText(fields.text(NAMES.protocol) || protocol),
    sourcePort: fields.text(NAMES.sourcePort),
    destinationPort: fields.text(NAMES.destinationPort),
  };
  const reason = fillTuple(observation, texts, { addresses, names: NAMES });
  if (reason !== null) return reason;
  observation.at = at;
  observation.sourceMac = parseMac(fields.text('orig_l2_addr')) ?? -1;
  observation.destinationMac = parseMac(fields.text('resp_l2_addr')) ?? -1;
  observation.initiator = 1;
  return null;
}

/** Words for a field that is not what it has to be. */
export function faultyField(fields: Fields, name: string, needed: string): string {
  return faulty(name, fields.text(name), needed);
}

/** Zeek's word for a protocol that it does not know: recorded as number 0, which is no transport. */
function protocolText(text: string): string {
  return text.toLowerCase() === 'unknown_transport' ? '0' : text;
}
