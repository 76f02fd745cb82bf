// Looks into inputs before they are read: which kind each is, and when its first packet was. Reads no more than the start.

import { detectFormat, detectLog, type LogFormat, TrafficReader } from '#capture';
import { AddressTable, type Instant } from '#model';
import { EXIT } from '../exits.ts';
import { Failure, nameOf } from '../failure.ts';
import type { Source } from './source.ts';

/** An input with what was seen of it: a capture (`log` is null), or a log of some format. */
export interface Looked {
  readonly source: Source;
  readonly log: LogFormat | null;
}

/** Tells captures from logs; throws the failure for an input that is neither. */
export async function look(source: Source): Promise<Looked> {
  const head = await source.head();
  const looked = told(source, head);
  if (looked !== null) return looked;
  if (head.length === 0 && source.gzipFault === null) throw emptyInput(source);
  throw unknownFormat(source, head);
}

/** The same for a file that nobody named: null where it is neither capture nor log. */
export async function lookAside(source: Source): Promise<Looked | null> {
  return told(source, await source.head());
}

function told(source: Source, head: Uint8Array): Looked | null {
  const format = detectFormat(head);
  if (format === 'pcap' || format === 'pcapng' || format === 'snoop') return { source, log: null };
  const log = format === 'empty' ? null : detectLog(head);
  return log === null ? null : { source, log };
}

function emptyInput(source: Source): Failure {
  return new Failure({
    code: 'PICKET-I004',
    exit: EXIT.failed,
    message: `cannot read ${nameOf(source.path)}: it is empty`,
    help: 'a recording without packets still has a header, so this one most likely never began',
  });
}

function unknownFormat(source: Source, head: Uint8Array): Failure {
  const found =
    source.gzipFault === null
      ? `it begins with ${startOf(head)}`
      : `${source.gzipFault.message}, before its format could be told`;
  return new Failure({
    code: 'PICKET-I005',
    exit: EXIT.failed,
    message: `cannot read ${nameOf(source.path)}: its format is not known; ${found}`,
    help: '"picket explain PICKET-I005" lists the captures and logs that are read; "editcap -F pcapng IN OUT" converts most captures',
  });
}

const START_BYTES = 8;

function startOf(head: Uint8Array): string {
  const start = [...head.subarray(0, START_BYTES)];
  return start.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** An input with its first instant: of a log, the end of its first record, because logs are written as things end. */
export interface Timed extends Looked {
  readonly first: Instant;
}

export interface TimedLog extends Timed {
  readonly log: LogFormat;
}

export function isLog(input: Timed): input is TimedLog {
  return input.log !== null;
}

/** Inputs in the order of their first instants; those without any keep their place at the end. */
export async function orderByTime(inputs: readonly Looked[]): Promise<readonly Timed[]> {
  const timed: Timed[] = [];
  for (const input of inputs) timed.push({ ...input, first: inputs.length < 2 ? 0 : await firstInstant(input) });
  return timed.sort((a, b) => a.first - b.first);
}

async function firstInstant({ source, log }: Looked): Promise<Instant> {
  let first: Instant = Number.MAX_SAFE_INTEGER;
  const seen = (at: Instant): void => {
    if (first === Number.MAX_SAFE_INTEGER) first = at;
  };
  const reader = readerFor(log, seen);
  await source.peek((chunk) => {
    reader.push(chunk);
    return first !== Number.MAX_SAFE_INTEGER;
  });
  if (first === Number.MAX_SAFE_INTEGER) reader.end();
  return first;
}

function readerFor(
  log: LogFormat | null,
  seen: (at: Instant) => void,
): { push(chunk: Uint8Array): void; end(): unknown } {
  const addresses = new AddressTable();
  if (log === null)
    return new TrafficReader({ addresses, inspector: null, sink: { frame: (frame) => seen(frame.at) } });
  return log.open({ addresses, sink: { record: ({ ends }) => seen(ends), observe: () => {}, name: () => {} } });
}
