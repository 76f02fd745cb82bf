// The frame of every reader of line logs: lines are cut and numbered, what is too long is counted, the end is worded. Formats give what is read of one line.

import { LineCutter } from './lines.ts';
import type { LogEnd, LogReader } from './reader.ts';
import type { LogEnding, LogTally } from './tally.ts';

/** What a format does with its lines; none of it throws. */
interface LineFormat {
  /** Takes one line that is not blank. */
  line(text: string): void;
  /** Called once, after the last line. */
  ending(): LogEnding;
}

export class LineLog implements LogReader {
  readonly #tally: LogTally;
  readonly #format: LineFormat;
  readonly #lines = new LineCutter((text) => this.#take(text));

  constructor(tally: LogTally, format: LineFormat) {
    this.#tally = tally;
    this.#format = format;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): LogEnd {
    const unreadBefore = this.#tally.unread;
    const isCut = this.#lines.end() && this.#tally.unread > unreadBefore;
    return this.#tally.end({ ...this.#format.ending(), isCut });
  }

  #take(raw: string | null): void {
    this.#tally.line++;
    if (raw === null) {
      this.#tally.reject('the line is longer than 1 MiB');
      return;
    }
    if (raw.trim() !== '') this.#format.line(raw);
  }
}
