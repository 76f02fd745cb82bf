// Rows of named columns in the form asked for: CSV, JSON or a table. Used by every command that prints a table of facts.

import { type Desk, tableWidth } from '../context.ts';
import { csvLine, JsonRows } from './paper.ts';
import { type Column, tableText } from './table.ts';

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

/** Rows of a table that are shown to people; the rest is said in one line. Tables are made for reading, CSV for everything. */
const TABLE_ROWS_MAX = 1_000;

/** Takes rows file by file; CSV and JSON go out at once, a table when its file is done. */
export class RowPrinter {
  readonly #desk: Desk;
  readonly #options: RowsOptions;
  #json: JsonRows | null = null;
  #isOpen = false;

  constructor(desk: Desk, options: RowsOptions) {
    this.#desk = desk;
    this.#options = options;
  }

  print(file: string, rows: Iterable<Cells>): void {
    this.#open();
    switch (this.#options.format) {
      case 'csv':
        for (const cells of rows) this.#desk.paper.line(csvLine(this.#options.hasFile ? [file, ...cells] : cells));
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
  }

  /** The first words go out only when there is something to say: a refused input prints nothing. */
  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { format, schema, name, columns, hasFile } = this.#options;
    if (format === 'json') this.#json = new JsonRows(this.#desk.paper, { schema }, name);
    if (format === 'csv') this.#desk.paper.line(csvLine(hasFile ? ['file', ...columns] : columns));
  }

  #object(file: string, cells: Cells): object {
    const { columns, numbers, hasFile } = this.#options;
    const entries = columns.map((column, at) => [column, jsonValue(cells[at] ?? '', numbers.has(column))]);
    return Object.fromEntries(hasFile ? [['file', file], ...entries] : entries);
  }

  #table(file: string, rows: Iterable<Cells>): void {
    const { columns, hasFile, shown, name } = this.#options;
    const { paper, io } = this.#desk;
    const kept: ReadonlyMap<string, string>[] = [];
    let count = 0;
    for (const cells of rows) {
      count++;
      if (kept.length < TABLE_ROWS_MAX)
        kept.push(new Map(columns.map((column, at) => [column, String(cells[at] ?? '')])));
    }
    if (hasFile) paper.line(`${file}: ${count} ${name}`);
    else if (count === 0) paper.line(`no ${name}`);
    if (count > 0) paper.write(tableText(kept, shown, tableWidth(io)));
    if (count > kept.length) paper.line(`and ${count - kept.length} more; --format csv prints them all`);
    if (hasFile) paper.line('');
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
