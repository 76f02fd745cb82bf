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
  const cells = columns.map((column) => rows.map((row) => safeText(column.cell(row))));
  const widths = columns.map((column, at) =>
    (cells[at] ?? []).reduce((most, cell) => Math.max(most, lengthOf(cell)), lengthOf(column.title)),
  );
  const kept = keptColumns(columns, widths, width);
  const fitted = fitWidths(kept, widths, width);
  const line = (cell: (at: number) => string): string =>
    kept
      .map((at, place) => pad(cell(at), fitted[place] ?? 0, columns[at]?.isRight === true))
      .join(' '.repeat(GAP))
      .trimEnd();
  const lines = [line((at) => columns[at]?.title ?? '')];
  for (let row = 0; row < rows.length; row++) lines.push(line((at) => cells[at]?.[row] ?? ''));
  return `${lines.join('\n')}\n`;
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
