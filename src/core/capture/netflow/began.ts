// Who began a conversation that exported records tell of: the exporter's word, TCP flags, ICMP types, the earlier start, ports. In this order.

import { isAnsweringPort, isServicePort, PROTOCOL, TCP } from '#model';
import type { FlowRecord, Way } from './flow.ts';

/** Which end was seen to send first: 1 source, 2 destination, 0 where the starts are equal or one of them is not known. */
export type Order = 0 | 1 | 2;

/** ICMP and ICMPv6 types that ask, and those that answer. */
const ASKS: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [PROTOCOL.icmp, new Set([8, 10, 13, 15, 17])],
  [PROTOCOL.icmpv6, new Set([128, 133, 135])],
]);
const ANSWERS: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [PROTOCOL.icmp, new Set([0, 9, 14, 16, 18])],
  [PROTOCOL.icmpv6, new Set([129, 134, 136])],
]);

/** Whether the source of a record began the conversation. */
export function sourceBegan(record: FlowRecord, order: Order): boolean {
  if (record.began !== 0) return record.began === 1;
  const told = byFlags(record) || byIcmp(record);
  return told === 0 ? byOrderAndPorts(record, order) : told === 1;
}

/** The flags of all packets of a direction together: only a SYN without any ACK tells its sender from the answerer. */
function byFlags({ protocol, sent, received }: FlowRecord): Order {
  if (protocol !== PROTOCOL.tcp) return 0;
  if (isOpening(sent) !== isOpening(received)) return isOpening(sent) ? 1 : 2;
  // A reset without a SYN answers an opening that was not seen.
  if (received.packets <= 0 && sent.flags > 0 && (sent.flags & (TCP.syn | TCP.rst)) === TCP.rst) return 2;
  return 0;
}

function isOpening({ flags }: Way): boolean {
  return flags > 0 && (flags & (TCP.syn | TCP.ack)) === TCP.syn;
}

function byIcmp({ protocol, icmp }: FlowRecord): Order {
  const type = icmp < 0 ? -1 : icmp >> 8;
  if (ASKS.get(protocol)?.has(type) === true) return 1;
  return ANSWERS.get(protocol)?.has(type) === true ? 2 : 0;
}

function byOrderAndPorts(record: FlowRecord, order: Order): boolean {
  const { protocol, sent, received, sourcePort, destinationPort } = record;
  if (sourcePort < 0 || destinationPort < 0) return order !== 2;
  if (order === 0) return isServiceEnd({ port: destinationPort, other: sourcePort });
  const isWhole = protocol === PROTOCOL.tcp && (sent.flags & received.flags & TCP.syn) !== 0 && sent.flags > 0;
  if (isWhole && received.flags > 0) return order === 1;
  const [from, to] = order === 1 ? [sourcePort, destinationPort] : [destinationPort, sourcePort];
  const isAnswer = (protocol === PROTOCOL.udp ? isAnsweringPort(from) : isServicePort(from)) && !isServicePort(to);
  return isAnswer ? order === 2 : order === 1;
}

function isServiceEnd({ port, other }: { readonly port: number; readonly other: number }): boolean {
  return isServicePort(port) === isServicePort(other) ? port <= other : isServicePort(port);
}
