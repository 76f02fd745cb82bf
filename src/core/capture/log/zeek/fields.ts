// One record of a Zeek log as "give me the field of this name", from its three spellings: TSV with #fields, JSON, CSV.
// Not the meaning of the fields: kinds.ts and the files it names.

import { csvCells } from '../cells.ts';
import { jsonList, jsonText, objectOf, parseObject, propertyOf } from '../json.ts';

/** Fields of one record by Zeek's own names, with dots: `id.orig_h`. '' and no items where the record has none. */
export interface Fields {
  has(name: string): boolean;
  text(name: string): string;
  list(name: string): readonly string[];
}

/** Columns read of one header line; a conn log has about 25. */
const COLUMNS_MAX = 1_024;
/** Items of a set or vector that are looked at; a DNS message has a few dozen. */
const ITEMS_MAX = 1_024;

/** Columns of a header line, by Zeek's own names whatever the spelling. */
export type Columns = ReadonlyMap<string, number>;

export function columnsOf(names: readonly string[]): Columns {
  return new Map(names.slice(0, COLUMNS_MAX).map((name, at) => [zeekName(name.trim()), at]));
}

/** `id_orig_h` and `id/orig_h` are what some exporters write for `id.orig_h`. */
function zeekName(name: string): string {
  return name.replace(/^id[_/](orig|resp)[_/]([hp])$/, 'id.$1_$2');
}

/** What the `#` lines of a TSV log say of its cells. */
interface Spelling {
  separator: string;
  setSeparator: string;
  emptyField: string;
  unsetField: string;
  /** IoT-23 parts its last three columns by three spaces instead of a tab, in the header as well. */
  isSpaced: boolean;
}

export function newSpelling(): Spelling {
  return { separator: '\t', setSeparator: ',', emptyField: '(empty)', unsetField: '-', isSpaced: false };
}

/** Takes one `#` line into the spelling; false when it is none of those that matter here. */
export function takeSpelling(spelling: Spelling, word: string, value: string): boolean {
  // An empty separator would part every letter; Zeek never writes one.
  if (word === '#separator' && value !== '') spelling.separator = unescaped(value);
  else if (word === '#set_separator' && value !== '') spelling.setSeparator = unescaped(value);
  else if (word === '#empty_field') spelling.emptyField = value;
  else if (word === '#unset_field') spelling.unsetField = value;
  else return false;
  return true;
}

/** Zeek writes separators as `\x09`. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function tsvCells(line: string, { separator, isSpaced }: Spelling): readonly string[] {
  return isSpaced ? line.split(/\t| {3}/) : line.split(separator);
}

/** Reused for every line of one log. */
export class CellFields implements Fields {
  readonly #columns: Columns;
  readonly #spelling: Spelling;
  #cells: readonly string[] = [];

  constructor(columns: Columns, spelling: Spelling) {
    this.#columns = columns;
    this.#spelling = spelling;
  }

  /** Cells needed for a whole line. */
  get size(): number {
    return this.#columns.size;
  }

  take(cells: readonly string[]): this {
    this.#cells = cells;
    return this;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  text(name: string): string {
    const at = this.#columns.get(name);
    const text = at === undefined ? '' : (this.#cells[at] ?? '');
    return text === this.#spelling.unsetField || text === this.#spelling.emptyField ? '' : text;
  }

  list(name: string): readonly string[] {
    const text = this.text(name);
    return text === '' ? [] : text.split(this.#spelling.setSeparator, ITEMS_MAX);
  }
}

/** Fields of a JSON object. */
class JsonFields implements Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(object: object) {
    this.#values = new Map(Object.entries(withEnds(object)).map(([name, value]) => [zeekName(name), value]));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    return jsonText(this.#values.get(name));
  }

  list(name: string): readonly string[] {
    return jsonList(this.#values.get(name), ITEMS_MAX);
  }
}

/** Exporters that take dots for nesting write the ends as one object, `id`. */
function withEnds(object: object): object {
  const ends = objectOf(propertyOf(object, 'id'));
  if (ends === null) return object;
  return { ...object, ...Object.fromEntries(Object.entries(ends).map(([name, value]) => [`id.${name}`, value])) };
}

/** Fields of a JSON line, or null when it is no JSON object. */
export function jsonFields(line: string): JsonFields | null {
  const object = parseObject(line);
  return object === null ? null : new JsonFields(object);
}

/** Columns of a CSV header, or null when a quote is not closed. */
export function csvColumns(line: string): Columns | null {
  const cells = csvCells(line);
  return cells === null ? null : columnsOf(cells);
}
