// Rows of named columns in the form asked for: CSV, JSON or a table. Used by every command that prints a table of facts.

import { type Desk, tableWidth } from '../context.ts';
import { csvLine, JsonRows } from './paper.ts';
import { type Column, TablePrinter } from './table.ts';
import { safeText } from './text.ts';

export type Format = 'table' | 'csv' | 'json';
export type Cells = readonly (string | number)[];

export interface RowsOptions {
  readonly format: Format;
  /** Schema and list name of the JSON form. */
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns whose JSON value is a number. */
  readonly numbers: ReadonlySet<string>;
  /** Whether a column `file` comes first: only where there is more than one. */
  readonly hasFile: boolean;
  /** Columns of the table form, over cells by column name. */
  readonly shown: readonly Column<ReadonlyMap<string, string>>[];
}

/** Rows of a table that are laid out together; the next ones go below with the same columns. Bounds what is held. */
const TABLE_PART_ROWS = 1_000;
/** One column less is no surprise; from here on it is said. */
const DROPPED_TOLD = 2;

/** Takes rows file by file; CSV and JSON go out at once, a table when its file is done. */
export class RowPrinter {
  readonly #desk: Desk;
  readonly #options: RowsOptions;
  #json: JsonRows | null = null;
  readonly #dropped = new Set<string>();
  #isOpen = false;

  constructor(desk: Desk, options: RowsOptions) {
    this.#desk = desk;
    this.#options = options;
  }

  print(file: string, rows: Iterable<Cells>): void {
    this.#open();
    switch (this.#options.format) {
      case 'csv':
        for (const cells of rows) this.#csv(this.#options.hasFile ? [file, ...cells] : cells);
        return;
      case 'json':
        for (const cells of rows) this.#json?.row(this.#object(file, cells));
        return;
      case 'table':
        this.#table(file, rows);
    }
  }

  /** Closes the output; `tail` is what JSON says after its rows. */
  end(tail: object): void {
    this.#open();
    this.#json?.end(tail);
    if (this.#dropped.size >= DROPPED_TOLD)
      this.#desk.say(
        `note: ${[...this.#dropped].join(', ')} did not fit into ${tableWidth(this.#desk.io)} characters; --format csv has every column`,
      );
  }

  /** The first words go out only when there is something to say: a refused input prints nothing. */
  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { format, schema, name, columns, hasFile } = this.#options;
    if (format === 'json') this.#json = new JsonRows(this.#desk.paper, { schema }, name);
    if (format === 'csv') this.#csv(hasFile ? ['file', ...columns] : columns);
  }

  #object(file: string, cells: Cells): object {
    const { columns, numbers, hasFile } = this.#options;
    const entries = columns.map((column, at) => [column, jsonValue(cells[at] ?? '', numbers.has(column))]);
    return Object.fromEntries(hasFile ? [['file', file], ...entries] : entries);
  }

  #table(file: string, rows: Iterable<Cells>): void {
    const { columns, hasFile, shown, name } = this.#options;
    const { paper, io } = this.#desk;
    const table = new TablePrinter(shown, tableWidth(io));
    let part: ReadonlyMap<string, string>[] = [];
    let isEmpty = true;
    const flush = (): void => {
      if (isEmpty && hasFile) paper.line(`${safeText(file)}:`);
      isEmpty = false;
      paper.write(table.text(part));
      part = [];
    };
    for (const cells of rows) {
      part.push(new Map(columns.map((column, at) => [column, String(cells[at] ?? '')])));
      if (part.length === TABLE_PART_ROWS) flush();
    }
    if (part.length > 0) flush();
    for (const title of table.dropped) this.#dropped.add(title);
    if (isEmpty) paper.line(hasFile ? `${safeText(file)}: no ${name}` : `no ${name}`);
    if (hasFile) paper.line('');
  }

  #csv(cells: Cells): void {
    this.#desk.paper.exact(`${csvLine(cells)}\n`);
  }
}

function jsonValue(cell: string | number, isNumber: boolean): string | number | null {
  if (!isNumber) return cell;
  return cell === '' ? null : Number(cell);
}

/** A table column that shows a cell as it is. */
export function plain(
  title: string,
  column: string,
  droppedAt: number,
  isRight = false,
): Column<ReadonlyMap<string, string>> {
  return { title, cell: (row) => row.get(column) ?? '', droppedAt, isRight };
}
