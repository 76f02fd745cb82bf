// One flow record of a cloud's log, whatever the cloud: one direction, with who reported it and whether it was let through. Not a reader.

import type { AddressId, Instant } from '#model';

/** Whose view a record is: of the sending end, the receiving end, a gateway between them, or nobody said. */
export type Side = 'source' | 'destination' | 'gateway' | '';

export interface CloudFlow {
  readonly line: number;
  readonly at: Instant;
  readonly ends: Instant;
  readonly source: AddressId;
  readonly destination: AddressId;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  /** The other direction of the same record, null where records have one direction. */
  readonly back: { readonly packets: number; readonly bytes: number } | null;
  readonly side: Side;
  readonly isRefused: boolean;
  /** Who began as far as it is told: 0 unknown, 1 source, 2 destination. */
  readonly initiator: 0 | 1 | 2;
}

/** Ports of services above 1,023; what speaks from one of them answers. */
const SERVICES = new Set([1433, 1521, 1883, 3306, 3389, 5432, 5672, 5900, 6379, 8080, 8443, 8883, 9092, 9200, 27017]);

/** Who began where only the ports can tell: the end at a service port answers. 0 where both or neither is one. */
export function initiatorByPorts(sourcePort: number, destinationPort: number): 0 | 1 | 2 {
  const isSource = isService(sourcePort);
  const isDestination = isService(destinationPort);
  if (isSource === isDestination) return 0;
  return isDestination ? 1 : 2;
}

function isService(port: number): boolean {
  return (port >= 0 && port < 1_024) || SERVICES.has(port);
}
