// Lays out the long help of a command: what it does, then examples that work as printed.

import { wrapLines } from './output/text.ts';

export interface Example {
  readonly line: string;
  readonly what: string;
}

/** Text for stricli's `fullDescription`. */
export function description(text: string, examples: readonly Example[]): string {
  const lines = examples.map(({ line, what }) => `  ${line}\n      ${what}`);
  return `${wrapLines(text, WIDTH).join('\n')}\n\nEXAMPLES\n${lines.join('\n')}`;
}

const WIDTH = 78;
