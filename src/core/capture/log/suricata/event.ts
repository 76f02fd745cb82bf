// What one type of EVE event is given to be read with. Not a type itself: events.ts lists those.

import type { AddressTable, Instant, Observation } from '#model';
import type { LogSink, LogTells } from '../reader.ts';

/** What one event is read with. `observation` is reused; its ends and time are filled. */
export interface EveRecord {
  /** The object under the event's own type. */
  readonly body: unknown;
  readonly event: object;
  readonly addresses: AddressTable;
  readonly observation: Observation;
  readonly sink: LogSink;
  /** Counts the record, with its last instant (0: the event's own time); before anything is handed on. */
  readonly begin: (ends: Instant) => void;
  /** Counts the event as one that tells nothing; instead of `begin`. */
  readonly skip: (reason: string) => void;
}

export interface EveKind {
  readonly tells: LogTells;
  /** The reason why the event cannot be read, or null. */
  read(record: EveRecord): string | null;
}
