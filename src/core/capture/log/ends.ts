// Turns an observation round: from the direction that was told first to the other one of the same record.

import type { Observation } from '#model';

/** Packets and bytes of the other direction. Who began stays who began. */
export function turnRound(
  observation: Observation,
  counts: { readonly packets: number; readonly bytes: number },
): void {
  const { source, sourcePort, sourceMac, initiator } = observation;
  observation.source = observation.destination;
  observation.sourcePort = observation.destinationPort;
  observation.sourceMac = observation.destinationMac;
  observation.destination = source;
  observation.destinationPort = sourcePort;
  observation.destinationMac = sourceMac;
  observation.packets = counts.packets;
  observation.bytes = counts.bytes;
  if (initiator === 1) observation.initiator = 2;
  else if (initiator === 2) observation.initiator = 1;
}
