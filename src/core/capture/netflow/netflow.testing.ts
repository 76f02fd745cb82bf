// For tests: hand-made export messages and what is read of them. Not part of the product.

import { AddressTable } from '#model';
import type { LogEnd } from '../log/reader.ts';
import { FlowExportReader } from './reader.ts';

export function be(value: number, length: number): number[] {
  return Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) % 256);
}

/** 2023-11-14T22:13:20Z. */
export const EXPORTED = 1_700_000_000;

/** NetFlow 5: each record is [source, destination, source port, destination port, packets, bytes, first, last, flags, protocol]. */
export type Five = readonly [string, string, number, number, number, number, number, number, number, number];

export function five(
  records: readonly Five[],
  { sequence = 0, uptime = 60_000, sampling = 0, count = records.length } = {},
): number[] {
  const head = [
    ...be(5, 2),
    ...be(count, 2),
    ...be(uptime, 4),
    ...be(EXPORTED, 4),
    ...be(0, 4),
    ...be(sequence, 4),
    0,
    0,
    ...be(sampling, 2),
  ];
  return [...head, ...records.flatMap(fiveRecord)];
}

function fiveRecord([source, destination, sport, dport, packets, bytes, first, last, flags, protocol]: Five): number[] {
  const ends = [...address(source), ...address(destination), ...be(0, 8)];
  const counts = [
    ...be(packets, 4),
    ...be(bytes, 4),
    ...be(first, 4),
    ...be(last, 4),
    ...be(sport, 2),
    ...be(dport, 2),
  ];
  return [...ends, ...counts, 0, flags, protocol, ...be(0, 9)];
}

export function address(text: string): number[] {
  return text.split('.').map(Number);
}

export function set(id: number, ...content: number[]): number[] {
  return [...be(id, 2), ...be(content.length + 4, 2), ...content];
}

export function template(id: number, fields: readonly (readonly number[])[]): number[] {
  const list = fields.flatMap(([element = 0, length = 0, enterprise]) =>
    enterprise === undefined
      ? [...be(element, 2), ...be(length, 2)]
      : [...be(element + 0x8000, 2), ...be(length, 2), ...be(enterprise, 4)],
  );
  return [...be(id, 2), ...be(fields.length, 2), ...list];
}

export function ipfix(sets: readonly number[][], { sequence = 0, domain = 1 } = {}): number[] {
  const body = sets.flat();
  return [...be(10, 2), ...be(16 + body.length, 2), ...be(EXPORTED, 4), ...be(sequence, 4), ...be(domain, 4), ...body];
}

export function nine(sets: readonly number[][], { sequence = 0, domain = 1, uptime = 60_000 } = {}): number[] {
  const head = [
    ...be(9, 2),
    ...be(sets.length, 2),
    ...be(uptime, 4),
    ...be(EXPORTED, 4),
    ...be(sequence, 4),
    ...be(domain, 4),
  ];
  return [...head, ...sets.flat()];
}

/** Addresses, ports, protocol, packets, bytes, start and end in milliseconds. */
export const FIELDS = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [2, 4],
  [1, 4],
  [152, 8],
  [153, 8],
] as const;

export function flowRecord(
  more: { source?: string; destination?: string; from?: number; to?: number; at?: number } = {},
): number[] {
  const { source = '10.0.0.2', destination = '10.0.0.1', from = 40_000, to = 443, at = EXPORTED * 1_000 } = more;
  return [
    ...address(source),
    ...address(destination),
    ...be(from, 2),
    ...be(to, 2),
    6,
    ...be(3, 4),
    ...be(180, 4),
    ...be(at, 8),
    ...be(at + 500, 8),
  ];
}

export interface Read {
  readonly end: LogEnd;
  /** `source port > destination port protocol packets/bytes at+duration initiator` of each observation; times from EXPORTED in milliseconds. */
  readonly flows: readonly string[];
}

export function read(bytes: readonly number[], chunk = bytes.length || 1): Read {
  const addresses = new AddressTable();
  const flows: string[] = [];
  let ends = 0;
  const reader = new FlowExportReader({
    addresses,
    sink: {
      record: (record) => {
        ends = record.ends;
      },
      observe: (one) => {
        const a = `${addresses.text(one.source)}:${one.sourcePort}`;
        const b = `${addresses.text(one.destination)}:${one.destinationPort}`;
        const times = `${one.at / 1_000 - EXPORTED * 1_000}+${(ends - one.at) / 1_000}`;
        flows.push(`${a} > ${b} ${one.protocol} ${one.packets}/${one.bytes} ${times} ${one.initiator}`);
      },
      name: () => {},
    },
  });
  const data = Uint8Array.from(bytes);
  for (let at = 0; at < data.length; at += chunk) reader.push(data.subarray(at, at + chunk));
  return { end: reader.end(), flows };
}
