// Small questions about packets and verdicts. Not a judge.

import { type AddressId, type Mac, type Observation, type Policy, PROTOCOL, TCP } from '#model';
import type { FlowEvent } from '#observe';
import type { VerdictRow } from './verdict-book.ts';

/** Whether a packet can be the first of a conversation. */
export function opens({ protocol, tcpFlags }: Observation): boolean {
  return protocol !== PROTOCOL.tcp || tcpFlags < 0 || (tcpFlags & (TCP.syn | TCP.ack)) === TCP.syn;
}

/** The opening packet of a flow that only the kernel told of, written into `asked`. */
export function askedBy(event: FlowEvent, asked: Observation, macOf: (address: AddressId) => Mac): Observation {
  asked.at = event.at;
  asked.source = event.initiator;
  asked.destination = event.responder;
  asked.sourceMac = macOf(event.initiator);
  asked.destinationMac = macOf(event.responder);
  asked.protocol = event.protocol;
  asked.sourcePort = event.initiatorPort;
  asked.destinationPort = event.responderPort;
  asked.initiator = 1;
  return asked;
}

export function guardrailId(policy: Policy, index: number): string | null {
  if (index < 0) return null;
  return (policy.never[index] ?? policy.require[index - policy.never.length])?.id ?? null;
}

type EndsOfRow = Pick<VerdictRow, 'source' | 'destination' | 'sourcePort' | 'destinationPort' | 'protocol'>;

export function endsOf({ source, destination, sourcePort, destinationPort, protocol }: EndsOfRow): EndsOfRow {
  return { source, destination, sourcePort, destinationPort, protocol };
}
