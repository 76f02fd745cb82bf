// Data on its way to stdout: gathered into larger pieces, so that a million rows are not a million writes.

import type { Writer } from '../io.ts';
import { safeLines } from './text.ts';

/** Characters gathered before they are written. */
const PIECE_CHARACTERS = 64 * 1024;

export class Paper {
  readonly #writer: Writer;
  #parts: string[] = [];
  #length = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Text or JSON: what a terminal would obey is escaped, as JSON escapes it. */
  write(text: string): void {
    this.#add(safeLines(text));
  }

  /** Text whose every character is data (CSV, a policy): escaped on a terminal only. */
  exact(text: string): void {
    this.#add(this.#writer.columns === null ? text : safeLines(text));
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  flush(): void {
    const text = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    if (text !== '') this.#writer.write(text);
  }

  #add(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length >= PIECE_CHARACTERS) this.flush();
  }
}

/** Writes `{ …head, "<name>": [ rows ], …tail }`, one row a line, without ever holding the rows together. */
export class JsonRows {
  readonly #paper: Paper;
  #isFirst = true;

  constructor(paper: Paper, head: object, name: string) {
    this.#paper = paper;
    paper.write(`{${members(head, '', ',')}${JSON.stringify(name)}:[`);
  }

  row(value: object): void {
    this.#paper.write(`${this.#isFirst ? '\n' : ',\n'}${JSON.stringify(value)}`);
    this.#isFirst = false;
  }

  end(tail: object): void {
    this.#paper.write(`${this.#isFirst ? ']' : '\n]'}${members(tail, ',', '')}}\n`);
  }
}

/** The members of an object as JSON text without its braces; nothing at all for an empty one. */
function members(value: object, before: string, after: string): string {
  const text = JSON.stringify(value).slice(1, -1);
  return text === '' ? '' : `${before}${text}${after}`;
}

/**
 * Cells that a spreadsheet would run: a formula, or a sign before a call or a command. They get an apostrophe, the spreadsheets' own mark for text.
 * A topic filter such as `+/status` is neither.
 */
const FORMULA = /^(?:[=@\t\r]|[+-].*[(|!])/s;

/** One CSV line; a cell with a comma, quote or line break is quoted. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => {
      const raw = String(cell);
      const text = FORMULA.test(raw) ? `'${raw}` : raw;
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
