// What a kind of Zeek log is given to read one record with. Not a kind itself: kinds.ts lists those.

import type { AddressTable, Observation } from '#model';
import type { LogSink, LogTells } from '../reader.ts';
import type { Fields } from './fields.ts';

/** `observation` is reused for the whole log. */
export interface ZeekRecord {
  readonly fields: Fields;
  readonly addresses: AddressTable;
  readonly observation: Observation;
  readonly sink: LogSink;
  /** Counts the record and tells the sink of it: to be called when `observation.at` is known and nothing was handed on yet. */
  readonly begin: () => void;
  /** Counts the record as one that tells nothing, with the reason; instead of `begin`. */
  readonly skip: (reason: string) => void;
}

export interface ZeekKind {
  readonly tells: LogTells;
  /** Hands on what the record tells; the reason why it cannot be read, or null. */
  read(record: ZeekRecord): string | null;
}
