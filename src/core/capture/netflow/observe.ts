// A joined flow as observations: the initiator's direction, and the responder's when it sent anything; as Zeek's conn records give them.

import { type AddressTable, NO_ADDRESS, type Observation } from '#model';
import { turnRound } from '../log/ends.ts';
import { NO_OPERATIONS } from '../log/facts.ts';
import type { LogSink } from '../log/reader.ts';
import { type FlowRecord, isTold, type Way } from './flow.ts';

interface FlowTarget {
  readonly addresses: AddressTable;
  readonly observation: Observation;
  readonly sink: LogSink;
  /** 1-based number of the flow. */
  readonly number: number;
}

/** Hands on a flow whose source began. */
export function observeFlow(flow: FlowRecord, { addresses, observation, sink, number }: FlowTarget): void {
  const source = addresses.intern(flow.source);
  const destination = addresses.intern(flow.destination);
  if (source === NO_ADDRESS || destination === NO_ADDRESS) return;
  const { at, ends, protocol, sourcePort, destinationPort, sourceMac, destinationMac, isRefused } = flow;
  Object.assign(observation, { at, source, destination, protocol, sourcePort, destinationPort });
  Object.assign(observation, { sourceMac, destinationMac, initiator: 1, application: '', operations: NO_OPERATIONS });
  Object.assign(observation, { packets: packetsOf(flow.sent), bytes: Math.max(0, flow.sent.bytes), packetSize: -1 });
  observation.tcpFlags = flagsOf(flow.sent);
  sink.record?.({ number, line: number, uid: '', labels: [], ends, isRefused });
  sink.observe(observation);
  if (!isTold(flow.received)) return;
  turnRound(observation, { packets: packetsOf(flow.received), bytes: Math.max(0, flow.received.bytes) });
  observation.tcpFlags = flagsOf(flow.received);
  sink.observe(observation);
}

/** Bytes without a count of packets are at least one packet. */
function packetsOf(way: Way): number {
  return way.packets > 0 ? way.packets : way.bytes > 0 ? 1 : 0;
}

/**
 * Flags are the packet's own only where there was one packet. The OR over several (SYN with FIN in every whole connection) is no packet's
 * flags, and would be judged as a malformed one. Zero is what exporters write that do not meter flags.
 */
function flagsOf({ packets, flags }: Way): number {
  return packets === 1 && flags > 0 ? flags : -1;
}
