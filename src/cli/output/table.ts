// Tables for people: columns padded to fit, columns dropped (never rows) where the width does not hold them all.

import { safeText } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly isRight?: boolean;
  /** Columns with a higher number are dropped first; 0 is never dropped, only cut. */
  readonly droppedAt: number;
}

const GAP = 2;
/** A cut cell keeps at least this many characters. */
const CELL_WIDTH_MIN = 6;

/** Lines of the table, title line first, each at most `width` characters. */
export function tableText<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): string {
  return new TablePrinter(columns, width).text(rows);
}

/** A table that is printed in parts: the first decides which columns there are, later ones only widen them. */
export class TablePrinter<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #width: number;
  #widths: readonly number[];
  #kept: readonly number[] | null = null;

  constructor(columns: readonly Column<Row>[], width: number) {
    this.#columns = columns;
    this.#width = width;
    this.#widths = columns.map(({ title }) => lengthOf(title));
  }

  /** The lines of these rows, below the title line when they are the first. */
  text(rows: readonly Row[]): string {
    const cells = this.#columns.map((column) => rows.map((row) => safeText(column.cell(row))));
    this.#widths = this.#widths.map((least, at) =>
      (cells[at] ?? []).reduce((most, cell) => Math.max(most, lengthOf(cell)), least),
    );
    const lines: string[] = [];
    const isFirst = this.#kept === null;
    this.#kept ??= keptColumns(this.#columns, this.#widths, this.#width);
    const fitted = fitWidths(this.#kept, this.#widths, this.#width);
    if (isFirst) lines.push(this.#line(fitted, (at) => this.#columns[at]?.title ?? ''));
    for (let row = 0; row < rows.length; row++) lines.push(this.#line(fitted, (at) => cells[at]?.[row] ?? ''));
    return lines.map((line) => `${line}\n`).join('');
  }

  /** Titles of the columns that the width does not hold; known once rows were laid out. */
  get dropped(): readonly string[] {
    return this.#columns.flatMap(({ title }, at) => (this.#kept?.includes(at) === false ? [title] : []));
  }

  #line(fitted: readonly number[], cell: (at: number) => string): string {
    return (this.#kept ?? [])
      .map((at, place) => pad(cell(at), fitted[place] ?? 0, this.#columns[at]?.isRight === true))
      .join(' '.repeat(GAP))
      .trimEnd();
  }
}

function keptColumns<Row>(columns: readonly Column<Row>[], widths: readonly number[], width: number): number[] {
  let kept = columns.map((_, at) => at);
  const total = (): number => kept.reduce((sum, at) => sum + (widths[at] ?? 0) + GAP, -GAP);
  while (total() > width) {
    const worst = kept.reduce((most, at) => Math.max(most, columns[at]?.droppedAt ?? 0), 0);
    if (worst === 0) break;
    const dropped = kept.findLast((at) => columns[at]?.droppedAt === worst);
    kept = kept.filter((at) => at !== dropped);
  }
  return kept;
}

/** Shortens the widest columns until the line fits or every column is at its least. */
function fitWidths(kept: readonly number[], widths: readonly number[], width: number): number[] {
  const fitted = kept.map((at) => widths[at] ?? 0);
  let excess = fitted.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  while (excess > 0) {
    const widest = fitted.indexOf(Math.max(...fitted));
    const now = fitted[widest] ?? 0;
    if (now <= CELL_WIDTH_MIN) break;
    fitted[widest] = now - 1;
    excess--;
  }
  return fitted;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number, isRight: boolean): string {
  const characters = [...text];
  const cut = characters.length > width ? `${characters.slice(0, Math.max(0, width - 1)).join('')}…` : text;
  const space = ' '.repeat(Math.max(0, width - lengthOf(cut)));
  return isRight ? space + cut : cut + space;
}
