// Reads Azure's flow logs: of network security groups (versions 1 and 2) and of virtual networks. Records hold flow tuples: short texts with commas.

import { newObservation } from '#model';
import { jsonHead } from '../head.ts';
import { parseObject, propertyOf } from '../json.ts';
import type { LogOptions, LogReader } from '../reader.ts';
import { type LogEnding, LogTally, TELLS_NOTHING } from '../tally.ts';
import { fillTuple } from '../tuple.ts';
import { countOf, instantOfText, shown } from '../values.ts';
import { ObjectLog } from './object-log.ts';
import { FlowsOnce, sideOf } from './once.ts';

const TELLS = Object.freeze({ ...TELLS_NOTHING, flows: true, initiators: true, ipBytes: true });
/** Rules, groups and tuples that are looked at in one record. */
const LIST_MAX = 1_000_000;
const MICROS_PER_MILLI = 1_000;

/** A tuple's texts by what they mean, whichever log it is of. */
interface Tuple {
  readonly at: number | null;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: string;
  readonly destinationPort: string;
  readonly protocol: string;
  readonly way: string;
  readonly isRefused: boolean;
  /** Packets and bytes both ways; null where the tuple has none. */
  readonly counts: readonly string[] | null;
  /** Others of the same flow follow with its counts. */
  readonly isBegin: boolean;
}

class AzureRecords {
  readonly #options: LogOptions;
  readonly #tally: LogTally;
  readonly #once: FlowsOnce;
  readonly #observation = newObservation();
  #hasRecords = false;

  constructor(options: LogOptions, tally: LogTally) {
    this.#options = options;
    this.#tally = tally;
    this.#once = new FlowsOnce(options.sink, tally);
  }

  object(text: string): void {
    this.#hasRecords = true;
    const record = parseObject(text);
    if (record === null) {
      this.#tally.reject('the record is no JSON object');
      return;
    }
    // Where other fields stand before it, the envelope was taken for one record.
    const inner = listAt(record, 'records');
    for (const one of inner.length > 0 ? inner : [record]) this.#record(one);
  }

  #record(record: unknown): void {
    const old = listAt(propertyOf(record, 'properties'), 'flows');
    const groups = listAt(propertyOf(record, 'flowRecords'), 'flows').flatMap((flow) => listAt(flow, 'flowGroups'));
    if (old.length === 0 && groups.length === 0) this.#tally.skip('an Azure record without flows');
    for (const flow of old.flatMap((rule) => listAt(rule, 'flows'))) this.#tuples(flow, tupleOfGroup);
    for (const group of groups) this.#tuples(group, tupleOfNetwork);
  }

  ending(): LogEnding {
    this.#once.flush();
    return { format: this.#hasRecords ? 'azure-flow-log' : '', tells: TELLS };
  }

  #tuples(flow: unknown, read: (cells: readonly string[]) => Tuple): void {
    for (const item of listAt(flow, 'flowTuples')) {
      const cells = typeof item === 'string' ? item.split(',', 32) : [];
      const reason = cells.length < 8 ? 'a flow tuple has fewer than 8 parts' : this.#add(read(cells));
      if (reason !== null) this.#tally.reject(reason);
    }
  }

  #add(tuple: Tuple): string | null {
    const observation = this.#observation;
    const { at, isRefused, way } = tuple;
    if (at === null) return 'a flow tuple begins with no time';
    const reason = fillTuple(observation, tuple, this.#options);
    if (reason !== null) return reason;
    const [packets, bytes, backPackets, backBytes] = (tuple.counts ?? []).map(
      (text) => countOf(text) ?? (text === '' ? 0 : -1),
    );
    const back = { packets: backPackets ?? 0, bytes: backBytes ?? 0 };
    if ([packets, bytes, back.packets, back.bytes].includes(-1))
      return `a flow tuple counts "${shown(String(tuple.counts))}", which are no numbers`;
    // Without counts it is one packet at least, unless they come with a later tuple of the flow.
    const least = tuple.isBegin && !isRefused ? 0 : 1;
    const { source, destination, sourcePort, destinationPort, protocol } = observation;
    this.#once.add({
      ...{ source, destination, sourcePort, destinationPort, protocol, at, back, isRefused },
      line: this.#tally.line,
      ends: at,
      packets: Math.max(packets ?? 0, back.packets > 0 ? 0 : least),
      bytes: bytes ?? 0,
      side: sideOf(way),
      initiator: 1,
    });
    return null;
  }
}

/** time, addresses, ports, T or U, I or O, A or D; version 2: B, C or E, packets and bytes sent, packets and bytes received. */
function tupleOfGroup(cells: readonly string[]): Tuple {
  const [time = '', , , , , letter = '', way = '', decision = '', state] = cells;
  return {
    ...endsOf(cells),
    way,
    at: instantOfText(time),
    protocol: letter === 'T' ? 'tcp' : letter === 'U' ? 'udp' : letter,
    isRefused: decision === 'D',
    counts: state === undefined ? null : cells.slice(9, 13),
    isBegin: state === 'B',
  };
}

/** time in milliseconds, addresses, ports, protocol number, I or O, state (B, C, E, or D for refused), encryption, packets and bytes sent and received. */
function tupleOfNetwork(cells: readonly string[]): Tuple {
  const [time = '', , , , , protocol = '', way = '', state = ''] = cells;
  return {
    ...endsOf(cells),
    protocol,
    way,
    at: /^\d{1,15}$/.test(time) ? Number(time) * MICROS_PER_MILLI : null,
    isRefused: state === 'D',
    counts: cells.slice(9, 13),
    isBegin: state === 'B',
  };
}

/** Addresses and ports stand in the same places in both. */
function endsOf(cells: readonly string[]): Pick<Tuple, 'source' | 'destination' | 'sourcePort' | 'destinationPort'> {
  const [, source = '', destination = '', sourcePort = '', destinationPort = ''] = cells;
  return { source, destination, sourcePort, destinationPort };
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = propertyOf(value, name);
  return Array.isArray(list) ? list.slice(0, LIST_MAX) : [];
}

export function openAzure(options: LogOptions): LogReader {
  const tally = new LogTally('record');
  return new ObjectLog(tally, new AzureRecords(options, tally), 'records');
}

/** Whether a file that begins with these bytes is one of the two logs. */
export function isAzure(head: Uint8Array): boolean {
  const text = jsonHead(head);
  return (
    /"flowTuples"\s*:\s*\[/.test(text) ||
    /"category"\s*:\s*"(NetworkSecurityGroupFlowEvent|FlowLogFlowEvent)"/.test(text)
  );
}
