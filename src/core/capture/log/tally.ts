// Counts the lines of one log: read, unreadable, left out on purpose; and words how it ended. Bounded, whatever the log holds.

import type { LogEnd, LogProblem, LogRecord, LogSink, LogTells } from './reader.ts';

/** Unreadable lines kept with their reason; the others are only counted. */
const PROBLEMS_MAX = 10;
/** Different reasons for leaving lines out; a reason beyond it is counted under OTHER_REASONS. */
const REASONS_MAX = 100;
const OTHER_REASONS = 'other reasons';

export const TELLS_NOTHING: LogTells = Object.freeze({
  flows: false,
  sizes: false,
  names: false,
  operations: false,
  initiators: false,
  ipBytes: false,
});

/** What one or the other tells. */
export function joinedTells(a: LogTells, b: LogTells): LogTells {
  return {
    flows: a.flows || b.flows,
    sizes: a.sizes || b.sizes,
    names: a.names || b.names,
    operations: a.operations || b.operations,
    initiators: a.initiators || b.initiators,
    ipBytes: a.ipBytes || b.ipBytes,
  };
}

/** What most records do not tell. */
const NO_MORE = Object.freeze({ uid: '', labels: Object.freeze([]), isRefused: false });

/** What a format knows of a record that begins. */
type Begun = Pick<LogRecord, 'ends'> & Partial<Omit<LogRecord, 'number'>>;

/** What the caller of `end` knows beyond the counts. */
export interface LogEnding {
  readonly format: string;
  readonly tells: LogTells;
  /** Why the whole input is not read at all, '' when it is. */
  readonly refusal?: string;
  /** Whether the input ends inside its last record. */
  readonly isCut?: boolean;
}

export class LogTally {
  readonly #unit: string;
  readonly #problems: LogProblem[] = [];
  readonly #skipped = new Map<string, number>();
  /** Lines met so far, blank ones too (or objects, where a log is not made of lines); the reader counts them up. */
  line = 0;
  #records = 0;
  #unread = 0;

  /** What messages number: lines, unless a log is not made of them. */
  constructor(unit = 'line') {
    this.#unit = unit;
  }

  get unread(): number {
    return this.#unread;
  }

  /** Counts one record that was read and tells the sink of it; `line` where it is not the one met last. */
  begin(sink: LogSink, record: Begun): void {
    this.#records++;
    sink.record?.({ ...NO_MORE, number: this.#records, line: this.line, ...record });
  }

  /** Counts one line that cannot be read: the log is damaged. */
  reject(reason: string): void {
    this.#unread++;
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ line: this.line, reason });
  }

  /** Counts one line that is left out on purpose, for instance `a Zeek files log tells no flows`. */
  skip(reason: string, count = 1): void {
    const known = this.#skipped.has(reason) || this.#skipped.size < REASONS_MAX ? reason : OTHER_REASONS;
    this.#skipped.set(known, (this.#skipped.get(known) ?? 0) + count);
  }

  end({ format, tells, refusal = '', isCut = false }: LogEnding): LogEnd {
    const skipped = [...this.#skipped].map(([reason, count]) => ({ reason, count }));
    const counts = {
      format,
      tells,
      records: this.#records,
      unread: this.#unread,
      problems: this.#problems,
      skipped,
      notes: [],
    };
    if (refusal !== '') return { ...counts, kind: 'unknown-format', message: refusal };
    if (format === '') return { ...counts, kind: 'empty', message: 'the log has no lines' };
    if (this.#unread === 0) return { ...counts, kind: 'whole', message: '' };
    return { ...counts, kind: isCut && this.#unread === 1 ? 'cut' : 'damaged', message: this.#unreadText(isCut) };
  }

  #unreadText(isCut: boolean): string {
    const [first] = this.#problems;
    const where = first === undefined ? '' : `; ${this.#unit} ${first.line}: ${first.reason}`;
    if (isCut && this.#unread === 1) return `the log ends inside ${this.#unit} ${this.line}${where}`;
    return `cannot read ${this.#unread} of ${this.#records + this.#unread} records${where}`;
  }
}
