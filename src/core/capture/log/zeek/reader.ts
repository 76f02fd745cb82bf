// Reads Zeek logs of every kind in three spellings: TSV, JSON lines, CSV. Flows, names and operations are handed on; what tells none of them is counted.
// Bytes in as chunks, no I/O; gzip is undone by the caller.

import { newObservation } from '#model';
import { csvCells } from '../cells.ts';
import { firstLine, headText } from '../head.ts';
import { LineCutter } from '../lines.ts';
import type { LogEnd, LogOptions, LogReader, LogTells } from '../reader.ts';
import { joinedTells, LogTally, TELLS_NOTHING } from '../tally.ts';
import { microsOfText } from '../values.ts';
import {
  CellFields,
  type Columns,
  columnsOf,
  csvColumns,
  type Fields,
  jsonFields,
  newSpelling,
  takeSpelling,
  tsvCells,
} from './fields.ts';
import { kindOfFields, ZEEK_KINDS } from './kinds.ts';

type ZeekSpelling = 'zeek-tsv' | 'zeek-json' | 'zeek-csv';

const LABEL_NAMES = ['label', 'Label', 'detailed-label', 'detailed_label'] as const;
/** A kind of log is named by a word: what is longer or stranger is no Zeek log's name. */
const KIND = /^[a-zA-Z0-9_-]{1,64}$/;

export class ZeekReader implements LogReader {
  readonly #options: LogOptions;
  readonly #tally = new LogTally();
  readonly #lines = new LineCutter((text) => this.#takeLine(text));
  readonly #observation = newObservation();
  #spelling: ZeekSpelling | '' = '';
  #refusal = '';
  #cellSpelling = newSpelling();
  #cells: CellFields | null = null;
  #kind = '';
  #tells: LogTells = TELLS_NOTHING;
  #fields: Fields = new CellFields(new Map(), newSpelling());

  constructor(options: LogOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): LogEnd {
    const unreadBefore = this.#tally.unread;
    const isCut = this.#lines.end() && this.#tally.unread > unreadBefore;
    return this.#tally.end({ format: this.#spelling, tells: this.#tells, refusal: this.#refusal, isCut });
  }

  #takeLine(raw: string | null): void {
    this.#tally.line++;
    if (this.#refusal !== '') return;
    if (raw === null) {
      this.#tally.reject('the line is longer than 1 MiB');
      return;
    }
    if (raw.trim() === '') return;
    if (this.#spelling === '') this.#begin(raw);
    else this.#readLine(raw);
  }

  #begin(text: string): void {
    const spelling = spellingOf(text);
    if (spelling === null) {
      this.#refusal = `line ${this.#tally.line} is not of a Zeek log; needed: #fields, a JSON object or a CSV header with ts, id.orig_h, id.resp_h and proto`;
      return;
    }
    this.#spelling = spelling;
    if (spelling === 'zeek-csv') this.#setColumns(csvColumns(text) ?? new Map());
    else this.#readLine(text);
  }

  #readLine(text: string): void {
    if (this.#spelling === 'zeek-json') this.#readJson(text);
    else if (this.#spelling === 'zeek-csv') this.#readCsv(text);
    else if (text.startsWith('#')) this.#readHeader(text);
    else if (this.#cells === null)
      this.#refusal = `line ${this.#tally.line} is a record, but no #fields line came before`;
    else this.#readCells(this.#cells, tsvCells(text, this.#cellSpelling));
  }

  #readHeader(text: string): void {
    // The separator itself is set apart by a space, whatever it is.
    const spaced = /^#separator (.+)$/.exec(text);
    if (spaced !== null) {
      // A new head: logs may have been joined.
      this.#cellSpelling = newSpelling();
      this.#kind = '';
      takeSpelling(this.#cellSpelling, '#separator', spaced[1] ?? '');
      return;
    }
    if (text.startsWith('#fields')) this.#cellSpelling.isSpaced = text.includes('   ');
    const [word = '', ...cells] = tsvCells(text, this.#cellSpelling);
    if (takeSpelling(this.#cellSpelling, word, cells[0] ?? '')) return;
    if (word === '#path') this.#kind = KIND.test(cells[0] ?? '') ? (cells[0] ?? '') : '';
    if (word === '#fields') this.#setColumns(columnsOf(cells));
  }

  #setColumns(columns: Columns): void {
    this.#cells = new CellFields(columns, this.#cellSpelling);
    if (this.#kind === '' || this.#spelling === 'zeek-csv') this.#kind = kindOfFields((name) => columns.has(name));
  }

  #readJson(text: string): void {
    const fields = jsonFields(text);
    if (fields === null) {
      this.#tally.reject('the line is no JSON object');
      return;
    }
    const named = fields.text('_path') || fields.text('@stream');
    this.#kind = KIND.test(named) ? named : kindOfFields((name) => fields.has(name));
    this.#readRecord(fields);
  }

  #readCsv(text: string): void {
    const cells = csvCells(text);
    if (cells === null || this.#cells === null) this.#tally.reject('a quote is not closed');
    else this.#readCells(this.#cells, cells);
  }

  #readCells(fields: CellFields, cells: readonly string[]): void {
    if (cells.length >= fields.size) this.#readRecord(fields.take(cells));
    else this.#tally.reject(`the line has ${cells.length} fields; needed ${fields.size}`);
  }

  #readRecord(fields: Fields): void {
    const kind = ZEEK_KINDS.get(this.#kind);
    if (kind === undefined) {
      const named = this.#kind === '' ? 'log of another kind' : `${this.#kind} log`;
      this.#tally.skip(`a Zeek ${named} tells no flows, names or operations`);
      return;
    }
    this.#fields = fields;
    this.#tells = joinedTells(this.#tells, kind.tells);
    const reason = kind.read({
      fields,
      addresses: this.#options.addresses,
      observation: this.#observation,
      sink: this.#options.sink,
      begin: this.#begun,
      skip: this.#skipped,
    });
    if (reason !== null) this.#tally.reject(reason);
  }

  readonly #skipped = (reason: string): void => this.#tally.skip(reason);

  readonly #begun = (): void => {
    const fields = this.#fields;
    this.#tally.begin(this.#options.sink, {
      uid: fields.text('uid'),
      labels: labelsOf(fields),
      ends: this.#observation.at + microsOfText(fields.text('duration')),
      // Written by `picket collect`; Zeek itself has no such field.
      isRefused: fields.text('refused') === 'T',
    });
  };
}

function labelsOf(fields: Fields): readonly string[] {
  return LABEL_NAMES.map((name) => fields.text(name)).filter((text) => text !== '');
}

/** The spelling that the first line of a log shows, or null. */
function spellingOf(line: string): ZeekSpelling | null {
  if (/^#(separator|set_separator|empty_field|unset_field|path|open|fields|types|close)\b/.test(line))
    return 'zeek-tsv';
  if (line.startsWith('{')) {
    const fields = jsonFields(line);
    return fields !== null && isZeekObject(fields) ? 'zeek-json' : null;
  }
  const columns = csvColumns(line);
  return columns?.has('ts') && kindOfFields((name) => columns.has(name)) !== '' ? 'zeek-csv' : null;
}

/** Every Zeek record has a time, and the kind is named or shows. */
function isZeekObject(fields: Fields): boolean {
  if (!fields.has('ts')) return false;
  return (
    fields.has('_path') || fields.has('@stream') || fields.has('uid') || kindOfFields((name) => fields.has(name)) !== ''
  );
}

/** Whether a file that begins with these bytes is a Zeek log of any kind. */
export function isZeekLog(head: Uint8Array): boolean {
  const spelling = spellingOf(firstLine(head));
  if (spelling !== 'zeek-tsv') return spelling !== null;
  return /^#fields\W/m.test(headText(head));
}
