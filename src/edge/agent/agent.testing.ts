// Small policies and packets for the tests of this room.

import {
  type AddressTable,
  newObservation,
  newVerdict,
  type Observation,
  type Policy,
  PROTOCOL,
  TCP,
  type Verdict,
} from '#model';
import { parsePolicy } from '#policy';

export function policyOf(text: string): Policy {
  const { policy, problems } = parsePolicy(`picket: 1\n${text}`, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

export interface Sketch {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly at?: number;
}

export function syn(addresses: AddressTable, { from, to, port, at = 0 }: Sketch): Observation {
  return {
    ...newObservation(),
    at,
    source: addresses.intern(from),
    destination: addresses.intern(to),
    sourcePort: 40_000,
    destinationPort: port,
    protocol: PROTOCOL.tcp,
    tcpFlags: TCP.syn,
    bytes: 60,
    packetSize: 60,
  };
}

export function opened(): Verdict {
  return { ...newVerdict(), isOpening: true };
}
