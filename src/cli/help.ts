// Lays out the long help of a command: what it does, then examples that work as printed.

export interface Example {
  readonly line: string;
  readonly what: string;
}

/** Text for stricli's `fullDescription`. */
export function description(text: string, examples: readonly Example[]): string {
  const lines = examples.map(({ line, what }) => `  ${line}\n      ${what}`);
  return `${text}\n\nEXAMPLES\n${lines.join('\n')}`;
}
