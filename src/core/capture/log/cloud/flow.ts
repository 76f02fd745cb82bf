// One flow record of a cloud's log, whatever the cloud: one direction, with who reported it and whether it was let through. Not a reader.

import { type AddressId, type Instant, isServicePort } from '#model';

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

/** Who began where only the ports can tell: the end at a service port answers. 0 where both or neither is one. */
export function initiatorByPorts(sourcePort: number, destinationPort: number): 0 | 1 | 2 {
  const isSource = isServicePort(sourcePort);
  const isDestination = isServicePort(destinationPort);
  if (isSource === isDestination) return 0;
  return isDestination ? 1 : 2;
}
