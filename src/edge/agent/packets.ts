// Small questions about packets and verdicts. Not a judge.

import { type Observation, type Policy, PROTOCOL, TCP } from '#model';
import type { VerdictRow } from './verdict-book.ts';

/** Whether a packet can be the first of a conversation. */
export function opens({ protocol, tcpFlags }: Observation): boolean {
  return protocol !== PROTOCOL.tcp || tcpFlags < 0 || (tcpFlags & (TCP.syn | TCP.ack)) === TCP.syn;
}

export function guardrailId(policy: Policy, index: number): string | null {
  if (index < 0) return null;
  return (policy.never[index] ?? policy.require[index - policy.never.length])?.id ?? null;
}

type EndsOfRow = Pick<VerdictRow, 'source' | 'destination' | 'sourcePort' | 'destinationPort' | 'protocol'>;

export function endsOf({ source, destination, sourcePort, destinationPort, protocol }: EndsOfRow): EndsOfRow {
  return { source, destination, sourcePort, destinationPort, protocol };
}
