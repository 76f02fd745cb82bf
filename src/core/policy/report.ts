// Collects problems and turns offsets into lines and columns. Not the frame that a person sees: see frame.ts.

import type { Place, Problem } from '#model';
import type { Span } from './tree.ts';
import type { Trouble } from './trouble.ts';

/** More than this many problems help nobody; the rest is counted. */
export const PROBLEMS_MAX = 100;

export interface Where {
  readonly span: Span;
  readonly path: string;
}

export class Report {
  readonly #file: string;
  readonly #lineStarts: readonly number[];
  readonly #errors: Problem[] = [];
  readonly #warnings: Problem[] = [];
  #left = 0;
  #leftErrors = 0;

  constructor(text: string, file: string) {
    this.#file = file;
    this.#lineStarts = lineStartsOf(text);
  }

  get hasErrors(): boolean {
    return this.#errors.length > 0;
  }

  error(trouble: Trouble, where: Where | null): void {
    if (this.#errors.length < PROBLEMS_MAX) this.#errors.push(this.#problem('error', trouble, where));
    else {
      this.#left++;
      this.#leftErrors++;
    }
  }

  warn(trouble: Trouble, where: Where | null): void {
    if (this.#warnings.length < PROBLEMS_MAX) this.#warnings.push(this.#problem('warning', trouble, where));
    else this.#left++;
  }

  /** Errors and warnings in the order of the text, at most `PROBLEMS_MAX`, errors first to stay. */
  problems(): readonly Problem[] {
    const kept = [...this.#errors, ...this.#warnings].slice(0, PROBLEMS_MAX);
    const left = this.#left + this.#errors.length + this.#warnings.length - kept.length;
    const sorted = kept.toSorted((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b));
    if (left === 0) return sorted;
    const severity = this.#leftErrors > 0 ? 'error' : 'warning';
    const help = 'mend these first; the check shows the others then';
    return [...sorted, { code: 'PICKET-P051', severity, message: `and ${left} more problems`, place: null, help }];
  }

  lineAt(offset: number): number {
    return offset < 0 ? 0 : this.#place({ span: { start: offset, end: offset }, path: '' }).line;
  }

  #problem(severity: Problem['severity'], trouble: Trouble, where: Where | null): Problem {
    const { code, help } = trouble;
    const isPlaced = where !== null && where.span.start >= 0;
    const at = where !== null && !isPlaced && where.path !== '' ? ` (${where.path})` : '';
    return { code, severity, message: trouble.trouble + at, place: isPlaced ? this.#place(where) : null, help };
  }

  #place({ span, path }: Where): Place {
    const line = lineIndex(this.#lineStarts, span.start);
    const column = span.start - (this.#lineStarts[line] ?? 0) + 1;
    const nextLine = this.#lineStarts[line + 1] ?? Number.POSITIVE_INFINITY;
    const length = Math.max(1, Math.min(span.end, nextLine - 1) - span.start);
    return { file: this.#file, line: line + 1, column, length, path };
  }
}

function lineOf({ place }: Problem): number {
  return place?.line ?? 0;
}

function columnOf({ place }: Problem): number {
  return place?.column ?? 0;
}

/** Lines end with LF, CRLF or CR, as in YAML. */
function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function lineIndex(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
