// What every reader of logs and flow exports offers and tells: bytes as chunks in, observations and facts out, a count of every line at the end.
// Not a reader itself: formats.ts lists those.

import type { AddressTable, Instant, TrafficSink } from '#model';
import type { OperationFact } from '../inspect/index.ts';

/** What is known of a record besides its observations and facts. */
export interface LogRecord {
  /** 1-based number among the records read, and line in the file (the record's number where there are no lines). */
  readonly number: number;
  readonly line: number;
  /** The log's own id of the connection (Zeek's uid, Suricata's flow_id), '' where it has none. */
  readonly uid: string;
  /** Texts of the label columns that the log has, `label` before `detailed-label`; empty when it has none. */
  readonly labels: readonly string[];
  /** Last packet of the record; its first one where the log has no duration. */
  readonly ends: Instant;
  /** A firewall refused what the record tells of: nothing to learn as normal. */
  readonly isRefused: boolean;
}

/** A traffic sink that may also want each record and each operation; `record` comes before the facts and observations of its record. */
export interface LogSink extends TrafficSink {
  record?(record: LogRecord): void;
  operation?(fact: OperationFact): void;
}

/** A line that could not be read. */
export interface LogProblem {
  readonly line: number;
  readonly reason: string;
}

/** Lines that were understood but tell nothing that is asked for, and why; no fault of the log. */
export interface LogSkipped {
  readonly reason: string;
  readonly count: number;
}

/** What the records of a log can tell at all. */
export interface LogTells {
  /** Who spoke to whom, with packets or bytes. */
  readonly flows: boolean;
  /** The size of each packet; a flow record has sums only. */
  readonly sizes: boolean;
  readonly names: boolean;
  readonly operations: boolean;
  /** Who began. */
  readonly initiators: boolean;
  /** Bytes are IP total lengths; else they count frames, 14 bytes a packet more on Ethernet. */
  readonly ipBytes: boolean;
}

/** How a log ended. All records before a fault, and after an unreadable line, have been delivered. */
export interface LogEnd {
  readonly kind: 'whole' | 'cut' | 'damaged' | 'unknown-format' | 'empty';
  /** For instance `zeek-tsv`; '' where it could not be told. */
  readonly format: string;
  readonly records: number;
  /** Lines that could not be read, and the first few of them. */
  readonly unread: number;
  readonly problems: readonly LogProblem[];
  /** Lines left out on purpose, by reason. */
  readonly skipped: readonly LogSkipped[];
  /** What must be known to read the counts right, for instance that packets were sampled. */
  readonly notes: readonly string[];
  readonly tells: LogTells;
  /** What, where, found and needed; '' for a whole log. */
  readonly message: string;
}

/** `end` may be called once, after the last chunk. Neither throws, whatever the bytes. */
export interface LogReader {
  push(chunk: Uint8Array): void;
  end(): LogEnd;
}

export interface LogOptions {
  readonly addresses: AddressTable;
  readonly sink: LogSink;
}

/** One line of the table of formats. */
export interface LogFormat {
  /** What the format is called in messages, for instance `Zeek log`. */
  readonly format: string;
  /** Whether a file that begins with these bytes (up to 64 KiB, unzipped) is of this format. Exact enough that no two formats match one file. */
  matches(head: Uint8Array): boolean;
  open(options: LogOptions): LogReader;
}
