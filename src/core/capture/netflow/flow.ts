// What one exported record tells, and the flow that the records of both directions make. Plain data; who fills it are the decoders.

import { type Instant, NO_MAC, NO_PORT } from '#model';

/** Value of a number that a record does not tell. */
export const UNTOLD = -1;

/** Packets and bytes of one direction; `flags` is the OR of the TCP flags of all of them. */
export interface Way {
  packets: number;
  bytes: number;
  flags: number;
}

/** A record as its exporter wrote it: `sent` goes from source to destination, `received` the other way where one record tells of both. */
export interface FlowRecord {
  /** Canonical text, '' where the record does not tell. Texts, because a table of addresses would grow with every forged one. */
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
  /** First and last packet. */
  at: Instant;
  ends: Instant;
  readonly sent: Way;
  readonly received: Way;
  sourceMac: number;
  destinationMac: number;
  vlan: number;
  /** ICMP type times 256 plus code. */
  icmp: number;
  /** Where the exporter metered: 0 on the way in, 1 on the way out. */
  direction: number;
  /** Who began, by the exporter's own word: 0 unknown, 1 source, 2 destination. */
  began: 0 | 1 | 2;
  /** The device says that it dropped the packets. */
  isRefused: boolean;
  /** One packet of so many was metered; 1 for all of them. */
  sampledOneIn: number;
  /** Who exported it: address of the exporter (or '' in a file) and its source id, engine or observation domain. */
  exporter: string;
  domain: number;
  /** NetFlow 1, 5, 7, 9, or 10 for IPFIX. */
  version: number;
}

export function newFlowRecord(): FlowRecord {
  return {
    source: '',
    destination: '',
    sourcePort: NO_PORT,
    destinationPort: NO_PORT,
    protocol: UNTOLD,
    at: UNTOLD,
    ends: UNTOLD,
    sent: newWay(),
    received: newWay(),
    sourceMac: NO_MAC,
    destinationMac: NO_MAC,
    vlan: UNTOLD,
    icmp: UNTOLD,
    direction: UNTOLD,
    began: 0,
    isRefused: false,
    sampledOneIn: 1,
    exporter: '',
    domain: 0,
    version: 0,
  };
}

export function newWay(): Way {
  return { packets: UNTOLD, bytes: UNTOLD, flags: UNTOLD };
}

/** Turns a record round, so that what was received was sent. */
export function turnedRound(record: FlowRecord): FlowRecord {
  const { source, sourcePort, sourceMac, sent, received, began } = record;
  return {
    ...record,
    source: record.destination,
    sourcePort: record.destinationPort,
    sourceMac: record.destinationMac,
    destination: source,
    destinationPort: sourcePort,
    destinationMac: sourceMac,
    sent: received,
    received: sent,
    began: began === 1 ? 2 : began === 2 ? 1 : 0,
  };
}

/** Whether packets or bytes of a direction are told. */
export function isTold(way: Way): boolean {
  return way.packets > 0 || way.bytes > 0;
}
