// Problems as a person reads them: code, place, the line, a caret, what to do. Text only; colour is the caller's affair.

import type { Problem } from '#model';

/** Columns of the source that a frame shows. */
const LINE_MAX = 100;
/** Columns kept before the marked place when a line is cut. */
const LEAD = 40;
const TAB = '  ';

/** One problem, without a line break at its end. */
export function frameProblem(problem: Problem, source: string): string {
  return frameWith(problem, linesOf(source));
}

/** All problems and a closing line; empty for none. Ends with a line break. */
export function frameProblems(problems: readonly Problem[], source: string): string {
  if (problems.length === 0) return '';
  const lines = linesOf(source);
  const frames = problems.map((problem) => `${frameWith(problem, lines)}\n`);
  return `${frames.join('\n')}\n${closing(problems)}\n`;
}

function linesOf(source: string): readonly string[] {
  return source.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
}

function frameWith(problem: Problem, lines: readonly string[]): string {
  const { code, severity, message, place, help } = problem;
  const rows = [`${severity}[${code}]: ${message}`];
  if (place !== null) {
    const path = place.path === '' ? '' : `  (${visible(place.path).slice(0, LINE_MAX)})`;
    rows.push(`  --> ${place.file}:${place.line}:${place.column}${path}`);
    const line = lines[place.line - 1];
    if (line !== undefined) rows.push(...sourceRows(line, place));
  }
  if (help !== null) rows.push(`   help: ${help}`);
  return rows.join('\n');
}

/** The source line, cut to a window around the mark, and the caret line beneath it. */
function sourceRows(line: string, place: { line: number; column: number; length: number }): readonly string[] {
  const number = String(place.line).padStart(4);
  const at = Math.min(place.column - 1, line.length);
  const from = line.length <= LINE_MAX ? 0 : Math.max(0, Math.min(at - LEAD, line.length - LINE_MAX));
  const to = Math.min(line.length, from + LINE_MAX);
  const before = from > 0 ? '…' : '';
  const after = to < line.length ? '…' : '';
  const lead = visible(line.slice(from, at));
  const marked = visible(line.slice(at, Math.min(at + place.length, to)));
  const carets = '^'.repeat(Math.max(1, widthOf(marked)));
  const shown = `${before}${visible(line.slice(from, to))}${after}`;
  return [`${number} | ${shown}`, `${' '.repeat(number.length)} | ${' '.repeat(widthOf(before + lead))}${carets}`];
}

/** Tabs become two columns, other control and direction characters a question mark: a file must not steer the terminal. */
function visible(text: string): string {
  let shown = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\t') shown += TAB;
    else if (
      code < 32 ||
      (code >= 127 && code < 160) ||
      (code >= 0x2028 && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069)
    )
      shown += '?';
    else shown += char;
  }
  return shown;
}

/** Columns of a text: wide East Asian characters take two, combining marks none. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (/\p{Mn}/u.test(char)) continue;
    const isWide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      code >= 0x1f300;
    width += isWide ? 2 : 1;
  }
  return width;
}

function closing(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.length - errors.length;
  const counts = [counted(errors.length, 'error'), counted(warnings, 'warning')]
    .filter((text) => text !== '')
    .join(', ');
  const code = (errors[0] ?? problems[0])?.code ?? '';
  const effect = errors.length > 0 ? ' Nothing was changed.' : '';
  return `${counts}.${effect} Run "picket explain ${code}" to read more.`;
}

function counted(count: number, word: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}
