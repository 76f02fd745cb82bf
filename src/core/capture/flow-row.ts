// One flow as a row of a table, and its line of CSV. Exact: no number passes through a rounded double.

import type { AddressId, AddressTable } from '#model';
import { PROTOCOL } from '#model';

/** One direction of a flow. */
export interface FlowSide {
  readonly address: AddressId;
  /** -1 where the protocol has none. */
  readonly port: number;
  readonly packets: number;
  readonly ipBytes: number;
  readonly frameBytes: number;
  /** All TCP flags seen, low eight bits. */
  readonly tcpFlags: number;
  /** `-` untagged, `|` between stacked tags, `;` between stacks; empty when nothing was sent. */
  readonly vlans: string;
}

/** `a` sent the first packet seen. */
export interface FlowRow {
  /** From 1, in the order of first packets. */
  readonly flow: number;
  readonly ipVersion: 4 | 6;
  readonly protocol: number;
  readonly isLaterFragments: boolean;
  readonly a: FlowSide;
  readonly b: FlowSide;
  readonly addressTextA: string;
  readonly addressTextB: string;
  readonly firstSeconds: number;
  readonly firstNanoseconds: number;
  readonly lastSeconds: number;
  readonly lastNanoseconds: number;
  readonly minFrame: number;
  readonly maxFrame: number;
}

const COLUMNS = [
  'flow',
  'ip_version',
  'proto',
  'addr_a',
  'port_a',
  'addr_b',
  'port_b',
  'later_fragments',
  'first_ts',
  'last_ts',
  'packets_ab',
  'packets_ba',
  'ip_bytes_ab',
  'ip_bytes_ba',
  'frame_bytes_ab',
  'frame_bytes_ba',
  'min_frame',
  'max_frame',
  'tcp_flags_ab',
  'tcp_flags_ba',
  'vlans_ab',
  'vlans_ba',
] as const;

/** The header line, without line end. */
export function flowCsvHeader(): string {
  return COLUMNS.join(',');
}

/** The line of one flow, without line end. No cell can hold a comma or a quote. */
export function flowCsvLine(row: FlowRow): string {
  const { a, b } = row;
  const isTcp = row.protocol === PROTOCOL.tcp;
  const cells = [
    row.flow,
    row.ipVersion,
    row.protocol,
    row.addressTextA,
    portText(a.port),
    row.addressTextB,
    portText(b.port),
    row.isLaterFragments ? 1 : 0,
    secondsText(row.firstSeconds, row.firstNanoseconds),
    secondsText(row.lastSeconds, row.lastNanoseconds),
    a.packets,
    b.packets,
    a.ipBytes,
    b.ipBytes,
    a.frameBytes,
    b.frameBytes,
    row.minFrame,
    row.maxFrame,
    isTcp ? flagsText(a.tcpFlags) : '',
    isTcp ? flagsText(b.tcpFlags) : '',
    a.vlans,
    b.vlans,
  ];
  return cells.join(',');
}

/** Text of an address as the IP version of the flow writes it: an IPv4-mapped one inside IPv6 keeps its prefix. */
export function addressTextOf(addresses: AddressTable, id: AddressId, ipVersion: 4 | 6): string {
  const text = addresses.text(id);
  return ipVersion === 6 && !text.includes(':') ? `::ffff:${text}` : text;
}

function portText(port: number): string {
  return port < 0 ? '' : String(port);
}

function flagsText(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}

/** `seconds.nnnnnnnnn`; nanoseconds always count forward, so times before 1970 borrow a second. */
export function secondsText(seconds: number, nanoseconds: number): string {
  const isNegative = seconds < 0;
  const borrows = isNegative && nanoseconds > 0;
  const whole = isNegative ? -seconds - (borrows ? 1 : 0) : seconds;
  const rest = borrows ? 1_000_000_000 - nanoseconds : nanoseconds;
  return `${isNegative ? '-' : ''}${BigInt(whole)}.${String(rest).padStart(9, '0')}`;
}
