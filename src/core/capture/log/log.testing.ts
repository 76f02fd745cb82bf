// Reads a log made by hand and writes down what came out, in short lines that tests compare. For tests only.

import { AddressTable } from '#model';
import { detectLog } from './formats.ts';
import type { LogEnd, LogRecord } from './reader.ts';

export interface ReadLog {
  /** Observations, names and operations in the order in which they came. */
  readonly seen: readonly string[];
  readonly records: readonly LogRecord[];
  readonly format: string;
  readonly end: LogEnd | null;
}

/** Reads `text` in pieces of `chunk` bytes through the format that it shows. */
export function readLog(text: string | Uint8Array, chunk = 1 << 20): ReadLog {
  const data = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const format = detectLog(data.subarray(0, 65_536));
  const addresses = new AddressTable();
  const seen: string[] = [];
  const records: LogRecord[] = [];
  if (format === null) return { seen, records, format: '', end: null };
  const end = (address: number, port: number): string => `${addresses.text(address)}${port < 0 ? '' : `:${port}`}`;
  const reader = format.open({
    addresses,
    sink: {
      record: (record) => void records.push(record),
      observe: (one) => {
        const ends = `${end(one.source, one.sourcePort)} > ${end(one.destination, one.destinationPort)}`;
        const told = [one.application, one.operations.join(',')].filter((word) => word !== '').join(' ');
        seen.push(`${one.at} ${ends} ${one.protocol} ${one.packets}p ${one.bytes}b i${one.initiator} ${told}`.trim());
      },
      name: ({ kind, at, client, server, port, name, value, address, ttlSeconds }) => {
        const bound = address < 0 ? '' : ` bound ${ttlSeconds}`;
        seen.push(`${at} ${kind} ${addresses.text(client)} > ${end(server, port)} ${name} ${value}`.trim() + bound);
      },
    },
  });
  for (let at = 0; at < data.length; at += chunk) reader.push(data.subarray(at, at + chunk));
  return { seen, records, format: format.format, end: reader.end() };
}

/** Counts of a read log: records, unread, and skipped lines by reason. */
export function countsOf({ end }: ReadLog): object {
  return {
    records: end?.records,
    unread: end?.unread,
    skipped: Object.fromEntries((end?.skipped ?? []).map(({ reason, count }) => [reason, count])),
  };
}
