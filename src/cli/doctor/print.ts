// How checks are told: one line each, below it the way out where something is wrong, and a sum at the end.

import { type Desk, tableWidth } from '../context.ts';
import { counted, safeText, wrapLines } from '../output/text.ts';
import type { Checked } from './checked.ts';

const STATE_WIDTH = 6;
const NAME_WIDTH = 17;
const INDENT = STATE_WIDTH + NAME_WIDTH;

export function printChecks({ io, paper }: Pick<Desk, 'io' | 'paper'>, checks: readonly Checked[]): void {
  for (const check of checks) for (const line of linesOf(check, tableWidth(io))) paper.line(line);
  paper.line('');
  paper.line(sumText(checks));
}

export function linesOf({ state, name, code, found, help }: Checked, width: number): readonly string[] {
  const text = state === 'ok' ? found : `${found} [${code}]`;
  const [head = '', ...more] = wrapLines(safeText(text), width - INDENT);
  const way = help === null ? [] : wrapLines(`help: ${safeText(help)}`, width - INDENT);
  const below = [...more, ...way].map((line) => ' '.repeat(INDENT) + line);
  return [state.padEnd(STATE_WIDTH) + name.padEnd(NAME_WIDTH) + head, ...below];
}

export function sumText(checks: readonly Checked[]): string {
  const count = (state: Checked['state']): number => checks.filter((check) => check.state === state).length;
  const parts = [`${count('ok')} ok`, counted(count('warn'), 'warning'), counted(count('fail'), 'failure')];
  return `${parts.join(', ')}. Nothing was changed.`;
}
