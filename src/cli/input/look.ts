// Looks into inputs before they are read: which kind each is, and when its first packet was. Reads no more than the start.

import { detectFormat, detectLog, type LogFormat, TrafficReader } from '#capture';
import { AddressTable, type Instant } from '#model';
import { EXIT } from '../exits.ts';
import { Failure, nameOf } from '../failure.ts';
import type { Source } from './source.ts';

/** An input with what was seen of it: a capture, or a log of some format (null for a capture). */
export interface Looked {
  readonly source: Source;
  readonly log: LogFormat | null;
}

/** Tells captures from logs; throws the failure for an input that is neither. */
export async function look(source: Source): Promise<Looked> {
  const head = await source.head();
  const format = detectFormat(head);
  if (format === 'pcap' || format === 'pcapng') return { source, log: null };
  const log = format === 'empty' ? null : detectLog(head);
  if (log !== null) return { source, log };
  if (format === 'empty' && source.gzipFault === null) throw emptyInput(source);
  throw unknownFormat(source, head);
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
    help: 'pcap, pcapng and Zeek logs are read, each also with gzip; "editcap -F pcapng IN OUT" converts most captures',
  });
}

const START_BYTES = 8;

function startOf(head: Uint8Array): string {
  const start = [...head.subarray(0, START_BYTES)];
  return start.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Inputs in the order of their first packets; those without any keep their place at the end. */
export async function orderByTime(inputs: readonly Looked[]): Promise<readonly Looked[]> {
  if (inputs.length < 2) return inputs;
  const timed = [];
  for (const input of inputs) timed.push({ input, first: await firstInstant(input) });
  return timed.sort((a, b) => a.first - b.first).map(({ input }) => input);
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
  return log.open({ addresses, sink: { observe: ({ at }) => seen(at), name: ({ at }) => seen(at) } });
}
