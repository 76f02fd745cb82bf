// Reads Zeek conn logs (TSV, JSON lines, CSV) as flow records: each becomes one observation per direction that sent.
// Not a reader of other logs: those are refused by name. Bytes in as chunks, no I/O; gzip is undone by the caller.

import { type AddressTable, newObservation, type Observation, type TrafficSink } from '#model';
import {
  areConnColumns,
  type Columns,
  columnsOf,
  csvCells,
  type Fields,
  fieldsOfCells,
  formatOfLine,
  jsonFields,
  type LogFormat,
  tsvCells,
} from './log-fields.ts';
import { LineCutter } from './log-lines.ts';
import { fillOriginator, turnToResponder } from './log-record.ts';

/** What is known of a record besides its observations. */
export interface LogRecord {
  /** 1-based number among the records read, and line in the file. */
  readonly number: number;
  readonly line: number;
  /** Zeek's own id of the connection, '' where the log has none. */
  readonly uid: string;
  /** Texts of the label columns that the log has, `label` before `detailed-label`; empty when it has none. */
  readonly labels: readonly string[];
}

/** A traffic sink that may also want to know of each record; `record` comes before the record's observations. */
export interface LogSink extends TrafficSink {
  record?(record: LogRecord): void;
}

/** A line that could not be read. */
export interface LogProblem {
  readonly line: number;
  readonly reason: string;
}

/** How a log ended. All records before a fault, and after an unreadable line, have been delivered. */
export interface LogEnd {
  readonly kind: 'whole' | 'cut' | 'damaged' | 'unknown-format' | 'empty';
  readonly format: LogFormat | '';
  readonly records: number;
  /** Lines that could not be read, and the first few of them. */
  readonly unread: number;
  readonly problems: readonly LogProblem[];
  /** What, where, found and needed; '' for a whole log. */
  readonly message: string;
}

/** Unreadable lines kept with their reason; the others are only counted. */
const PROBLEMS_MAX = 10;
const LABEL_NAMES = ['label', 'Label', 'detailed-label', 'detailed_label'] as const;
const NO_LABELS: readonly string[] = Object.freeze([]);

export class ConnLogReader {
  readonly #addresses: AddressTable;
  readonly #sink: LogSink;
  readonly #lines = new LineCutter((text) => this.#takeLine(text));
  readonly #observation: Observation = newObservation();
  readonly #problems: LogProblem[] = [];
  #format: LogFormat | '' = '';
  #refusal = '';
  #columns: Columns = new Map();
  #line = 0;
  #records = 0;
  #unread = 0;

  constructor(options: { addresses: AddressTable; sink: LogSink }) {
    this.#addresses = options.addresses;
    this.#sink = options.sink;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): LogEnd {
    const unreadBefore = this.#unread;
    const hasOpenLine = this.#lines.end();
    const isCut = hasOpenLine && this.#unread > unreadBefore;
    const counts = { format: this.#format, records: this.#records, unread: this.#unread, problems: this.#problems };
    if (this.#refusal !== '') return { ...counts, kind: 'unknown-format', message: this.#refusal };
    if (this.#format === '') return { ...counts, kind: 'empty', message: 'the log has no lines' };
    if (this.#unread === 0) return { ...counts, kind: 'whole', message: '' };
    return { ...counts, kind: isCut && unreadBefore === 0 ? 'cut' : 'damaged', message: this.#unreadMessage(isCut) };
  }

  #unreadMessage(isCut: boolean): string {
    const [first] = this.#problems;
    const where = first === undefined ? '' : `; line ${first.line}: ${first.reason}`;
    if (isCut && this.#unread === 1) return `the log ends inside line ${this.#line}${where}`;
    return `cannot read ${this.#unread} of ${this.#records + this.#unread} records${where}`;
  }

  #takeLine(raw: string | null): void {
    this.#line++;
    if (this.#refusal !== '') return;
    if (raw === null) {
      this.#reject('the line is longer than 1 MiB');
      return;
    }
    const text = this.#line === 1 ? raw.replace(/^\ufeff/, '') : raw;
    if (text.trim() === '') return;
    if (this.#format === '') this.#begin(text);
    else this.#readLine(text);
  }

  #begin(text: string): void {
    const format = formatOfLine(text);
    if (format === null) {
      this.#refusal = `line ${this.#line} is not of a Zeek conn log; needed: #fields, a JSON object or a CSV header with ts, id.orig_h, id.resp_h and proto`;
      return;
    }
    this.#format = format;
    if (format === 'zeek-csv') this.#columns = columnsOf(csvCells(text) ?? []);
    else this.#readLine(text);
  }

  #readLine(text: string): void {
    if (this.#format === 'zeek-json') this.#readJson(text);
    else if (this.#format === 'zeek-csv') this.#readCsv(text);
    else if (text.startsWith('#')) this.#readHeader(text);
    else if (this.#columns.size === 0)
      this.#refusal = `line ${this.#line} is a record, but no #fields line came before`;
    else this.#readCells(tsvCells(text));
  }

  #readHeader(text: string): void {
    const [word = '', ...cells] = tsvCells(text);
    if (word === '#path' && cells[0] !== 'conn')
      this.#refusal = `line ${this.#line} says that this is a Zeek log of another kind; only conn logs are read`;
    if (word !== '#fields') return;
    this.#columns = columnsOf(cells);
    if (!areConnColumns(this.#columns))
      this.#refusal = `line ${this.#line} lacks fields of a Zeek conn log; needed: ts, id.orig_h, id.resp_h and proto`;
  }

  #readJson(text: string): void {
    const json = jsonFields(text);
    if (json === null) this.#reject('the line is no JSON object');
    else this.#readRecord(json.fields);
  }

  #readCsv(text: string): void {
    const cells = csvCells(text);
    if (cells === null) this.#reject('a quote is not closed');
    else this.#readCells(cells);
  }

  #readCells(cells: readonly string[]): void {
    if (cells.length >= this.#columns.size) this.#readRecord(fieldsOfCells(this.#columns, cells));
    else this.#reject(`the line has ${cells.length} fields; needed ${this.#columns.size}`);
  }

  #readRecord(fields: Fields): void {
    const observation = this.#observation;
    const reason = fillOriginator(fields, this.#addresses, observation);
    if (reason !== null) {
      this.#reject(reason);
      return;
    }
    this.#records++;
    this.#sink.record?.({ number: this.#records, line: this.#line, uid: fields('uid'), labels: labelsOf(fields) });
    this.#sink.observe(observation);
    if (turnToResponder(fields, observation)) this.#sink.observe(observation);
  }

  #reject(reason: string): void {
    this.#unread++;
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ line: this.#line, reason });
  }
}

function labelsOf(fields: Fields): readonly string[] {
  const labels = LABEL_NAMES.map(fields).filter((text) => text !== '');
  return labels.length === 0 ? NO_LABELS : labels;
}
