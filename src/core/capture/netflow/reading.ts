// What the readers of all versions are given to read one message with. Not a reader: message.ts chooses that.

import type { Instant } from '#model';
import type { Exporters } from './exporters.ts';
import type { FlowRecord } from './flow.ts';
import type { ExportTally } from './tally.ts';
import type { WaitingSets } from './waiting.ts';

/** A message with what it is read by. */
export interface Message {
  readonly data: Uint8Array;
  readonly version: number;
  readonly exporter: string;
  readonly exporters: Exporters;
  readonly waiting: WaitingSets;
  readonly tally: ExportTally;
  readonly take: (record: FlowRecord) => void;
  /** When it arrived, by the clock of whoever received it. */
  readonly receivedAt: Instant;
  /** Templates older than this are none. */
  readonly templatesNotBefore: Instant;
}
