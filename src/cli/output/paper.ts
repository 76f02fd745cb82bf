// Data on its way to stdout: gathered into larger pieces, so that a million rows are not a million writes.

import type { Writer } from '../io.ts';

/** Characters gathered before they are written. */
const PIECE_CHARACTERS = 64 * 1024;

export class Paper {
  readonly #writer: Writer;
  #parts: string[] = [];
  #length = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length >= PIECE_CHARACTERS) this.flush();
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  flush(): void {
    if (this.#length > 0) this.#writer.write(this.#parts.join(''));
    this.#parts = [];
    this.#length = 0;
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

/** One CSV line; a cell with a comma, quote or line break is quoted. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => {
      const text = String(cell);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
